"""The schema of what a language model may say, and the prompt and examples that go with it."""

import json
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cielr.actions import KINDS, Action
from cielr.core.geometry import Box, Mask
from cielr.core.place_relations import RELATIONS
from cielr.core.scene import Scene, SceneObject
from cielr.reasoning.chats.openai_wire import without_bounds
from cielr.reasoning.chats.protocol import count_tokens
from cielr.reasoning.prompts import CODES, IN_EXAMPLES, system_text, text
from cielr.reasoning.turn_schema import LONGEST, new_names, turn_schema
from cielr.reasoning.turns import TurnError, parse_turn

WIDTH, HEIGHT = 400, 200


def scene_of(*names):
    box = Box(10, 10, 60, 60)
    mask = Mask.from_box(box, HEIGHT, WIDTH)
    things = tuple(SceneObject(id=name, label=name.split("_")[0], box=box, mask=mask) for name in names)
    return Scene(width=WIDTH, height=HEIGHT, objects=things)


SCENE = scene_of("cup_1", "cup_2", "plate_1")

# ------------------------------------------------------------------------------------------------------------- schema


def walk(schema):
    yield schema
    for value in schema.values():
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, dict):
                yield from walk(inner)


BOUNDS = {"maxLength", "maxItems", "minItems"}
ENFORCED = {"type", "properties", "required", "additionalProperties", "items", "anyOf", "enum", "$ref", "$defs"}


def names_in(schema):
    """Keywords of a schema; names of properties are none."""
    if "properties" in schema:
        yield from (key for key in schema)
        for inner in [*schema["properties"].values(), *schema.get("$defs", {}).values()]:
            yield from names_in(inner)
        return
    yield from schema
    for inner in [schema.get("items"), *schema.get("anyOf", [])]:
        if isinstance(inner, dict):
            yield from names_in(inner)


@pytest.mark.parametrize("scene", [SCENE, scene_of()])
def test_the_schema_uses_only_what_grammars_enforce(scene):
    schema = turn_schema(scene)
    assert set(names_in(schema)) <= ENFORCED | BOUNDS
    assert set(names_in(without_bounds(schema))) <= ENFORCED
    for part in walk(schema):
        if part.get("type") == "object" and "properties" in part:
            # hosted servers want every property required and none besides
            assert part["required"] == list(part["properties"])
            assert part["additionalProperties"] is False
        if "$ref" in part:
            assert list(part) == ["$ref"]
            assert part["$ref"].removeprefix("#/$defs/") in schema["$defs"]
    assert schema["type"] == "object"


@pytest.mark.parametrize("scene", [SCENE, scene_of()])
def test_every_array_and_text_has_an_end(scene):
    for part in walk(turn_schema(scene)):
        if part.get("type") == "array":
            assert 1 <= part["maxItems"] <= 20
        if part.get("type") == "string":
            assert "enum" in part or part["maxLength"] <= LONGEST


def test_ids_stand_in_the_schema_once_and_only_those_of_the_scene():
    schema = turn_schema(SCENE)
    assert schema["$defs"]["id"]["enum"] == ["cup_1", "cup_2", "plate_1"]
    assert json.dumps(schema).count("plate_1") == 1


def test_what_a_plan_makes_can_be_named_by_its_later_actions_and_by_no_request():
    schema = turn_schema(SCENE)
    assert schema["$defs"]["new"]["enum"][:2] == ["new_1", "new_2"]
    schemas = {
        part["properties"]["kind"]["enum"][0]: part["properties"]
        for part in walk(schema)
        if "kind" in part.get("properties", {})
    }
    makers = {kind for kind, fields in schemas.items() if "makes" in fields}
    assert makers == {"add", "replace", "duplicate"}
    assert conforms(["cup_1", "new_1"], schemas["modify"]["targets"], schema["$defs"])
    assert not conforms("new_1", schemas["describe"]["object"], schema["$defs"])
    assert not conforms(["new_1"], schemas["relate"]["objects"], schema["$defs"])


def test_names_of_the_scene_are_not_given_again():
    assert new_names(scene_of("cup_1", "new_2"))[:3] == ["new_1", "new_3", "new_4"]


def kinds(schema):
    turn = schema["properties"]["turn"]
    return [option["properties"]["kind"]["enum"][0] for option in turn.get("anyOf", [turn])]


def test_only_what_is_allowed_can_be_said():
    assert kinds(turn_schema(SCENE)) == ["requests", "plan", "question", "impossible"]
    assert kinds(turn_schema(SCENE, allow=("plan",))) == ["plan"]
    assert kinds(turn_schema(SCENE, requests=())) == ["plan", "question", "impossible"]
    said = json.dumps(turn_schema(SCENE, requests=("describe",)))
    assert '"detect"' not in said
    with pytest.raises(ValueError, match="allow something"):
        turn_schema(SCENE, allow=())


def test_an_empty_scene_offers_only_what_needs_no_object():
    schema = turn_schema(scene_of())
    said = json.dumps(schema)
    for kind in ("detect", "background", "add"):
        assert f'"{kind}"' in said
    assert '"remove"' not in said
    assert set(schema["$defs"]) == {"text", "new"}


def sample(schema, defs, draw):
    """A value that the schema allows."""
    if "$ref" in schema:
        return sample(defs[schema["$ref"].removeprefix("#/$defs/")], defs, draw)
    if "anyOf" in schema:
        return sample(draw(st.sampled_from(schema["anyOf"])), defs, draw)
    if "enum" in schema:
        return draw(st.sampled_from(schema["enum"]))
    kind = schema["type"]
    if kind == "object":
        return {name: sample(inner, defs, draw) for name, inner in schema["properties"].items()}
    if kind == "array":
        least = schema.get("minItems", 0)
        count = draw(st.integers(least, min(schema["maxItems"], max(2, least))))
        return [sample(schema["items"], defs, draw) for _ in range(count)]
    if kind == "number":
        return draw(st.sampled_from([0.5, 1, 2, 100, 500]))
    return None if kind == "null" else "some words"


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_whatever_the_schema_allows_is_read_or_refused_with_a_reason(data):
    schema = turn_schema(SCENE)
    value = sample(schema, schema["$defs"], data.draw)
    refusal = ""
    try:
        assert parse_turn(json.dumps(value), SCENE).kind == value["turn"]["kind"]
    except TurnError as error:
        refusal = str(error)
    # how large a number, and what stands in a list twice, is beyond a grammar
    beyond = ("between 0 and 1", "equal to", "items at", "other than 0")
    assert not refusal or any(words in refusal for words in beyond)


# ------------------------------------------------------------------------------------------------------------ prompts


def conforms(value, schema, defs):
    """Whether a value is one that the schema allows; the keywords in ENFORCED and BOUNDS suffice."""
    if "$ref" in schema:
        return conforms(value, defs[schema["$ref"].removeprefix("#/$defs/")], defs)
    if "anyOf" in schema:
        return any(conforms(value, option, defs) for option in schema["anyOf"])
    if "enum" in schema:
        return value in schema["enum"]
    if schema["type"] == "object":
        inner = schema["properties"]
        # grammars fix the order too
        return (
            isinstance(value, dict)
            and list(value) == list(inner)
            and all(conforms(value[name], inner[name], defs) for name in inner)
        )
    if schema["type"] == "array":
        fits = isinstance(value, list) and schema.get("minItems", 0) <= len(value) <= schema["maxItems"]
        return fits and all(conforms(item, schema["items"], defs) for item in value)
    if schema["type"] == "string":
        return isinstance(value, str) and len(value) <= schema["maxLength"]
    return isinstance(value, {"number": (int, float), "null": type(None)}[schema["type"]])


def examples():
    """(scene's code, scene's ids so far, answer) of each answer in the worked examples."""
    code, ids = "", []
    for line in text("examples").split("\n"):
        if line == "<scene>":
            ids = []
        elif line.startswith("code "):
            code = line.split(";")[0].removeprefix("code ")
        elif " at " in line and " size " in line:
            ids.append(line.split()[0])
        elif line.startswith("{"):
            yield code, list(ids), line


def test_every_worked_example_is_an_answer_that_would_be_accepted():
    turns = []
    for code, ids, answer in examples():
        scene = scene_of(*ids)
        turns.append(parse_turn(answer, scene, CODES[code]))
        if turns[-1].kind == "plan":
            turns[-1].plan.check(scene)
        schema = turn_schema(scene)
        assert conforms(json.loads(answer), schema, schema["$defs"]), answer
        assert code in IN_EXAMPLES
    assert [turn.kind for turn in turns] == ["plan", "requests", "plan", "plan"]
    # a small model does what it was shown last
    assert [action.kind for action in turns[-1].plan.actions] == ["remove"]


def test_an_example_shows_how_a_plan_speaks_of_what_it_makes():
    _, ids, answer = next(examples())
    made = parse_turn(answer, scene_of(*ids)).plan.actions[1:]
    assert made[0].makes == ("orange_1",) == made[1].where.anchors


def test_the_vocabulary_names_every_kind_and_relation():
    whole = system_text()
    for kind in get_args(get_args(Action)[0]):
        assert f"- {kind.model_fields['kind'].default}: " in whole
    for relation in RELATIONS:
        assert f'"{relation}"' in whole
    for field in ("makes", "prompt", "keep", "size", "outline"):
        assert f'"{field}"' in whole
    for kind in ("detect", "parts", "describe", "relate", "effects"):
        assert f'{{"kind": "{kind}"' in whole
    assert "{{" not in whole


def test_the_prompt_is_as_long_as_it_has_to_be():
    # 3,380 by this cautious count are 2,490 of Qwen's tokens
    assert count_tokens(system_text()) <= 3390


def test_every_field_that_a_guide_names_is_in_the_schema():
    properties = {}
    for part in walk(turn_schema(SCENE)):
        kind = part.get("properties", {}).get("kind", {}).get("enum", [""])[0]
        properties.setdefault(kind, set()).update(part.get("properties", {}))
    for kind, action in KINDS.items():
        for name in properties[kind] - {"kind", "keep"}:
            assert f'"{name}"' in action.guide, (kind, name)
