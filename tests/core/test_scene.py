import errno
import json
import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from things import boxed

from cielr.core.belonging import owners_of
from cielr.core.geometry import Box, Mask
from cielr.core.scene import DetectRequest, Scene, SceneObject, SceneUpdate, new_id
from cielr.core.serial import canonical, why_not_written, write_text, write_together
from cielr.errors import SceneError
from cielr.telling.overlay import overlay


def thing(name, box=(2, 2, 8, 8), size=(40, 30), **more):
    return boxed(name, box, *size, **more)


def scene(*things):
    return Scene(width=40, height=30, objects=things)


@st.composite
def scenes(draw):
    height, width = draw(st.integers(1, 20)), draw(st.integers(1, 20))
    things = []
    for _ in range(draw(st.integers(0, 5))):
        bits = draw(st.lists(st.booleans(), min_size=height * width, max_size=height * width))
        mask = Mask.from_array(np.array(bits, dtype=bool).reshape(height, width))
        label = draw(st.text(min_size=1, max_size=12).filter(str.strip))
        things.append(
            SceneObject(
                id=new_id(label, [other.id for other in things]),
                label=label,
                box=mask.box,
                mask=mask,
                score=draw(st.floats(0, 1)),
                depth=draw(st.none() | st.floats(0, 1)),
                attributes=draw(st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=3)),
            )
        )
    return Scene(width=width, height=height, objects=tuple(things), caption=draw(st.text(max_size=20)))


@settings(max_examples=60, deadline=None)
@given(scenes())
def test_a_scene_survives_json_byte_for_byte(made):
    text = made.to_json()
    again = Scene.from_json(text)
    assert again == made
    assert again.to_json() == text


def test_a_scene_is_saved_and_loaded_whole(tmp_path):
    made = scene(thing("cup_1"), thing("cup_2", (10, 10, 20, 20), depth=0.5)).without(["cup_1"])
    made.save(tmp_path / "deep" / "folder")
    assert Scene.load(tmp_path / "deep" / "folder") == made


def test_ids_are_counted_up_and_never_used_again():
    assert new_id("dark red cup", ["cup_1", "plate_7"]) == "cup_2"
    assert new_id("!?", []) == "object_1"
    made = scene(thing("cup_1"), thing("cup_2")).without(["cup_2"])
    assert new_id("cup", made.used_ids) == "cup_3"
    with pytest.raises(SceneError, match="cup_2"):
        made.apply(SceneUpdate(added=(thing("cup_2"),)))


def test_an_update_adds_changes_and_remembers():
    first = scene(thing("cup_1"))
    update = SceneUpdate(
        request=DetectRequest(labels=("plate", "fork")),
        added=(thing("plate_1"),),
        changed=(thing("cup_1", (4, 4, 9, 9)),),
        absent=("fork",),
        source="oracle",
    )
    second = first.apply(update)
    assert first.ids == ("cup_1",), "the old scene is as it was"
    assert second.ids == ("cup_1", "plate_1")
    assert second["cup_1"].box == Box(4, 4, 9, 9)
    assert second.absent == ("fork",)
    assert second.updates[0].added == ("plate_1",)
    third = second.apply(SceneUpdate(added=(thing("fork_1"),)))
    assert third.absent == (), "what has been found is no longer absent"


def test_an_update_to_an_unknown_object_is_refused():
    with pytest.raises(SceneError, match="ghost_1"):
        scene(thing("cup_1")).apply(SceneUpdate(changed=(thing("ghost_1"),)))


@pytest.mark.parametrize(
    ("things", "words"),
    [
        ([thing("cup_1"), thing("cup_1")], "Two objects have the id 'cup_1'"),
        ([thing("cup_1", size=(41, 30))], "41 x 30 pixels, the scene 40 x 30"),
        ([thing("cup_1", part_of="table_1")], "refers to 'table_1', which is not in the scene"),
    ],
)
def test_a_scene_that_contradicts_itself_cannot_be_made(things, words):
    with pytest.raises(ValidationError, match=words):
        scene(*things)


def test_an_unknown_id_is_answered_with_the_known_ones():
    with pytest.raises(SceneError, match=r"no object 'cup_9'; it has cup_1, plate_1"):
        scene(thing("cup_1"), thing("plate_1"))["cup_9"]


@pytest.mark.parametrize(
    ("things", "words"),
    [
        ([thing("cup_1", part_of="cup_1")], "'cup_1' is part of 'cup_1'"),
        ([thing("a", part_of="b"), thing("b", part_of="a")], "'a' is part of 'b', 'b' is part of 'a'"),
        (
            [thing("a", part_of="b"), thing("b", effect_of="c"), thing("c", part_of="a", effect_of="d"), thing("d")],
            "'a' is part of 'b', 'b' is an effect of 'c', 'c' is part of 'a'",
        ),
        (
            [thing(f"n_{k}", part_of=f"n_{(k + 1) % 3000}") for k in range(3000)],
            "'n_2' is part of 'n_3', 'n_3' is part of 'n_4', and so on",
        ),
    ],
)
def test_nothing_belongs_to_itself_by_way_of_others(things, words):
    written = {"width": 40, "height": 30, "objects": [one.model_dump(mode="json", by_alias=True) for one in things]}
    with pytest.raises(SceneError) as caught:
        Scene.from_json(json.dumps(written))
    assert words in str(caught.value)
    assert str(caught.value).endswith("; nothing can be a part or an effect of itself.")


def test_a_chain_of_parts_and_shadows_is_no_circle():
    made = scene(thing("a"), thing("b", part_of="a"), thing("c", part_of="b", effect_of="a"), thing("d", part_of="c"))
    assert Scene.from_json(made.to_json()) == made
    assert owners_of(made.objects, "d") == {"a", "b", "c"}
    assert owners_of(made.objects, "a") == set()


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"width": 3}', '{"width": 3, "height": 2, "objects": [{"id": "../x"}]}', "[" * 100_000, "null"],
)
def test_no_text_breaks_the_reader(text):
    with pytest.raises(SceneError):
        Scene.from_json(text)


def test_a_missing_scene_is_said_in_a_sentence(tmp_path):
    with pytest.raises(SceneError, match=r"No scene can be read from .*nowhere"):
        Scene.load(tmp_path / "nowhere")


def test_what_is_wrong_with_a_scene_is_said_without_patterns_and_wholes():
    odd = thing("cup_1").model_dump(mode="json", by_alias=True) | {"id": "../x"}
    with pytest.raises(SceneError) as caught:
        Scene.from_json(json.dumps({"width": 40, "height": 30, "objects": [odd]}))
    assert str(caught.value) == (
        "This is not a scene: Object 1, id: takes 1 to 80 letters, digits, - and _, and no others."
    )
    with pytest.raises(SceneError, match=r"This is not a scene: 'cup_1' refers to 'cup_9', which is not in the scene"):
        Scene.from_json(scene(thing("cup_1")).to_json().replace('"part_of": null', '"part_of": "cup_9"'))


@pytest.mark.parametrize(("text", "words"), [("no", "this is not JSON"), ('{"width": 3}', "this is not a scene")])
def test_a_file_that_holds_no_scene_is_named(tmp_path, text, words):
    (tmp_path / "odd.json").write_text(text)
    with pytest.raises(SceneError, match=f"No scene can be read from .*odd.json: {words}"):
        Scene.load(tmp_path / "odd.json")


def test_reprs_are_short():
    made = scene(*[thing(f"cup_{n}") for n in range(1, 30)])
    assert repr(made) == "Scene(40x30, 29 objects)"
    assert len(repr(made.objects[0])) < 80
    assert len(str(made.objects[0].mask)) < 80


def test_canonical_json_has_one_form():
    assert canonical({"b": 1, "a": [1.5, "ü"]}) == '{"a":[1.5,"ü"],"b":1}'
    with pytest.raises(ValueError, match="JSON"):
        canonical(float("nan"))


def test_a_failed_write_leaves_the_old_file_and_no_other(tmp_path, monkeypatch):
    goal = tmp_path / "scene.json"
    write_text(goal, "old")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space"):
        write_text(goal, "new")
    assert goal.read_text() == "old"
    assert list(tmp_path.iterdir()) == [goal]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EIO])
def test_files_that_belong_together_are_all_there_or_none_and_why_says_what_to_do(tmp_path, monkeypatch, number):
    (tmp_path / "b").write_text("old")

    def files():
        yield from (("a", b"1"), ("b", b"2"))
        raise OSError(number, os.strerror(number))

    with pytest.raises(OSError, match=r".") as caught:
        write_together(tmp_path, files())
    assert [path.name for path in tmp_path.iterdir()] == ["b"]
    assert "name another place" in why_not_written(caught.value)


def test_what_systems_say_besides_is_passed_on():
    assert why_not_written(OSError(errno.EBUSY, "Device or resource busy")) == "Device or resource busy"
    assert why_not_written(OSError("odd.")) == "odd"


def test_the_overlay_draws_outlines_and_leaves_the_picture_s_size():
    image = np.full((30, 40, 3), 0.5, dtype=np.float32)
    drawn = overlay(image, scene(thing("cup_1"), thing("cup_2", (20, 10, 38, 28))), ["cup_2"])
    assert drawn.shape[:2] == (30, 40)
    assert (image == 0.5).all()
    assert np.asarray(drawn).std() > 0


def test_the_overlay_hears_a_cancel_many_times_in_a_large_picture_and_shows_the_same_bytes():
    image = np.random.default_rng(2).random((3000, 8, 3), dtype=np.float32) * 1.2 - 0.1
    large = Scene(width=8, height=3000)
    told = []
    drawn = overlay(image, large, on_step=lambda done, total: told.append((done, total)))
    assert len(told) >= 10
    assert np.array_equal(drawn, (np.clip(image, 0, 1) * 255 + 0.5).astype(np.uint8))
    with pytest.raises(KeyboardInterrupt):
        overlay(image, large, on_step=lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))


def test_the_history_is_readable_json():
    made = scene(thing("cup_1")).apply(SceneUpdate(request=DetectRequest(labels=("plate",)), absent=("plate",)))
    history = json.loads(made.to_json())["updates"]
    assert history[0]["request"]["labels"] == ["plate"]


def test_a_scene_that_was_saved_before_its_newer_fields_were_there_loads():
    scene = Scene(width=4, height=3)
    older = {"width": 4, "height": 3, "objects": [], "caption": "", "absent": [], "updates": []}
    assert Scene.from_json(json.dumps(older)) == scene
    newer = Scene(width=4, height=3, crowded=True, left_out=7)
    assert Scene.from_json(newer.to_json()) == newer
