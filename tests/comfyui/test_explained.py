"""Nodes explain themselves: texts in two languages that follow the schemas, and a help page with a picture for each."""

from __future__ import annotations

import ast
import io
import json
import re
import sys
from functools import cache
from pathlib import Path

import pytest
from PIL import Image

from tests.comfyui.extension_help import opened as open_page

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "web" / "docs"
LOCALES = ROOT / "locales"
HEADINGS = {
    "en": ["Inputs", "Outputs", "Typical values", "What goes wrong"],
    "zh": ["输入", "输出", "常用值", "出了问题怎么办"],
}
PUBLIC = {
    "CIELR_LoadDetector",
    "CIELR_LoadSegmenter",
    "CIELR_LoadDepth",
    "CIELR_LoadInpaintModel",
    "CIELR_SceneParse",
    "CIELR_SceneFromMasks",
    "CIELR_SceneToMasks",
    "CIELR_OllamaLLM",
    "CIELR_OpenAILLM",
    "CIELR_LocalLLM",
    "CIELR_Reason",
    "CIELR_EditPlan",
    "CIELR_Action",
    "CIELR_ActionToMask",
    "CIELR_PickRegion",
    "CIELR_EditExecutor",
    "CIELR_CheckpointInpainter",
    "CIELR_DiffusersInpainter",
    "CIELR_TwoInpainters",
    "CIELR_InpainterControl",
    "CIELR_InpainterWords",
    "CIELR_CropRegion",
    "CIELR_StitchRegion",
    "CIELR_SaveScene",
    "CIELR_LoadScene",
    "CIELR_SavePlan",
    "CIELR_LoadPlan",
}
NEWER = {
    "CIELR_CoreSAM3",
    "CIELR_CoreRTDETR",
    "CIELR_CoreDepth",
    "CIELR_CoreLLM",
    "CIELR_SceneToBoxes",
}
"""Offered where ComfyUI's own nodes have what they need, from 0.33 on."""
WITH_OTHERS = {"CIELR_SceneToSEGS"}
"""Offered beside a pack that takes what they give."""
PUBLIC |= NEWER | WITH_OTHERS
ELSEWHERE = {"CIELR_SceneFromMasks": {"boxes", "segs"}}
"""Sockets that only newer versions of ComfyUI or other packs can fill."""
ADVANCED = {
    "CIELR_EditExecutor": {"variants", "choice"},
    "CIELR_LoadDetector": {"device", "dtype"},
    "CIELR_LoadSegmenter": {"device", "dtype"},
    "CIELR_LoadDepth": {"device", "dtype"},
    "CIELR_OllamaLLM": {
        *("host", "temperature", "context", "thinking", "keep_loaded"),
        *("max_rounds", "grammar_first", "assume", "free_vram", "prompt"),
    },
    "CIELR_OpenAILLM": {"temperature", "max_rounds", "grammar_first", "assume", "free_vram", "prompt"},
    "CIELR_LocalLLM": {
        *("temperature", "context", "thinking", "keep_loaded"),
        *("max_rounds", "grammar_first", "assume", "free_vram", "prompt"),
    },
    "CIELR_CoreLLM": {"temperature", "longest", "max_rounds", "grammar_first", "assume", "prompt"},
    "CIELR_SceneFromMasks": {"pairing"},
    "CIELR_Action": {"negative_prompt", "keep", "degrees", "option"},
    "CIELR_PickRegion": {"image"},
    "CIELR_CheckpointInpainter": {"grow", "feather", "size", "colour_match"},
    "CIELR_InpainterControl": {"start", "end"},
    "CIELR_DiffusersInpainter": {"scheduler", "dtype", "size", "colour_match"},
    "CIELR_CropRegion": {"multiple"},
}


@pytest.fixture(scope="module")
def told(comfy):
    return {name: node for name, node in comfy.get_json("/object_info").items() if name.startswith("CIELR_")}


def missing(name, told):
    """The inputs that a node has elsewhere and not in this server."""
    return ELSEWHERE.get(name, set()) - set(inputs(told[name]))


@pytest.fixture(scope="module")
def public(told):
    return {name: node for name, node in told.items() if node["category"] != "CIELR/internal"}


@pytest.fixture(scope="module")
def locales():
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        import make_locales
    finally:
        sys.path.remove(str(ROOT / "scripts"))
    return make_locales


def inputs(node):
    return {**node["input"].get("required", {}), **node["input"].get("optional", {})}


def texts(language):
    return json.loads((LOCALES / language / "nodeDefs.json").read_text(encoding="utf-8"))


def page(name, language):
    path = DOCS / f"{name}.md" if language == "en" else DOCS / name / f"{language}.md"
    return path.read_text(encoding="utf-8")


def sections(text):
    """heading -> what stands below it."""
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


# --------------------------------------------------------------------------------------------------------- locales


def test_the_english_texts_are_what_the_schemas_say(told, locales):
    # `python scripts/make_locales.py URL` writes them anew
    here, whole = locales.english(told), texts("en")
    expected = {name: node for name, node in whole.items() if name in here}
    for name, node in expected.items():
        # which ComfyUI has which sockets is told elsewhere
        node["inputs"] = {one: text for one, text in node["inputs"].items() if one not in missing(name, told)}
    assert expected == here
    assert set(whole) - set(here) <= NEWER | WITH_OTHERS


def test_the_chinese_texts_cover_exactly_what_the_english_do(locales):
    assert locales.keys(texts("zh")) == locales.keys(texts("en"))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_text_is_empty_and_none_holds_what_the_front_end_would_take_for_a_placeholder(language, locales):
    def every(found):
        return [found] if isinstance(found, str) else [one for below in found.values() for one in every(below)]

    bare = [re.sub(r"\{'[{}@|]'\}", "", one) for one in every(texts(language))]
    assert all(one.strip() for one in bare)
    assert [one for one in bare if set(one) & set(locales.SPECIAL)] == []


def test_chinese_texts_are_chinese(locales):
    for name, node in texts("zh").items():
        tips = [node["description"], *(one["tooltip"] for part in ("inputs", "outputs") for one in node[part].values())]
        assert all(re.search(r"[\u4e00-\u9fff]", tip) for tip in tips), name


def test_the_server_hands_the_texts_to_the_front_end(comfy):
    served = comfy.get_json("/i18n")
    for language in ("en", "zh"):
        ours = {name: node for name, node in served[language]["nodeDefs"].items() if name.startswith("CIELR_")}
        assert ours == texts(language)
    assert "1 perceive" in served["zh"]["nodeCategories"]


def test_every_input_and_output_of_every_node_has_a_tooltip(told):
    bare = [f"{name}.{one}" for name, node in told.items() for one, spec in inputs(node).items() if not tip(spec)]
    for name, node in told.items():
        tips = node["output_tooltips"] or [""] * len(node["output_name"])
        bare += [f"{name} -> {one}" for one, said in zip(node["output_name"], tips, strict=True) if not said]
    assert bare == []


def tip(spec):
    return (spec[1] if len(spec) > 1 else {}).get("tooltip")


def test_what_a_beginner_does_not_need_is_marked_to_be_folded_away(told):
    marked = {
        name: {one for one, spec in inputs(node).items() if len(spec) > 1 and spec[1].get("advanced")}
        for name, node in told.items()
    }
    assert {name: found for name, found in marked.items() if found} == {
        name: found for name, found in ADVANCED.items() if name in told
    }


# ------------------------------------------------------------------------------------------------------ help pages


def test_there_is_a_page_for_every_public_node_and_for_nothing_else(public):
    assert PUBLIC - set(public) <= NEWER | WITH_OTHERS
    assert set(public) <= PUBLIC
    assert {path.stem for path in DOCS.glob("*.md")} == PUBLIC
    assert {path.parent.name for path in DOCS.glob("*/zh.md")} == PUBLIC
    assert {path.stem for path in (DOCS / "pictures").iterdir()} == PUBLIC


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_page_names_every_input_and_output(public, language):
    lacking = []
    for name, node in public.items():
        found = sections(page(name, language))
        assert list(found) == HEADINGS[language], name
        for part, wanted in zip(HEADINGS[language], (inputs(node), node["output_name"]), strict=False):
            named = re.findall(r"^- `(\w+)`", found[part], flags=re.MULTILINE)
            named = [one for one in named if one not in missing(name, public)]
            lacking += [f"{name}: {part} {named}"] if named != list(wanted) else []
    assert lacking == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_page_has_a_picture_two_sentences_or_more_values_and_advice(public, language):
    for name in public:
        text = page(name, language)
        found = sections(text)
        assert f"(pictures/{name}.jpg)" in text
        lead = text.split("\n\n")[2]
        assert len(re.findall(r"[.。?](?:\s|$|\S)", lead)) >= 2, name
        assert found[HEADINGS[language][2]].count("\n- ") >= 1
        assert found[HEADINGS[language][3]].count("\n> ") >= 2


@cache
def code() -> list[ast.AST]:
    files = [*(ROOT / "nodes").rglob("*.py"), *(ROOT / "cielr").rglob("*.py")]
    return [node for path in files for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))]


@cache
def said() -> str:
    """Every text in the code, one after the other: what errors are made of."""
    return "\n".join(node.value for node in code() if isinstance(node, ast.Constant) and isinstance(node.value, str))


@cache
def patterns() -> list[re.Pattern]:
    """Every text of the code that has something filled in, as a pattern of what comes out."""
    found = [node.values for node in code() if isinstance(node, ast.JoinedStr) and len(node.values) > 1]
    return [
        re.compile("".join(re.escape(part.value) if isinstance(part, ast.Constant) else ".+?" for part in parts))
        for parts in found
        if sum(len(part.value) for part in parts if isinstance(part, ast.Constant)) > 8
    ]


def is_said(quote):
    """Whether the code says this; … stands for what differs each time, or is left out."""
    pieces = [piece.strip(" '`().;:,") for piece in quote.split("…")]
    if all(piece in said() for piece in pieces if len(piece) > 3):
        return True
    return any(pattern.fullmatch(quote.strip("… ")) or pattern.fullmatch(quote) for pattern in patterns())


@pytest.mark.parametrize("language", ["en", "zh"])
def test_errors_are_quoted_as_the_code_says_them(language):
    quotes = [(name, quote) for name in PUBLIC for quote in re.findall(r"^> (.+)$", page(name, language), re.MULTILINE)]
    assert [(name, quote) for name, quote in quotes if not is_said(quote)] == []


def test_a_quote_that_the_code_does_not_say_would_be_found():
    assert not is_said("There is no detector of that name.")
    assert not is_said("There are … images and … masks: connect as many.")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_two_languages_quote_the_same_errors(language):
    for name in PUBLIC:
        quotes = [re.findall(r"^> (.+)$", page(name, one), re.MULTILINE) for one in ("en", language)]
        assert quotes[0] == quotes[1], name


def test_the_server_serves_the_pages_and_their_pictures_where_the_front_end_looks(comfy, public):
    # the front end takes the pack's folder from python_module, as here
    for name, node in public.items():
        folder = node["python_module"].split(".")[1]
        base = f"/extensions/{folder}/docs"
        assert comfy.get(f"{base}/{name}.md").decode() == page(name, "en")
        assert comfy.get(f"{base}/{name}/zh.md").decode() == page(name, "zh")
        data = comfy.get(f"{base}/pictures/{name}.jpg")
        assert len(data) <= 60_000
        with Image.open(io.BytesIO(data)) as picture:
            assert 300 <= picture.width <= 900


@pytest.fixture
def opened(server, chromium):
    """`opened(language, kind)` is a page of the real front end in that language, with the help of that node open."""
    pages = []

    def open_help(language, kind):
        page = open_page(chromium, server, **{"Comfy.Locale": language})
        page.evaluate(
            """kind => {
                app.graph.clear()
                const node = window.node = LiteGraph.createNode(kind)
                app.graph.add(node)
                node.pos = [600, 200]
                app.canvas.selectNode(node)
            }""",
            kind,
        )
        # the button may lie outside of the window, where a mouse could not press it
        button = page.locator('[data-testid="info-button"]').first
        button.wait_for(state="attached")
        button.evaluate("button => button.click()")
        page.locator(f'img[src*="pictures/{kind}.jpg"]').first.wait_for(state="attached")
        page.wait_for_function(
            "kind => document.querySelector(`img[src*='pictures/${kind}.jpg']`)?.naturalWidth > 0", arg=kind
        )
        pages.append(page)
        return page

    yield open_help
    server.client.post("/settings", {"Comfy.Locale": "en"})
    for page in pages:
        page.context.close()


@pytest.mark.parametrize(
    ("language", "title", "first"),
    [("en", "LLM Reason & Refine", "scene"), ("zh", "推理与完善 LLM Reason & Refine", "场景"), ("fr", None, None)],
)
def test_the_front_end_shows_page_picture_and_names_in_its_language(opened, language, title, first):
    page = opened(language, "CIELR_Reason")
    shown = page.evaluate("() => document.body.innerText")
    # a language that we do not have falls back to English
    for heading in HEADINGS.get(language, HEADINGS["en"]):
        assert heading in shown
    if title is not None:
        assert page.evaluate("() => node.title") == title
        assert page.evaluate("() => node.inputs[0].localized_name ?? node.inputs[0].name") == first
    # what is sent to the server does not change with the language
    assert page.evaluate("() => node.inputs[0].name") == "scene"
