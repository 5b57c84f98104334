"""Small models: code reads what it can, and asks one small thing at a time."""

import json
import re

import pytest

pytest.importorskip("httpx")
pytest.importorskip("ollama")

from chat_help import short_pauses  # noqa: F401
from llm_server import LLMServer, Say
from scenes import scene_of

from cielr.actions import Modify, Remove, Replace
from cielr.core.scene import SceneUpdate
from cielr.errors import ClarificationNeeded, LLMError
from cielr.reasoning.brief.frames import MEANT, frame_of, plain_words, steps_in
from cielr.reasoning.brief.meaning import Meaning, head_noun, is_many, is_plain
from cielr.reasoning.brief.questions import choice_question, fits_question
from cielr.reasoning.brief.steps import plan_of, steps_schema
from cielr.reasoning.chats.catalogue import chat_from
from cielr.reasoning.chats.protocol import AnswerLimits, count_tokens
from cielr.reasoning.loop import reason_with_llm
from cielr.reasoning.options import ReasonOptions
from cielr.reasoning.prompts import text
from cielr.reasoning.scene_text import plain_scene
from cielr.telling.trace import Trace

FOOD = scene_of(
    800,
    600,
    """
    table_1 20 200 780 590
    bowl_1 60 250 300 420 colour=blue
    apple_1 100 280 150 330 colour=red
    apple_2 180 280 230 330 colour=green
    apple_3 600 300 650 350 colour=red
    guava_1 400 300 450 350 colour=green
    bread_1 480 380 600 450 colour=brown
    """,
)
LIMITS = AnswerLimits(connect=1.0, first=5.0, reading=0, gap=5.0, total=20.0)


def knows(*right, doubt=0.0):
    """A model that says yes to some things, with so much doubt; and chooses the first of them from lists."""

    def answer(body):
        asked = body["messages"][-1]["content"]
        if match := re.search(r"Thing: (.*)\n|points at a (.*) and says", asked):
            fits = (match[1] or match[2]) in right
            yes = 0.5 + (0.45 if fits else -0.45) * (1 - doubt)
            return Say("yes" if yes > 0.5 else "no", first={"yes": yes, "no": 1 - yes})
        listed = re.search(r"List: (.*)\n", asked)[1].split(", ")
        return Say(json.dumps({"is": next(name for name in listed if name in right)}))

    return answer


def run(script, instruction, scene=FOOD, dialect="openai", perception=None, **options):
    """(scene, plan, server)."""
    script = script if isinstance(script, list) else [script]
    with LLMServer(script, parameters=1_500_000_000) as server:
        spec = f"openai/tiny@{server.url}/v1" if dialect == "openai" else f"ollama/tiny@{server.url}"
        chat = chat_from(spec, limits=LIMITS, retries=0)
        asked = ReasonOptions(painter=True, **options)
        try:
            known, plan = reason_with_llm(scene, instruction, chat, perception, options=asked)
        finally:
            assert server.settles()
        return known, plan, server


# ------------------------------------------------------------------------------------------------- what code can read


@pytest.mark.parametrize(
    ("said", "shown", "what"),
    [
        ("make whatever tells the time golden", f"make {MEANT} golden", "whatever tells the time"),
        ("Could you please remove what protects your eyes?", f"remove {MEANT}", "what protects your eyes"),
        ("hide what I'd boil water for tea in", f"remove {MEANT}", "what i'd boil water for tea in"),
        ("the birds that like to swim should go", f"remove {MEANT}", "the birds that like to swim"),
        ("replace man's best friend with a fox", f"replace {MEANT} with a fox", "man's best friend"),
        ("swap the thing people watch films on for an oil painting", f"replace {MEANT} with an oil painting", None),
        ("darken the thing that keeps food cold by 40%", f"darken {MEANT} by 40%", "the thing that keeps food cold"),
        ("throw out everything one can eat", f"remove {MEANT}", "everything one can eat"),
    ],
)
def test_what_stands_around_what_is_meant_is_read_by_code(said, shown, what):
    frame = frame_of(FOOD, plain_words(said.rstrip("?")))
    assert frame.shown == shown
    assert what is None or frame.what == what


def test_an_instruction_is_cut_into_steps_where_a_verb_follows():
    said = "lose the vase and both books, paint the barn white and then put the kettle on the stove"
    assert steps_in(plain_words(said)) == [
        "lose the vase and both books",
        "paint the barn white",
        "put the kettle on the stove",
    ]


@pytest.mark.parametrize(
    ("words", "many", "noun", "plain"),
    [
        ("the animals that give us wool", True, "animal", False),
        ("everything one can eat", True, "everything", False),
        ("what gives shade", False, "", False),
        ("whatever tells the time", False, "", False),
        ("man's best friend", False, "friend", False),
        ("the jar with what bees make", False, "jar", False),
        ("the elephant", False, "elephant", True),
        ("parking meters", True, "meter", True),
    ],
)
def test_how_many_things_and_of_what_kind_is_read_off_the_words(words, many, noun, plain):
    assert is_many(words) is many
    assert not noun or head_noun(words) == noun
    assert is_plain(words) is plain


def test_what_the_grammar_understands_costs_no_question():
    _, plan, server = run(knows(), "remove the bread")
    assert plan.actions[0].objects == ("bread_1",)
    assert not server.chats


def test_all_but_those_in_a_place_are_found_by_code():
    _, plan, server = run(knows(), "remove all apples that are not in the bowl")
    assert [set(action.objects) for action in plan.actions] == [{"apple_3"}]
    assert not server.chats


def test_what_fits_several_things_is_asked_for_without_the_model():
    with pytest.raises(ClarificationNeeded) as raised:
        run(knows("apple"), "remove the apple")
    assert set(raised.value.choices) == {"apple_1", "apple_2", "apple_3"}


# ------------------------------------------------------------------------------------------------ what knowledge tells


@pytest.mark.parametrize("dialect", ["openai", "ollama"])
def test_knowledge_is_asked_for_thing_by_thing(dialect):
    instruction = "replace the food with the most vitamin C with an orange"
    _, plan, server = run(knows("guava"), instruction, dialect=dialect)
    (action,) = plan.actions
    assert isinstance(action, Replace)
    assert (action.targets, action.with_) == (("guava_1",), "an orange")
    kinds = {thing.label for thing in FOOD.objects}
    assert len(server.chats) == len(kinds)
    for asked in server.chats:
        assert "apple_1" not in json.dumps(asked["messages"])
        assert (asked.get("max_tokens") or asked["options"]["num_predict"]) == 1
    # all but the last line is the same, and comes from the server's cache
    heads = {json.dumps(asked["messages"][:-1]) for asked in server.chats}
    assert len(heads) == 1


def test_all_of_a_kind_are_taken_where_many_are_asked_for():
    _, plan, _ = run(knows("apple"), "make the fruits that keep the doctor away blue")
    (action,) = plan.actions
    assert isinstance(action, Modify)
    assert set(action.targets) == {"apple_1", "apple_2", "apple_3"}


def test_things_that_stay_close_are_a_question_to_the_user():
    with pytest.raises(ClarificationNeeded) as raised:
        run(knows("guava", "bread", doubt=0.9), "remove what is the healthiest")
    assert {"guava", "bread"} <= set(raised.value.choices)


def test_places_are_no_matter_of_knowledge():
    row = scene_of(
        600, 200, "bowl_1 10 50 90 150\nfork_1 200 50 290 150\nbread_1 400 50 500 150\nlamp_1 530 20 580 190"
    )
    _, plan, server = run(knows("lamp"), "get rid of what lies between the bowl and the bread", row)
    assert plan.actions[0].objects == ("fork_1",)
    assert not server.chats


@pytest.mark.parametrize("said", ["change the colour of the bread", "recolour the bread"])
def test_a_colour_that_is_not_named_is_asked_for(said):
    with pytest.raises(ClarificationNeeded, match="Which colour"):
        run(knows("bread"), said)


def test_who_assumes_is_asked_nothing():
    _, plan, _ = run(knows("guava", "bread"), "remove what is the healthiest", assume=True)
    assert plan.actions[0].objects[0] in ("guava_1", "bread_1")


def test_without_probabilities_two_of_three_orders_of_the_list_decide():
    def silent(body):
        known = knows("guava")(body)
        return Say(known.text) if "List:" in body["messages"][-1]["content"] else Say(known.text, first=None)

    _, plan, server = run(silent, "remove what is rich in vitamin C")
    assert plan.actions == (Remove(targets=("guava_1",), reason=plan.actions[0].reason),)
    lists = [asked for asked in server.chats if "List:" in asked["messages"][-1]["content"]]
    assert len(lists) == 2

    def first_of_the_list(body):
        listed = re.search(r"List: (.*)\n", body["messages"][-1]["content"])
        return Say(json.dumps({"is": listed[1].split(", ")[0]})) if listed else Say("maybe")

    with pytest.raises(ClarificationNeeded):
        run(first_of_the_list, "remove what is rich in vitamin C")


def test_things_of_one_kind_are_told_apart_by_a_closer_look():
    jars = scene_of(600, 200, "\n".join(f"jar_{n} {100 * n} 50 {100 * n + 60} 150" for n in (1, 2, 3)))
    contents = {"jar_1": "rice", "jar_2": "honey", "jar_3": "salt"}

    class Eyes:
        def answer(self, scene, request):
            return SceneUpdate(request=request, answer=contents[request.object], source="eyes")

    _, plan, _ = run(knows("jar: honey"), "remove the jar with what bees make", jars, perception=Eyes())
    assert plan.actions[0].objects == ("jar_2",)
    with pytest.raises(ClarificationNeeded):
        run(knows("jar"), "remove the jar with what bees make", jars)


def test_what_is_plainly_named_and_missing_is_looked_for_and_then_asked_about():
    class Eyes:
        def __init__(self, finds):
            self.finds, self.asked = finds, []

        def answer(self, scene, request):
            self.asked += request.labels
            found = scene_of(800, 600, "elephant_1 700 100 780 190").objects if self.finds else ()
            return SceneUpdate(request=request, added=found, absent=() if found else request.labels, source="eyes")

    eyes = Eyes(True)
    known, plan, server = run(knows(), "remove the elephant", perception=eyes)
    assert plan.actions[0].objects == ("elephant_1",)
    assert known.get("elephant_1") is not None
    assert eyes.asked == ["elephant"]
    assert not server.chats
    with pytest.raises(ClarificationNeeded, match="no elephant"):
        run(knows(), "remove the elephant", perception=Eyes(False))


# ------------------------------------------------------------------------------------------------ all else, by a vote

RIDDLE = "Die gute Frucht darf gern verschwinden"


def says(*steps, meant="the guava"):
    return Say(
        json.dumps({"meant": meant, "steps": [dict(zip(("do", "to", "words"), step, strict=True)) for step in steps]})
    )


def test_what_has_no_known_form_is_put_to_the_model_twice():
    _, plan, server = run([says(("remove", ["guava_1"], ""))], RIDDLE)
    assert plan.actions[0].objects == ("guava_1",)
    assert len(server.chats) == 2
    shown = [asked["messages"][-1]["content"] for asked in server.chats]
    assert shown[0] != shown[1]


def test_what_a_model_says_by_chance_leaves_no_edit_behind():
    def first_id(body):
        ids = body["response_format"]["json_schema"]["schema"]["properties"]["steps"]["items"]["properties"]["to"]
        return says(("remove", [ids["items"]["enum"][0]], ""))

    with pytest.raises(ClarificationNeeded):
        run(first_id, RIDDLE)


@pytest.mark.parametrize(
    "said", ["", "I would", '{"steps": []}', '{"steps": [{"do": "shoot", "to": [], "words": ""}]}']
)
def test_answers_that_cannot_be_used_end_in_an_error_after_a_few_tries(said):
    with LLMServer([Say(said)]) as server:
        chat = chat_from(f"openai/tiny@{server.url}/v1", limits=LIMITS)
        with pytest.raises(LLMError, match="no usable plan") as raised:
            reason_with_llm(FOOD, RIDDLE, chat, options=ReasonOptions(prompt="brief"))
        assert raised.value.problems
        assert len(server.chats) == 5


@pytest.mark.parametrize(
    ("step", "kind", "objects"),
    [
        (("remove", ["guava_1", "guava_1"], ""), "remove", ("guava_1",)),
        (("replace", ["Guava_1"], "a pear"), "replace", ("guava_1",)),
        (("change", ["guava_1"], "dark red"), "modify", ("guava_1",)),
        (("change", ["guava_1"], "made of glass"), "modify", ("guava_1",)),
        (("resize", ["guava_1"], "bigger"), "resize", ("guava_1",)),
        (("move", ["guava_1"], "to the left of bread_1"), "move", ("guava_1",)),
        (("background", ["picture"], "a beach"), "background", ()),
        (("whole picture", ["picture"], "an oil painting"), "global", ()),
    ],
)
def test_every_kind_of_step_becomes_an_action(step, kind, objects):
    (action,) = plan_of(says(step).text, FOOD).actions
    assert (action.kind, action.objects) == (kind, objects)


def test_a_step_that_asks_is_a_question_to_the_user():
    with pytest.raises(ClarificationNeeded, match="Which apple"):
        plan_of(says(("ask", ["picture"], "Which apple?")).text, FOOD)


# ------------------------------------------------------------------------------------------------ sizes and schemas


def bounded(schema):
    """Whether every list and every text in a schema has an end."""
    if schema.get("type") == "array":
        return schema.get("maxItems", 0) > 0 and schema.get("minItems", 0) > 0 and bounded(schema["items"])
    if schema.get("type") == "string":
        return "enum" in schema or schema.get("maxLength", 0) > 0
    return all(bounded(inner) for inner in schema.get("properties", {}).values())


def test_no_answer_can_loop():
    assert bounded(steps_schema(FOOD.ids))
    assert bounded(choice_question("what", ["a", "b"])[1])


def test_the_examples_follow_the_schema_and_the_last_one_is_an_ordinary_plan():
    turns = text("brief").split("\n\n---\n\n")[1:]
    assert len(turns) == 4
    for turn in turns:
        asked, answer = turn.rsplit("\n=> ", 1)
        ids = re.findall(r"^(\w+_\d+):", asked, re.MULTILINE)
        said = json.loads(answer)
        step = steps_schema(ids)["properties"]["steps"]["items"]["properties"]
        assert list(said) == ["meant", "steps"]
        for each in said["steps"]:
            assert list(each) == list(step)
            assert each["do"] in step["do"]["enum"]
            assert set(each["to"]) <= set(step["to"]["items"]["enum"])
    assert said["steps"][0]["do"] == "replace"


def test_a_question_about_twelve_things_takes_fewer_than_1300_tokens():
    things = "\n".join(f"cup_{n} {60 * n} 100 {60 * n + 40} 160 colour=red" for n in range(1, 13))
    scene = scene_of(900, 400, things)
    # `count_tokens` guesses high: real tokenizers make 0.6 to 0.8 of it
    assert count_tokens(text("brief").split("---")[0]) < 900
    whole = "\n".join([text("brief"), plain_scene(scene, scene.objects)])
    assert 0.75 * count_tokens(whole) < 1300
    assert sum(count_tokens(message["content"]) for message in fits_question("what gives shade", "parasol")) < 250


def test_coordinates_are_told_only_where_places_are_spoken_of():
    assert "at 531,541" not in plain_scene(FOOD, FOOD.objects)
    assert "guava_1: guava, green, at 531,542" in plain_scene(FOOD, FOOD.objects, places=True)


# --------------------------------------------------------------------------------------------------- which way is taken


@pytest.mark.parametrize(
    ("parameters", "prompt", "brief"),
    [(1.5e9, "auto", True), (8e9, "auto", False), (8e9, "brief", True), (1e9, "full", False)],
)
def test_small_models_are_asked_briefly(parameters, prompt, brief):
    plan = {
        "reason": ".",
        "turn": {"kind": "plan", "actions": [{"kind": "remove", "targets": ["guava_1"]}], "summary": ""},
    }

    def either(body):
        whole = "You plan edits" in body["messages"][0]["content"]
        return Say(json.dumps(plan)) if whole else knows("guava")(body)

    with LLMServer([either], parameters=int(parameters)) as server:
        chat = chat_from(f"openai/tiny@{server.url}/v1", limits=LIMITS)
        reason_with_llm(FOOD, "remove what is rich in vitamin C", chat, options=ReasonOptions(prompt=prompt))
        assert (len(server.chats) > 1) is brief


def test_what_was_weighed_is_in_the_trace():
    trace = Trace()
    with trace.step("reason") as step, LLMServer([knows("guava")]) as server:
        chat = chat_from(f"openai/tiny@{server.url}/v1", limits=LIMITS)
        options = ReasonOptions(prompt="brief")
        reason_with_llm(FOOD, "remove what is rich in vitamin C", chat, options=options, step=step)
    weighed = [note for note in step.notes if note.kind == "weighed"]
    assert any("guava" in note.text and "'yes': 0.95" in note.text for note in weighed)
    assert weighed[0].data["prompt_tokens"] > 0
    assert "understood" in [note.kind for note in step.notes]


def test_meaning_needs_no_model_for_what_can_be_read():
    meant = Meaning(FOOD, asker=None).of("the red apples")
    assert set(meant.ids) == {"apple_1", "apple_3"}
