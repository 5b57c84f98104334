"""The graphs of both ways of painting as pure functions, and what each family of models asks: no server, no torch."""

import types

import pytest
from nodes_alone import nodes_alone


@pytest.fixture(scope="module")
def alone():
    with nodes_alone("cielr_ways_alone") as module:
        yield module


PLAIN = {
    "steps": 20, "cfg": 4.0, "sampler": "euler", "scheduler": "simple", "size": 1024, "multiple": 16, "guidance": None,
    "differential": True, "colour_match": True,
}  # fmt: skip


def graph_of(alone, *drawings, json="region"):
    """node name -> (class, inputs) of chains one after the other, links written as "name:output"."""
    sampler, graphs = alone("expand_sampler"), alone("graph")
    graph = graphs.Expansion("")
    painters = sampler.Painters(graph, ["9", 0])
    image = ["photo", 0]
    for number, drawing in enumerate(drawings):
        name = str(number)
        painted, region = sampler.sampled(graph, image, json, drawing, painters, "", name)
        image = [graph.add(f"{name}.stitch", "CIELR_PutBack", image=image, region=region, painted=painted), 0]

    def shown(value):
        return f"{value[0]}:{value[1]}" if isinstance(value, list) else value

    return {
        name: (made["class_type"], {key: shown(value) for key, value in made["inputs"].items()})
        for name, made in graph.nodes.items()
    }


def drawing(alone, settings=None, denoise=1.0, **more):
    sampler = alone("expand_sampler")
    return sampler.Drawing("words", "not this", 5, denoise, sampler.Sampling(**{**PLAIN, **(settings or {})}), **more)


def test_a_plain_model_draws_in_the_mask_by_differential_diffusion_and_encodes_the_crop_once(alone):
    graph = graph_of(alone, drawing(alone))
    assert graph["0.encode"] == ("VAEEncode", {"pixels": "0.crop:0", "vae": "checkpoint:2"})
    assert graph["0.masked"] == ("SetLatentNoiseMask", {"samples": "0.encode:0", "mask": "0.crop:1"})
    assert graph["0.sample"][1]["latent_image"] == "0.masked:0"
    assert graph["0.sample"][1]["model"] == "differential:0"
    assert [kind for kind, _ in graph.values()].count("VAEEncode") == 1


def test_an_inpainting_model_is_shown_the_masked_picture(alone):
    graph = graph_of(alone, drawing(alone, {"differential": False}))
    assert graph["0.encode"][0] == "InpaintModelConditioning"
    inputs = graph["0.sample"][1]
    assert (inputs["positive"], inputs["negative"], inputs["latent_image"]) == (
        "0.encode:0",
        "0.encode:1",
        "0.encode:2",
    )


def test_an_instructed_model_sees_the_crop_as_reference_of_the_very_size_that_it_draws(alone):
    settings = {"reads": "CLIPTextEncode", "guidance": 2.5, "differential": False}
    graph = graph_of(alone, drawing(alone, settings))
    assert graph["0.crop"][0] == "CIELR_ReferenceCrop"
    assert graph["0.reference"] == ("VAEEncode", {"pixels": "0.crop:0", "vae": "checkpoint:2"})
    for part, text in (("positive", "words"), ("negative", "not this")):
        assert graph[f"0.{part}"][1]["text"] == text
        assert graph[f"0.{part}_guidance"][1] == {"conditioning": f"0.{part}:0", "guidance": 2.5}
        reference = {"conditioning": f"0.{part}_guidance:0", "latent": "0.reference:0"}
        assert graph[f"0.{part}_reference"] == ("ReferenceLatent", reference)
    assert graph["0.sample"][1]["latent_image"] == "0.reference:0"
    assert graph["0.align"] == ("CIELR_Align", {"image": "photo:0", "region": "0.crop:2", "painted": "0.decode:0"})
    assert graph["0.match"][1]["painted"] == "0.align:0"
    assert "differential" not in graph


def test_qwen_s_text_encoder_sees_the_crop_too_and_its_model_gets_its_own_noise_schedule(alone):
    settings = {"reads": "TextEncodeQwenImageEditPlus", "shift": 3.1, "normed": True, "differential": False}
    graph = graph_of(alone, drawing(alone, settings))
    assert graph["0.positive"][1] == {"clip": "checkpoint:1", "prompt": "words", "image1": "0.crop:0"}
    assert graph["shift"] == ("ModelSamplingAuraFlow", {"model": "checkpoint:0", "shift": 3.1})
    assert graph["normed"][1]["model"] == "shift:0"
    assert graph["0.sample"][1]["model"] == "normed:0"
    # a lightning LoRA samples without guidance: nothing is there to be normed
    assert "normed" not in graph_of(alone, drawing(alone, {**settings, "cfg": 1.0}))


def test_longcat_s_reference_is_set_beside_the_picture_by_index(alone):
    settings = {"reads": "TextEncodeQwenImageEdit", "method": "index", "differential": False}
    graph = graph_of(alone, drawing(alone, settings))
    assert graph["0.positive"][1]["image"] == "0.crop:0"
    assert graph["0.positive_method"] == (
        "FluxKontextMultiReferenceLatentMethod",
        {"conditioning": "0.positive_reference:0", "reference_latents_method": "index"},
    )
    assert graph["0.sample"][1]["positive"] == "0.positive_method:0"


@pytest.mark.parametrize(("denoise", "steps", "last"), [(1.0, 20, None), (0.5, 40, 20), (0.75, 26, 6)])
def test_a_schedule_made_from_the_size_keeps_its_last_steps_where_something_shows_through(alone, denoise, steps, last):
    graph = graph_of(alone, drawing(alone, {"sigmas": "Flux2Scheduler"}, denoise))
    assert graph["0.sigmas"] == ("Flux2Scheduler", {"steps": steps, "width": "0.size:0", "height": "0.size:1"})
    sigmas = graph["0.sample"][1]["sigmas"]
    if last is None:
        assert sigmas == "0.sigmas:0"
    else:
        assert sigmas == "0.last:1"
        assert graph["0.last"] == ("SplitSigmas", {"sigmas": "0.sigmas:0", "step": last})


def test_chains_share_what_is_the_same_and_two_painters_share_nothing(alone):
    one, other = {"of": "inpaint"}, {"of": "instruct", "reads": "CLIPTextEncode", "differential": False}
    graph = graph_of(alone, drawing(alone, one), drawing(alone, other), drawing(alone, one), drawing(alone, other))
    unpacked = {name: inputs["of"] for name, (kind, inputs) in graph.items() if kind == "CIELR_UnpackInpainter"}
    assert sorted(unpacked.values()) == ["inpaint", "instruct"]
    names = {of: name for name, of in unpacked.items()}
    assert graph["0.decode"][1]["vae"] == graph["2.decode"][1]["vae"] == f"{names['inpaint']}:2"
    assert graph["1.decode"][1]["vae"] == graph["3.decode"][1]["vae"] == f"{names['instruct']}:2"
    assert [kind for kind, _ in graph.values()].count("DifferentialDiffusion") == 1


def control(alone, *args, **more):
    return alone("expand_sampler").Control(*args, **more)


def test_each_control_is_shown_its_part_of_the_region_and_goes_on_what_the_one_before_made(alone):
    controls = (
        control(alone, 0, "inpaint", 0.9, start=0.1),
        control(alone, 1, "canny", 0.5),
        control(alone, 2, "picture", 1.0),
        control(alone, 3, "inpaint", 0.8, patches=True),
    )
    graph = graph_of(alone, drawing(alone, {"controls": controls}), drawing(alone, {"controls": controls}))
    unpacked = [name for name, (kind, _) in graph.items() if kind == "CIELR_UnpackControl"]
    # the picture is scaled to each image that it is cut from, the nets are shared
    assert len(unpacked) == 5
    first = graph["0.control0"]
    assert first[0] == "ControlNetInpaintingAliMamaApply"
    assert (first[1]["image"], first[1]["mask"], first[1]["positive"]) == ("0.crop:0", "0.crop:1", "0.positive:0")
    assert (first[1]["strength"], first[1]["start_percent"], first[1]["end_percent"]) == (0.9, 0.1, 1.0)
    assert graph["0.control1"][0] == "ControlNetApplyAdvanced"
    assert graph["0.control1"][1]["image"] == "0.control1.canny:0"
    assert graph["0.control1"][1]["positive"] == "0.control0:0"
    assert graph["0.control2.crop"][0] == "CIELR_CropRegion"
    assert graph["0.control2"][1]["image"] == "0.control2.crop:0"
    patch = graph["0.control3"]
    assert patch[0] == "QwenImageDiffsynthControlnet"
    assert patch[1]["mask"] == "0.crop:1"
    assert graph["0.sample"][1]["model"] == "0.control3:0"
    assert graph["0.sample"][1]["positive"] == "0.control2:0"


def model_of(class_name, *ancestors, unet=None, patches=(), **attributes):
    """A stand-in for a ComfyUI MODEL of a class: `family` reads names and settings, nothing else."""
    kind = object
    for name in reversed((class_name, *ancestors)):
        kind = type(name, (kind,) if kind is not object else (), {})
    config = kind()
    config.unet_config = unet or {}
    base = types.SimpleNamespace(model_config=config, **attributes)
    return types.SimpleNamespace(model=base, object_patches=dict.fromkeys(patches))


def test_families_are_told_by_their_class_or_an_ancestor_of_it(alone):
    family = alone("families").family
    assert (family(model_of("SD15")).size, family(model_of("SD15")).multiple) == (512, 8)
    assert family(model_of("FluxInpaint", "Flux")).inpaints
    assert family(model_of("FluxInpaint", "Flux")).guidance == 30.0
    assert family(model_of("Flux")).editing.guidance == 2.5
    assert family(model_of("SomethingNew")) == alone("families").PLAIN
    assert family(model_of("SDXL", concat_keys=("mask", "masked_image"))).inpaints
    wide = types.SimpleNamespace(spacial_downscale_ratio=32)
    assert family(model_of("SomethingNew", latent_format=wide)).multiple == 32


def test_flux_2_dev_has_its_guidance_built_in_and_klein_is_guided_by_two_predictions(alone):
    family = alone("families").family
    dev, klein = (family(model_of("Flux2", "Flux", unet={"guidance_embed": embed})) for embed in (True, False))
    assert (dev.guidance, dev.cfg, dev.sigmas) == (4.0, 1.0, "Flux2Scheduler")
    assert (klein.guidance, klein.cfg, klein.sigmas) == (None, 5.0, "Flux2Scheduler")


def test_a_noise_schedule_that_was_patched_upstream_is_left_alone(alone):
    family = alone("families").family
    assert family(model_of("QwenImage")).shift == 3.1
    assert family(model_of("QwenImage", patches=["model_sampling"])).shift is None


def test_a_drawing_is_the_same_after_its_text_controls_and_all(alone):
    sampler = alone("expand_sampler")
    controls = (sampler.Control(0, "canny", 0.5), sampler.Control(1, "picture", 1.0, True, 0.1, 0.9))
    for sampling in (sampler.Sampling(**PLAIN), sampler.Sampling(**PLAIN, controls=controls, of="instruct")):
        drawing = sampler.Drawing("a cat", "", 7, 0.5, sampling, fill=True)
        assert sampler.Drawing.of_text(drawing.text()) == drawing
