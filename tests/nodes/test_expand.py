"""The Executor's expansion as a pure function: no server, no torch, no ComfyUI."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nodes_alone import NODES, nodes_alone


@pytest.fixture(scope="module")
def module():
    with nodes_alone("cielr_nodes_alone") as module:
        yield module("expand")


@pytest.fixture(scope="module")
def expand(module):
    def of_texts(image, texts, *rest):
        return module.expand(image, [[module.Chain(text) for text in chain] for chain in texts], *rest)

    return of_texts


def test_it_loads_neither_torch_nor_comfyui():
    code = (
        "import importlib, sys, types; package = types.ModuleType('alone'); package.__path__ = [sys.argv[1]];"
        "sys.modules['alone'] = package; importlib.import_module('alone.internal.expand');"
        "assert not {'torch', 'comfy', 'comfy_api', 'numpy', 'pydantic'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code, str(NODES)], check=True)


def ancestors(nodes, key, own_only=True):
    """All (class, constants) that a node depends on, which is what ComfyUI's cache key is made of."""
    found = []
    for value in nodes[key]["inputs"].values():
        if isinstance(value, list):
            found += [("link", *value)] if value[0] not in nodes else ancestors(nodes, value[0])
    constants = tuple(sorted((k, v) for k, v in nodes[key]["inputs"].items() if not isinstance(v, list)))
    return [(nodes[key]["class_type"], constants), *found]


def signature(graph, key):
    return tuple(ancestors(graph.nodes, key))


def test_one_chain_a_region_each_on_the_image_that_the_one_before_left(expand):
    graph = expand(["3", 0], [["first", "second"]], None, 0, "9.0.0.")
    assert set(graph.nodes) == {"9.0.0." + name for name in (
        "0.image", "0.0.region", "0.0.crop", "0.0.paint", "0.0.stitch", "0.1.region", "0.1.crop", "0.1.paint",
        "0.1.stitch", "steps")}  # fmt: skip
    inputs = {key.removeprefix("9.0.0."): value["inputs"] for key, value in graph.nodes.items()}
    assert inputs["0.image"] == {"image": ["3", 0], "list_index": 0, "index": 0}
    assert inputs["0.0.crop"]["image"] == ["9.0.0.0.image", 0]
    assert inputs["0.1.crop"]["image"] == ["9.0.0.0.0.stitch", 0]
    assert inputs["0.1.stitch"]["image"] == ["9.0.0.0.0.stitch", 0]
    assert inputs["0.1.stitch"]["painted"] == ["9.0.0.0.1.paint", 0]
    assert graph.result == ["9.0.0.0.1.stitch", 0]
    assert inputs["steps"] == {
        "image_0000": ["9.0.0.0.0.stitch", 0],
        "before_0000": ["9.0.0.0.image", 0],
        "region_0000": ["9.0.0.0.0.region", 0],
        "note_0000": ["9.0.0.0.0.paint", 1],
        "image_0001": ["9.0.0.0.1.stitch", 0],
        "before_0001": ["9.0.0.0.0.stitch", 0],
        "region_0001": ["9.0.0.0.1.region", 0],
        "note_0001": ["9.0.0.0.1.paint", 1],
    }


def test_a_region_is_one_constant_text_without_ancestors(expand):
    graph = expand(["3", 0], [["text"]], ["4", 0], 0, "p.")
    assert graph.nodes["p.0.0.region"] == {"class_type": "CIELR_RegionLiteral", "inputs": {"json": "text"}}


def test_the_inpainter_goes_to_each_painter_by_link_and_only_there(expand):
    graph = expand(["3", 0], [["a", "b"]], ["7", 2], 0, "p.")
    takers = [key for key, value in graph.nodes.items() if ["7", 2] in value["inputs"].values()]
    assert takers == ["p.0.0.paint", "p.0.1.paint"]
    assert "inpainter" not in expand(["3", 0], [["a"]], None, 0, "p.").nodes["p.0.0.paint"]["inputs"]


def test_changing_the_last_region_leaves_the_signatures_of_all_chains_before_it(expand):
    one = expand(["3", 0], [["a", "b", "c"]], None, 0, "p.")
    two = expand(["3", 0], [["a", "b", "X"]], None, 0, "p.")
    for name in ("p.0.0.stitch", "p.0.1.stitch"):
        assert signature(one, name) == signature(two, name)
    assert signature(one, "p.0.2.stitch") != signature(two, "p.0.2.stitch")


def test_appending_a_region_leaves_the_signatures_of_all_chains_before_it(expand):
    one = expand(["3", 0], [["a", "b"]], None, 0, "p.")
    two = expand(["3", 0], [["a", "b", "c"]], None, 0, "p.")
    assert signature(one, "p.0.1.stitch") == signature(two, "p.0.1.stitch")


def test_each_image_of_a_batch_has_its_own_chains_and_the_result_is_in_order(expand):
    graph = expand(["3", 1], [["a"], [], ["b", "c"]], None, 2, "p.")
    assert [graph.nodes[f"p.{b}.image"]["inputs"]["index"] for b in range(3)] == [0, 1, 2]
    assert all(graph.nodes[f"p.{b}.image"]["inputs"]["list_index"] == 2 for b in range(3))
    collector = graph.nodes[graph.result[0]]["inputs"]
    # an image without a region goes through as it is
    assert [collector[name] for name in sorted(collector)] == [
        ["p.0.0.stitch", 0],
        ["p.1.image", 0],
        ["p.2.1.stitch", 0],
    ]
    steps = graph.nodes[graph.steps[0]]["inputs"]
    names = [name for name in sorted(steps) if name.startswith("image_")]
    assert [steps[name] for name in names] == [["p.0.0.stitch", 0], ["p.2.0.stitch", 0], ["p.2.1.stitch", 0]]
    assert steps["owners"] == "1 3 3"
    assert steps["before_0001"] == ["p.2.image", 0]


def test_more_than_ten_steps_stay_in_order_by_name(expand):
    steps = expand(["3", 0], [[str(i) for i in range(25)]], None, 0, "p.")
    inputs = steps.nodes[steps.steps[0]]["inputs"]
    names = [name for name in sorted(inputs) if name.startswith("image_")]
    assert [inputs[name][0] for name in names] == [f"p.0.{i}.stitch" for i in range(25)]


@given(
    batch=st.lists(st.lists(st.text(max_size=6), max_size=4), min_size=1, max_size=4).filter(any),
    prefix=st.from_regex(r"[0-9]{1,3}\.[0-9]\.[0-9]\.", fullmatch=True),
    painter=st.sampled_from([None, ["8", 0]]),
)
def test_every_link_leads_to_a_node_of_the_graph_or_outside_and_never_in_a_circle(expand, batch, prefix, painter):
    graph = expand(["3", 0], batch, painter, 0, prefix)
    outside = {"3", "8"}
    for key, value in graph.nodes.items():
        assert key.startswith(prefix)
        for given_value in value["inputs"].values():
            assert not isinstance(given_value, list) or given_value[0] in graph.nodes or given_value[0] in outside
    for link in (graph.result, graph.steps):
        # walking the whole ancestry ends: there is no circle
        assert ancestors(graph.nodes, link[0])
    assert sum(value["class_type"] == "CIELR_PaintRegion" for value in graph.nodes.values()) == sum(map(len, batch))


def test_the_last_node_of_all_compares_each_image_with_what_became_of_it(module):
    chains = [[module.Chain("a"), module.Chain("b")], []]
    graph = module.expand(["1", 0], chains, None, 0, "9.0.0.", shows=True)
    inputs = graph.nodes["9.0.0.shown"]["inputs"]
    assert inputs["told"] == graph.told
    first, second = ["9.0.0.0.image", 0], ["9.0.0.1.image", 0]
    assert [inputs["before_0000"], inputs["before_0001"]] == [first, second]
    assert inputs["after_0000"] == ["9.0.0.0.1.stitch", 0], "after all its regions"
    assert inputs["after_0001"] == second, "which has none"
