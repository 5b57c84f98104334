"""What single modules of the extension do, asked of them directly on ComfyUI's page."""

import pytest

from tests.comfyui.extension_help import opened

IMPORT = "const at = name => import(`/extensions/cielr/js/${name}.js`)\n"


@pytest.fixture(scope="module")
def modules(chromium, server):
    """A function that runs the body of an async function, in which `at("name")` imports a module, with a value."""
    page = opened(chromium, server)
    yield lambda body, given=None: page.evaluate(f"async given => {{ {IMPORT} {body} }}", given)
    page.context.close()


@pytest.mark.parametrize(
    ("words", "chosen", "after"),
    [
        ("the cup goes", (0, 7), "cup_1 goes"),
        ("remove now", (7, 7), "remove cup_1 now"),
        ("remove", (0, 0), "remove cup_1"),
        ("make what I clicked red", (0, 0), "make cup_1 red"),
    ],
)
def test_an_id_takes_the_place_of_what_is_chosen_in_the_text(modules, words, chosen, after):
    body = """
        const { intoWidget } = await at("pick")
        const element = document.createElement("textarea")
        element.value = given.words
        element.setSelectionRange(...given.chosen)
        const widget = { name: "instruction", value: given.words, element }
        intoWidget({ widgets: [widget] }, "instruction", "cup_1")
        return widget.value
    """
    assert modules(body, {"words": words, "chosen": chosen}) == after


@pytest.mark.parametrize(("language", "words"), [("en", "Remove a, b and c"), ("zh", "移除 a、b、c")])
def test_the_objects_of_an_action_are_listed_as_the_language_does_it(modules, language, words):
    body = """
        const settings = app.ui.settings, { planWords } = await at("plan_view"), own = settings.getSettingValue
        settings.getSettingValue = name => name === "Comfy.Locale" ? given : own.call(settings, name)
        try {
            const ids = ["a", "b", "c"], action = { kind: "remove", targets: ids, objects: ids, anchors: [] }
            return planWords({ actions: [action] })
        } finally {
            settings.getSettingValue = own
        }
    """
    assert modules(body, language) == f"1. {words}"


def test_what_a_line_lit_up_is_forgotten_with_the_scene_that_it_was_of(modules):
    body = """
        const { SceneView } = await at("scene_view"), scene = new SceneView()
        const frame = () => new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)))
        scene.element.style.cssText = "width: 80px; height: 60px; position: fixed; inset: 0"
        scene.canvas.style.cssText = "width: 80px; height: 60px"
        document.body.append(scene.element)
        const thing = { id: "cup_1", box: [10, 10, 60, 50], area: 2000, outlines: [[10, 10, 60, 10, 60, 50, 10, 50]] }
        const view = { width: 80, height: 60, objects: [thing] }
        const colours = async () => {
            await frame()
            const { data } = scene.canvas.getContext("2d").getImageData(0, 0, scene.canvas.width, scene.canvas.height)
            return new Set(new Uint32Array(data.buffer)).size
        }
        scene.outlines = false
        scene.show(view)
        scene.light(["cup_1"])
        const lit = await colours()
        scene.show({ ...view })
        const after = await colours()
        scene.destroy()
        scene.element.remove()
        return [lit > 1, after]
    """
    assert modules(body) == [True, 1]


def test_a_text_in_json_is_shown_as_it_is_and_lists_of_numbers_on_one_line(modules):
    body = """
        const { TextView } = await at("text_view"), { api } = await import("/scripts/api.js"), own = api.fetchApi
        api.fetchApi = async () => new Response(JSON.stringify(given))
        try {
            const page = new TextView("json")
            page.show({ filename: "x.json" })
            return [await page.words, page.element.getAttribute("aria-label")]
        } finally {
            api.fetchApi = own
        }
    """
    given = {"label": "sign [of   two]", "box": [1, 2]}
    assert modules(body, given) == ['{\n "label": "sign [of   two]",\n "box": [ 1, 2 ]\n}', "JSON"]


def test_a_photo_that_comes_late_does_not_undo_another_choice(modules):
    body = """
        const { bringPhotos } = await at("photos"), { api } = await import("/scripts/api.js"), own = api.fetchApi
        const node = LiteGraph.createNode("LoadImage")
        app.graph.add(node)
        const widget = node.widgets.find(widget => widget.name === "image")
        widget.options.values = ["mine.png"]
        widget.value = "coins.png"
        api.fetchApi = async (path, options) => {
            if (path !== "/upload/image") return own.call(api, path, options)
            widget.value = "mine.png"
            return new Response(JSON.stringify({ name: "coins.png" }))
        }
        try {
            await bringPhotos()
            return [widget.value, widget.options.values]
        } finally {
            api.fetchApi = own
            app.graph.remove(node)
        }
    """
    assert modules(body) == ["mine.png", ["mine.png", "coins.png"]]
