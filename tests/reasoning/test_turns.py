import contextlib
import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from patience import without_waiting

from cielr.actions import Add, Move, Place, Remove, Resize
from cielr.core.geometry import Box, Mask
from cielr.core.scene import DescribeRequest, DetectRequest, Scene, SceneObject
from cielr.errors import PlanError
from cielr.reasoning.turns import CheckError, TurnError, parse_turn

WIDTH, HEIGHT = 400, 200


def scene_of(*names):
    box = Box(10, 10, 60, 60)
    mask = Mask.from_box(box, HEIGHT, WIDTH)
    things = tuple(SceneObject(id=name, label=name.split("_")[0], box=box, mask=mask) for name in names)
    return Scene(width=WIDTH, height=HEIGHT, objects=things)


SCENE = scene_of("cup_1", "cup_2", "plate_1")
PLAN = {
    "reason": "Asked for.",
    "turn": {"kind": "plan", "actions": [{"kind": "remove", "targets": ["cup_1"]}], "summary": "The cup goes."},
}
REQUESTS = {"reason": "?", "turn": {"kind": "requests", "requests": [{"kind": "detect", "labels": ["kiwi"]}]}}
QUESTION = {"reason": "?", "turn": {"kind": "question", "question": "Which?", "choices": ["left", "right"]}}


def plan_of(*actions):
    said = {"reason": "", "turn": {"kind": "plan", "actions": list(actions), "summary": ""}}
    return parse_turn(json.dumps(said), SCENE).plan


# ------------------------------------------------------------------------------------------------------------ parsing


def test_the_three_turns_are_read():
    assert parse_turn(json.dumps(PLAN), SCENE).plan.actions == (Remove(targets=("cup_1",)),)
    assert parse_turn(json.dumps(REQUESTS), SCENE).requests == (DetectRequest(labels=("kiwi",)),)
    question = parse_turn(json.dumps(QUESTION), SCENE)
    assert (question.question, question.choices) == ("Which?", ("left", "right"))


BARE = json.dumps(PLAN)


@pytest.mark.parametrize(
    "said",
    [
        f"```json\n{BARE}\n```",
        f"```\n{BARE}\n```\nI hope this helps {{smile}}.",
        f"Sure! Here is the plan:\n{BARE}\nTell me if it is wrong.",
        f'A turn has the form {{"reason": "…"}}; mine is {BARE}',
        f"Use {{braces}} like so: {BARE}",
        f'<think>The cup? {{"turn": 1}} Yes.</think>\n{BARE}',
        f"<think>one</think><think>two</think>{BARE}",
        f"a thought without its beginning, with a draft {json.dumps(QUESTION)}</think>{BARE}",
        f"<THINKING>\nhm\n</THINKING>\n```json\n{BARE}\n```",
        BARE.replace('"Asked for."', '"Asked\nfor,\ttwice \x01."'),
        BARE.replace('["cup_1"]', '["cup_1",]').replace('"The cup goes."}', '"The cup goes.",\n }'),
        BARE.replace('"Asked for."', '"It said ,] and ,} and {."'),
        BARE.replace('"Asked for."', '"The label says </think> and {."'),
        BARE.replace('"Asked for."', r'"a \"quoted\" \\ word"'),
        "\ufeff\n\n" + json.dumps(PLAN, indent=4),
    ],
)
def test_what_models_put_around_their_json_is_survived(said):
    assert parse_turn(said, SCENE).plan.actions == (Remove(targets=("cup_1",)),)


DRAFT = BARE.replace("cup_1", "cup_2")
FLAT = {"reason": "Asked for.", **PLAN["turn"]}


@pytest.mark.parametrize(
    "said",
    [
        f"First idea: {DRAFT}\nBut the user said the other one. Final answer:\n{BARE}",
        f"{DRAFT}{BARE}",
        f"[THINK]maybe {DRAFT} no[/THINK]{BARE}",
        f"<seed:think>maybe {DRAFT}</seed:think>{BARE}",
        f"<unused94>thought\nmaybe {DRAFT}<unused95>{BARE}",
        f"We need a plan. Maybe {DRAFT} Hmm no.assistantfinal{BARE}",
        f'{BARE}\nThe form was {{"reason": "…"}}.',
        json.dumps({"response": PLAN}),
        f"[{BARE}]",
        json.dumps(BARE),
        json.dumps({"reason": "r", "turn": json.dumps(PLAN["turn"])}),
        json.dumps(FLAT),
        json.dumps({"reason": None, "turn": PLAN["turn"]}),
        json.dumps({**PLAN, "confidence": 0.9}),
        BARE.replace("cup_1", "Cup_1"),
        BARE.replace("cup_1", "cup 1"),
        BARE.replace('["cup_1"]', '["cup_1", "cup_1", "CUP_1"]'),
        BARE.replace('["cup_1"]', '["cup_1"], "keep": ["cup_1"]'),
    ],
)
def test_the_last_whole_answer_counts_and_its_form_is_tidied(said):
    assert parse_turn(said, SCENE).plan.actions == (Remove(targets=("cup_1",)),)


def test_what_is_both_changed_and_kept_is_told():
    said = BARE.replace('["cup_1"]', '["cup_1"], "keep": ["cup_1", "cup_2"]')
    turn = parse_turn(said, SCENE)
    assert turn.plan.actions[0].keep == ("cup_2",)
    assert "cup_1" in turn.tidied[0]


@pytest.mark.parametrize("cut", range(5, len(BARE) - 1, 9))
def test_a_final_answer_that_is_cut_is_not_replaced_by_its_draft(cut):
    with pytest.raises(TurnError) as raised:
        parse_turn(f"{DRAFT}\nNo, better: {BARE[:-cut]}", SCENE)
    assert raised.value.truncated


def test_texts_that_steer_a_terminal_are_tamed():
    said = BARE.replace("The cup goes.", r"\u001b[31mThe cup\u202e goes.\u0007")
    assert parse_turn(said, SCENE).plan.summary == "[31mThe cup goes."


def test_commas_within_texts_stay():
    said = BARE.replace('"Asked for."', '"a ,] b"').replace('["cup_1"]', '["cup_1", ]')
    assert parse_turn(said, SCENE).reason == "a ,] b"


@pytest.mark.parametrize("length", range(1, len(BARE)))
def test_a_truncated_answer_is_told_as_such_and_never_read_as_a_smaller_one(length):
    with pytest.raises(TurnError) as raised:
        parse_turn(BARE[:length], SCENE)
    assert raised.value.truncated or length < 3


@pytest.mark.parametrize(
    "said",
    [
        "",
        "I cannot do that.",
        "null",
        "[]",
        "42",
        "{}",
        '{"reason": "x"}',
        '{"reason": "x", "turn": null}',
        '{"reason": "x", "turn": {"kind": "order"}}',
        '{"reason": "x", "turn": {"kind": "plan", "actions": []}}',
        '{"reason": "x", "turn": {"kind": "requests", "requests": []}}',
        '{"reason": "x", "turn": {"kind": "plan", "actions": [{"kind": "remove", "targets": []}]}}',
        '{"reason": "x", "turn": {"kind": "plan", "actions": [{"kind": "shoot", "targets": ["cup_1"]}]}}',
        '{"reason": "x", "turn": {"kind": "plan", "actions": [{"kind": "remove", "targets": "cup_1"}]}}',
        BARE.replace('"remove"', '"resize", "scale": NaN'),
        BARE.replace('"remove"', '"resize", "scale": 1e999'),
        BARE.replace('"remove"', '"resize", "scale": -2'),
        '{"reason": "x", "turn": {"kind": "plan", "actions": ["remove cup_1"]}}',
        '{"reason": "x", "turn": {"kind": "requests", "requests": [{"kind": "detect", "labels": [""]}]}}',
        '{"reason": "x", "turn": {"kind": "requests", "requests": [{"kind": "read_file", "path": "/etc/passwd"}]}}',
        "{'reason': 'x'}",
        "<think>I never stop thinking",
    ],
)
def test_anything_else_is_refused(said):
    with pytest.raises(TurnError) as raised:
        parse_turn(said, SCENE)
    assert len(str(raised.value)) < 3000


def test_requests_about_unknown_objects_name_them():
    said = {"reason": "", "turn": {"kind": "requests", "requests": [{"kind": "effects", "object": "dog_7"}]}}
    with pytest.raises(TurnError, match="dog_7"):
        parse_turn(json.dumps(said), SCENE)


def test_places_come_in_thousandths_and_leave_in_pixels_and_shares():
    move, point, add = plan_of(
        {"kind": "move", "targets": ["cup_1"], "to": {"relation": "by", "x": 100, "y": -50}},
        {"kind": "move", "targets": ["cup_2"], "to": {"relation": "at", "x": 500, "y": 1000}},
        {"kind": "add", "what": "a cat", "where": {"relation": "on", "anchors": ["plate_1"]}, "size": None},
    ).actions
    assert isinstance(move, Move)
    assert move.to == Place(relation="by", x=40, y=-10)
    assert point.to == Place(relation="at", x=0.5, y=1.0)
    assert isinstance(add, Add)
    assert add.size is None


def test_what_unbound_models_fill_in_too_much_is_forgiven_and_what_they_leave_out_is_not():
    place = {"relation": "left_of", "anchors": ["plate_1"], "x": 0, "y": 0}
    assert plan_of({"kind": "move", "targets": ["cup_1"], "to": place}).actions[0].to.anchors == ("plate_1",)
    with pytest.raises(TurnError, match="action 1"):
        plan_of({"kind": "move", "targets": ["cup_1"], "to": {"relation": "by", "x": 100}})
    with pytest.raises(TurnError, match="anchors"):
        plan_of({"kind": "move", "targets": ["cup_1"], "to": {"relation": "between", "anchors": ["plate_1"]}})


@pytest.mark.parametrize(
    "said",
    [
        "x" * 50_000_000,
        '{"reason": "' + "x" * 50_000_000 + '"}',
        "[" * 100_000,
        '{"a":' * 33_000,
        '{"reason": "x", "turn": ' + "[" * 100_000 + "]" * 100_000 + "}",
        "<think>" * 28_000,
        "<think>" * 10_000 + "</think>" * 10_000,
        '{"a"}' * 39_000,
        '{"a":1}' * 28_000,
        "{" + " " * 199_000,
        ("{" + " " * 999) * 199,
        '{"a": [' + ", " * 90_000 + "]}",
        '{"a": "' + "\\" * 190_000,
        '{"a": ' + "9" * 190_000 + "}",
    ],
)
def test_hostile_answers_are_refused_before_they_cost_anything(said):
    # what goes back to the start at every brace needs minutes for them
    with without_waiting(60), pytest.raises(TurnError):
        parse_turn(said, SCENE)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=st.sampled_from('{}[]",:\\ \nabrt<>/think0-e.'), max_size=120))
def test_no_text_breaks_the_parser(said):
    with contextlib.suppress(TurnError):
        parse_turn(said, SCENE)


@settings(max_examples=100, deadline=None)
@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.floats(allow_nan=False)
        | st.text(max_size=10)
        | st.sampled_from(["plan", "cup_1"]),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["kind", "targets", "to", "where", "x", "y", "relation", "anchors", "with", "scale"]),
                inner,
            )
        ),
        max_leaves=12,
    )
)
@example({"to": {"relation": []}})
def test_no_json_breaks_the_parser(value):
    for turn in (value, {"kind": "plan", "actions": [value]}, {"kind": "requests", "requests": [value]}):
        with contextlib.suppress(TurnError):
            parse_turn(json.dumps({"reason": "", "turn": turn}), SCENE)


def test_a_scale_and_a_description_are_read():
    assert plan_of({"kind": "resize", "targets": ["cup_1"], "scale": 2}).actions == (
        Resize(targets=("cup_1",), scale=2.0),
    )
    said = {"kind": "describe", "object": "cup_1", "question": "How full?"}
    turn = parse_turn(json.dumps({"reason": "", "turn": {"kind": "requests", "requests": [said]}}), SCENE)
    assert turn.requests == (DescribeRequest(object="cup_1", question="How full?"),)


def test_an_answer_shows_by_a_number_that_the_whole_prompt_was_read():
    said = json.dumps({"check": " Fir-7", **PLAN})
    assert parse_turn(said, SCENE, "fir-7").plan.actions == (Remove(targets=("cup_1",)),)
    flat = json.dumps({"check": "elm-7", **FLAT})
    for text in (said, flat, json.dumps({"response": json.loads(said)}), json.dumps({"check": None, **PLAN})):
        with pytest.raises(CheckError):
            parse_turn(text, SCENE, "fir-4")
    # who was not held to the schema may leave it out
    assert parse_turn(json.dumps(PLAN), SCENE, "fir-4").plan
    assert parse_turn(flat, SCENE).plan == parse_turn(flat, SCENE, "elm-7").plan


def test_what_cannot_be_done_is_said_in_a_sentence():
    said = {"reason": "", "turn": {"kind": "impossible", "why": " The picture as a whole cannot be mirrored. "}}
    assert parse_turn(json.dumps(said), SCENE).why == "The picture as a whole cannot be mirrored."
    said["turn"]["why"] = "  "
    with pytest.raises(TurnError, match="why"):
        parse_turn(json.dumps(said), SCENE)


# ---------------------------------------------------------------------------------------------- what a plan makes

GOAT = {"kind": "replace", "targets": ["cup_1"], "with": "a brown goat", "makes": ["new_1"]}
BELL = {"kind": "add", "what": "a bell", "where": {"relation": "on", "anchors": ["new_1"]}, "makes": ["new_2"]}
GOLDEN = {"kind": "modify", "targets": ["new_2"], "change": "golden"}


def test_what_a_plan_makes_is_named_by_its_label():
    goat, bell, golden = plan_of(GOAT, BELL, GOLDEN).actions
    assert goat.makes == ("goat_1",)
    assert (bell.where.anchors, bell.makes) == (("goat_1",), ("bell_1",))
    assert golden.targets == ("bell_1",)


def test_names_of_things_that_are_there_are_not_taken_again():
    cup = {**GOAT, "with": "a blue cup"}
    more = {"kind": "add", "what": "a cup", "where": {"relation": "at", "x": 500, "y": 500}}
    first, second, kept = plan_of(more, cup, {**GOLDEN, "targets": ["new_1"], "keep": ["new_1", "cup_2"]}).actions
    # the first cup has no name of its own and is cup_3
    assert (first.makes, second.makes, kept.targets, kept.keep) == ((), ("cup_4",), ("cup_4",), ("cup_2",))


@pytest.mark.parametrize("makes", [["new_1"], ["new_1", "new_2", "new_3"], ["new_1", "new_1"], [], ["cup_2"]])
def test_names_that_no_later_action_uses_do_no_harm(makes):
    (action,) = plan_of({**GOAT, "targets": ["cup_1", "cup_2"], "makes": makes}).actions
    assert action.makes == ()


def test_a_name_that_is_used_before_it_is_made_goes_back_in_the_models_own_words():
    plan = plan_of(GOLDEN, GOAT, BELL)
    with pytest.raises(PlanError, match="'new_2', which only action 3 makes"):
        plan.check(SCENE)
    with pytest.raises(PlanError, match="makes 1 and names 2"):
        plan_of({**GOAT, "makes": ["new_1", "new_3"]}, BELL).check(SCENE)
