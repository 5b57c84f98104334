"""What a configuration declares is held against what models have: how finely a photo is cut into patches."""

import json

import pytest

from cielr.core.declared import Oversized, check_folder

REAL = {
    "owlv2-large": (
        {"vision_config": {"image_size": 1008, "patch_size": 14}},
        {"size": {"height": 1008, "width": 1008}},
    ),
    "sam-vit-huge": ({"vision_config": {"image_size": 1024, "patch_size": 16}}, {"size": {"longest_edge": 1024}}),
    "depth-anything-v2": (
        {"backbone_config": {"model_type": "dinov2", "image_size": 518, "patch_size": 14}},
        {"size": {"height": 518, "width": 518}},
    ),
    "grounding-dino": (
        {"backbone_config": {"model_type": "swin", "image_size": 224, "patch_size": 4}},
        {"size": {"shortest_edge": 800, "longest_edge": 1333}},
    ),
    "clip": ({"vision_config": {"image_size": 224, "patch_size": 32}}, {"crop_size": 224, "size": 224}),
}


def folder_of(tmp_path, config, processor):
    (tmp_path / "config.json").write_text(json.dumps(config))
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(processor))
    return tmp_path


@pytest.mark.parametrize("name", REAL)
def test_the_numbers_of_real_models_pass(tmp_path, name):
    check_folder(folder_of(tmp_path, *REAL[name]))


@pytest.mark.parametrize(
    ("config", "processor"),
    [
        ({"vision_config": {"image_size": 1024, "patch_size": 2}}, {}),
        ({"vision_config": {"image_size": 64, "patch_size": 4}}, {"size": {"height": 2048, "width": 2048}}),
        ({"backbone_config": {"model_type": "vit", "patch_size": [1, 1]}}, {"size": {"longest_edge": 400}}),
        ({"patch_size": 1, "image_size": 512}, {"size": 224}),
    ],
)
def test_a_photo_is_not_cut_into_more_patches_than_any_model_looks_at(tmp_path, config, processor):
    with pytest.raises(Oversized, match="into patches of"):
        check_folder(folder_of(tmp_path, config, processor))
