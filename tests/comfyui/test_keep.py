"""Scenes and plans saved and read again."""

from cielr.actions import Plan
from cielr.core.scene import Scene
from tests.comfyui.client import node
from tests.comfyui.world import action, chain, picture, scene


def saved(comfy, shelf):
    prompt = chain(shelf, picture(), action("move", "disc_1", relation="by", x=5.0, y=-3.0), action("remove", "disc_2"))
    prompt["scene_file"] = node("CIELR_SaveScene", scene=["scene", 0], filename_prefix="cielr/scene")
    prompt["plan_file"] = node("CIELR_SavePlan", plan=["a2", 0], filename_prefix="cielr/plan")
    outputs = comfy.check(prompt).outputs
    return outputs["scene_file"]["text"][0], outputs["plan_file"]["text"][0]


def test_a_saved_scene_is_the_same_scene(comfy, shelf):
    assert Scene.from_json(comfy.text(saved(comfy, shelf)[0])) == scene()


def test_a_saved_plan_is_the_same_plan(comfy, shelf):
    plan = Plan.from_json(comfy.text(saved(comfy, shelf)[1]))
    assert [one.kind for one in plan.actions] == ["move", "remove"]
    assert (plan.actions[0].to.x, plan.actions[0].to.y) == (5, -3)


def test_loading_and_saving_again_keeps_every_byte(comfy, shelf):
    scene_file, plan_file = saved(comfy, shelf)
    prompt = {
        "scene": node("CIELR_LoadScene", file=f"{scene_file} [output]"),
        "plan": node("CIELR_LoadPlan", file=f"{plan_file} [output]"),
        "scene_again": node("CIELR_SaveScene", scene=["scene", 0], filename_prefix="cielr/scene"),
        "plan_again": node("CIELR_SavePlan", plan=["plan", 0], filename_prefix="cielr/plan"),
    }
    outputs = comfy.check(prompt).outputs
    assert comfy.text(outputs["scene_again"]["text"][0]) == comfy.text(scene_file)
    assert comfy.text(outputs["plan_again"]["text"][0]) == comfy.text(plan_file)


def test_saved_files_are_offered_newest_first(comfy, shelf):
    scene_file, plan_file = saved(comfy, shelf)
    for name, file in (("CIELR_LoadScene", scene_file), ("CIELR_LoadPlan", plan_file)):
        spec = comfy.get_json(f"/object_info/{name}")[name]["input"]["required"]["file"]
        options = spec[1].get("options") or spec[0]
        assert options[0] == f"{file} [output]"


def test_a_changed_file_is_read_again(comfy, shelf):
    path = shelf.folder / "changing.scene.json"
    path.write_text(scene().to_json())
    prompt = {
        "scene": node("CIELR_LoadScene", file="changing.scene.json [input]"),
        "tell": node("CIELRTest_Tell", value=["scene", 0]),
    }
    assert set(comfy.check(prompt).executed) == {"scene", "tell"}
    assert comfy.check(prompt).executed == []
    path.write_text(scene().without(["disc_1"]).to_json())
    assert set(comfy.check(prompt).executed) == {"scene", "tell"}
