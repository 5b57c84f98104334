"""Each reader reads a look-alike of its benchmark's layout, and names every fault that is planted in it at once."""

import json
import pickle

import numpy as np
import pytest
from PIL import Image

from cielr.errors import CielrError, SceneError
from cielr.evaluation.datasets import DatasetError, read_dataset
from cielr.evaluation.datasets.vocedits import spoken


def picture(path, size=(24, 16), mode="RGB", fill=120):
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.new(mode, size, fill if mode == "L" else (fill,) * len(mode))
    image.save(path)


def write(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")


def tells(root, *faults):
    """Whether reading a folder ends with these faults and no others, each said by its words."""
    with pytest.raises(DatasetError) as caught:
        read_dataset(root)
    told = list(caught.value.faults)
    for words in faults:
        told.remove(next(fault for fault in told if words in fault))
    assert told == []
    return True


# ---------------------------------------------------------------------------------------------------------- manifest


def test_a_manifest_of_lines_and_one_of_columns_give_the_same_cases(tmp_path):
    for folder in ("lines", "columns"):
        picture(tmp_path / folder / "a.png")
        picture(tmp_path / folder / "m.png", mode="L", fill=255)
    write(
        tmp_path / "lines" / "manifest.jsonl",
        '{"id": "x", "image": "a.png", "instruction": "remove\u2028the cup", "mask": "m.png", '
        '"targets": ["cup_1", "cup_2"]}\n\n'
        '{"id": "y", "image": "a.png", "prompt": "make it, \\"well\\", blue", "group": "paint"}\n',
    )
    write(
        tmp_path / "columns" / "manifest.csv",
        "\ufeffid,image,instruction,mask,targets,group\r\nx,a.png,remove\u2028the cup,m.png,cup_1; cup_2,all\r\n"
        'y,a.png,"make it, ""well"", blue",,,paint\r\n',
    )
    lines, columns = (read_dataset(tmp_path / folder) for folder in ("lines", "columns"))
    assert lines.cases == columns.cases
    assert lines["x"].targets == ("cup_1", "cup_2")
    assert lines.groups == ("all", "paint")
    assert (lines.mask_values(lines["x"]) == 255).all()
    assert read_dataset(tmp_path / "lines" / "manifest.jsonl").cases == lines.cases


def test_a_manifest_tells_all_its_faults(tmp_path):
    picture(tmp_path / "a.png")
    picture(tmp_path / "small.png", (8, 8), "L")
    write(tmp_path / "broken.png", "no picture")
    rows = [
        {"id": "1", "image": "gone.png", "instruction": "x"},
        {"id": "2", "image": "a.png", "instruction": "x", "mask": "small.png"},
        {"id": "2", "image": "a.png", "instruction": "x"},
        {"id": "3", "image": "broken.png", "instruction": "x"},
        {"id": "4", "image": "a.png"},
        {"id": "5", "image": "a.png", "instruction": "x", "colour": "red"},
        {"id": "6", "image": "../a.png", "instruction": "x"},
        {"id": "7", "image": "a.png", "instruction": "  "},
    ]
    write(tmp_path / "manifest.jsonl", "\n".join(map(json.dumps, rows)) + '\n{"id": \n[1]\n')
    assert tells(
        tmp_path,
        "Case 1: gone.png is missing",
        "the mask small.png is 8 x 8 pixels, a.png 24 x 16",
        "Two cases have the id 2",
        "broken.png is not a picture",
        "line 5: instruction is missing",
        "line 6: colour is not a field",
        "outside the folder",
        "Case 7 has no instruction",
        "line 9 is not JSON",
        "line 10 is not names and values",
    )


def test_an_unknown_folder_says_what_would_be_known(tmp_path):
    with pytest.raises(CielrError, match=r"manifest\.jsonl"):
        read_dataset(tmp_path)
    with pytest.raises(CielrError, match="make-scenes"):
        read_dataset(tmp_path / "gone")
    with pytest.raises(CielrError, match="no benchmark 'x'"):
        read_dataset(tmp_path, "x")


def test_ciebench_is_a_manifest_and_remarks_on_its_number(tmp_path):
    picture(tmp_path / "a.png")
    write(tmp_path / "ciebench.jsonl", '{"image": "a.png", "instruction": "remove it", "text": "a table"}\n')
    dataset = read_dataset(tmp_path)
    assert (dataset.name, dataset.cases[0].text, len(dataset.remarks)) == ("ciebench", "a table", 1)


# ------------------------------------------------------------------------------------------------------- Reason-Edit


def reason_edit(root, folder="6-Reasoning", text="Reason_test.txt", count=3):
    for number in range(1, count + 1):
        picture(root / folder / f"{number:03}.png")
        picture(root / folder / f"{number:03}_mask.jpg", mode="L", fill=255)
    lines = [f"Replace thing {number} CLIP: a cat {number}" for number in range(1, count + 1)]
    write(root / folder / text, "\n".join(lines) + "\n")


def test_reason_edit_pairs_lines_with_pictures(tmp_path):
    reason_edit(tmp_path)
    reason_edit(tmp_path, "2-Relative-Size", "Size_text.txt", 2)
    dataset = read_dataset(tmp_path)
    assert (len(dataset.cases), dataset.protocol) == (5, "reason-edit")
    case = dataset["6-Reasoning/002"]
    assert (case.instruction, case.text, case.mask) == ("Replace thing 2", "a cat 2", "6-Reasoning/002_mask.jpg")
    assert "1-Left-Right" in dataset.remarks[0]


def test_reason_edit_names_every_unpaired_file_and_bad_line(tmp_path):
    reason_edit(tmp_path)
    folder = tmp_path / "6-Reasoning"
    (folder / "002_mask.jpg").unlink()
    picture(folder / "009_mask.jpg", mode="L")
    write(folder / "Reason_test.txt", "Replace it CLIP: a\nno mark here\nx CLIP: b\ny CLIP: c\n")
    assert tells(
        tmp_path, "002.png has no mask", "009_mask.jpg belongs to no picture", "line 2 is not", "3 pictures and"
    )


def test_names_without_leading_zeros_are_remarked_on(tmp_path):
    folder = tmp_path / "6-Reasoning"
    for number in (1, 2, 10):
        picture(folder / f"{number}.png")
        picture(folder / f"{number}_mask.jpg", mode="L", fill=255)
    write(folder / "Reason_test.txt", "a CLIP: a\nb CLIP: b\nc CLIP: c\n")
    dataset = read_dataset(tmp_path)
    assert dataset["6-Reasoning/10"].instruction == "b"
    assert any("letter by letter" in remark for remark in dataset.remarks)


# -------------------------------------------------------------------------------------------------------- MagicBrush


def magicbrush(root):
    turns = [
        {"input": "7-input.png", "mask": "7-mask1.png", "output": "7-output1.png", "instruction": "add a hat"},
        {"input": "7-output1.png", "mask": "7-mask2.png", "output": "7-output2.png", "instruction": "make it red"},
    ]
    for name in {name for turn in turns for key, name in turn.items() if key != "instruction"}:
        picture(root / "dev" / "images" / "7" / name)
    transparent = np.full((16, 24, 4), 255, dtype=np.uint8)
    transparent[4:8, 4:8, 3] = 0
    Image.fromarray(transparent).save(root / "dev" / "images" / "7" / "7-mask1.png")
    write(root / "dev" / "edit_sessions.json", {"7": turns})
    write(root / "dev" / "global_descriptions.json", {"7": {"7-output1.png": "a man with a hat"}})


def test_magicbrush_turns_follow_each_other(tmp_path):
    magicbrush(tmp_path)
    dataset = read_dataset(tmp_path)
    first, second = dataset.cases
    assert (first.after, second.after, second.image) == (None, "7-1", "images/7/7-output1.png")
    assert (first.caption, first.truth) == ("a man with a hat", "images/7/7-output1.png")
    assert dataset.protocol == "magicbrush"
    # the mask is what is transparent
    assert (dataset.mask_values(first) > 0).sum() == 16


def test_magicbrush_names_its_faults(tmp_path):
    magicbrush(tmp_path)
    (tmp_path / "dev" / "images" / "7" / "7-output2.png").unlink()
    sessions = json.loads((tmp_path / "dev" / "edit_sessions.json").read_text())
    sessions["8"] = [{"input": "8-input.png"}]
    write(tmp_path / "dev" / "edit_sessions.json", sessions)
    assert tells(tmp_path, "7-output2.png is missing", "Session 8, turn 1: output, instruction is missing")


# ----------------------------------------------------------------------------------------------- today's benchmarks


def test_risebench_takes_its_references_in_all_three_forms(tmp_path):
    items = [
        {"index": f"logical_reasoning_{k}", "category": "logical_reasoning", "instruction": "solve", "image": "l/1.png"}
        | extra
        for k, extra in enumerate([{"reference": "B"}, {"reference_txt": "C"}, {"reference_img": "l/1_ref.png"}])
    ]
    picture(tmp_path / "data" / "l" / "1.png")
    picture(tmp_path / "data" / "l" / "1_ref.png")
    write(tmp_path / "data" / "data_total.json", items)
    dataset = read_dataset(tmp_path)
    assert [case.reference for case in dataset.cases] == ["B", "C", ""]
    assert dataset.cases[2].reference_image == "l/1_ref.png"
    assert dataset.groups == ("logical",)
    (tmp_path / "data" / "l" / "1_ref.png").unlink()
    write(tmp_path / "data" / "data_total.json", [*items, {"index": "x"}, dict(items[0], index="y", reference="")])
    assert tells(
        tmp_path, "1_ref.png is missing", "entry 4: category, instruction, image", "entry 5 (y) has no reference"
    )


def test_kris_bench_takes_one_source_or_several(tmp_path):
    task = tmp_path / "KRIS_Bench" / "color_change"
    item = {"ori_img": "1.jpg", "gt_img": "", "ins_en": "paint it", "explain_en": "why"}
    write(task / "annotation.json", {"1": item, "2": item | {"ori_img": ["1.jpg", "2.jpg"], "gt_img": "2.jpg"}})
    picture(task / "1.jpg")
    dataset = read_dataset(tmp_path)
    # a case whose second source is missing is kept without pictures, and said so
    assert [case.image for case in dataset.cases] == ["color_change/1.jpg", ""]
    assert "1 of 2 cases have no picture" in dataset.remarks[0]
    picture(task / "2.jpg")
    second = read_dataset(tmp_path).cases[1]
    assert (second.more, second.reference_image) == (("color_change/2.jpg",), "color_change/2.jpg")
    write(task / "annotation.json", {"1": {"ori_img": []}, "2": {"ori_img": [], "ins_en": "x"}})
    assert tells(tmp_path, "entry 1: ins_en", "entry 2: ori_img")


def test_imgedit_reads_single_hard_and_turned_instructions(tmp_path):
    write(
        tmp_path / "Benchmark" / "Basic" / "basic_edit.json",
        {"1082": {"id": "animal/1.jpg", "prompt": "change it", "edit_type": "adjust"}},
    )
    write(tmp_path / "Benchmark" / "UGE" / "UGE_edit.json", {"1": {"id": "2.jpg", "prompt": "remove it"}})
    write(
        tmp_path / "Benchmark" / "Multiturn" / "multiturn_memory.json",
        {"1": {"id": "3.jpg", "turn1": "a", "turn2": "b", "turn3": "c"}},
    )
    picture(tmp_path / "Benchmark" / "Basic" / "animal" / "1.jpg")
    dataset = read_dataset(tmp_path)
    assert len(dataset.cases) == 5
    assert dataset["basic-1082"].image == "Benchmark/Basic/animal/1.jpg"
    assert dataset["multiturn_memory-1-3"].after == "multiturn_memory-1-2"
    assert "4 of 5" in dataset.remarks[0]
    write(tmp_path / "Benchmark" / "Basic" / "basic_edit.json", {"1": {"id": "a.jpg", "prompt": "x"}, "2": {}})
    assert tells(tmp_path, "entry 1: edit_type", "entry 2: id, prompt")


def test_complexbench_joins_the_steps_of_a_chain(tmp_path):
    pairs = [{"edit_type": kind, "ori obj": "cat", "new_obj": "dog"} for kind in ("change object", "chain two")]
    item = {"img_path": "000000000009.jpg", "new_ins": "change the cat to a dog\r\nadd a collar.", "edit pair": pairs}
    path = tmp_path / "data" / "instructions" / "two-chain" / "final_update_v2.json"
    write(path, {"9": item})
    picture(tmp_path / "val2017" / "000000000009.jpg")
    (case,) = read_dataset(tmp_path).cases
    assert (case.id, case.instruction) == ("two-chain-9", "change the cat to a dog; add a collar")
    assert (case.kinds, case.image) == (("change object", "chain two"), "val2017/000000000009.jpg")
    write(path, {"9": item | {"edit pair": pairs[:1]}, "10": {"img_path": "x"}, "11": item | {"edit pair": [1]}})
    assert tells(tmp_path, "2 steps and 1 edit pairs", "entry 10: img_path or new_ins", "entry 11: an edit pair")


# --------------------------------------------------------------------------------------------------------------- COCO

SQUARE = [4.0, 4.0, 11.0, 4.0, 11.0, 9.0, 4.0, 9.0]


def instances(**more):
    return {
        "images": [{"id": 1, "file_name": "1.jpg"}],
        "categories": [{"id": 3, "name": "dog"}, {"id": 5, "name": "cup"}],
        "annotations": [
            {"id": 10, "image_id": 1, "category_id": 3, "segmentation": [SQUARE]},
            {"id": 11, "image_id": 1, "category_id": 5, "segmentation": {"size": [16, 24], "counts": [0, 32, 352]}},
        ],
    } | more


def test_coco_instances_become_a_true_scene(tmp_path):
    picture(tmp_path / "images" / "1.jpg")
    write(tmp_path / "annotations" / "instances_val2017.json", instances())
    dataset = read_dataset(tmp_path)
    (case,) = dataset.cases
    scene = dataset.scene(case)
    assert (case.instruction, case.targets, scene.ids) == ("remove the dog", ("dog_1",), ("dog_1", "cup_1"))
    assert scene["dog_1"].mask.area == 8 * 6
    assert scene["cup_1"].mask.to_array()[:, :2].all()
    wrong = instances(annotations=[{"id": 1, "image_id": 9}, {"id": 2, "image_id": 1, "category_id": 8}])
    write(tmp_path / "annotations" / "instances_val2017.json", wrong)
    assert tells(tmp_path, "about photo 9", "category 8")


def test_coco_panoptic_reads_segments_out_of_their_picture(tmp_path):
    picture(tmp_path / "images" / "1.jpg")
    segments = np.zeros((16, 24, 3), dtype=np.uint8)
    segments[2:6, 3:9] = (1, 2, 0)
    path = tmp_path / "annotations" / "panoptic_val2017" / "1.png"
    path.parent.mkdir(parents=True)
    Image.fromarray(segments).save(path)
    info = [{"id": 1 + 256 * 2, "category_id": 3}]
    entry = [{"image_id": 1, "file_name": "1.png", "segments_info": info}]
    write(tmp_path / "annotations" / "panoptic_val2017.json", instances(annotations=entry))
    dataset = read_dataset(tmp_path)
    assert dataset.scene(dataset.cases[0])["dog_1"].mask.area == 24
    path.unlink()
    assert tells(tmp_path, "1.png is missing")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"images": [{"id": 1}]}, "KeyError: 'file_name'"),
        ({"categories": [3]}, "TypeError"),
        ({"annotations": ["a dog"]}, "AttributeError"),
        ({"categories": [{"id": 3, "name": None}, {"id": 5, "name": "cup"}]}, "none that coco has there"),
    ],
)
def test_values_that_a_benchmark_never_has_are_a_fault_of_its_folder(tmp_path, values, words):
    picture(tmp_path / "images" / "1.jpg")
    write(tmp_path / "annotations" / "instances_val2017.json", instances(**values))
    assert tells(tmp_path, words)


@pytest.mark.parametrize(
    ("shape", "words"),
    [([SQUARE[:-1]], "shorter"), ({"counts": [0, 32]}, "do not add up to 16 x 24 pixels")],
)
def test_annotations_that_are_none_of_the_photo_are_named_with_their_case(tmp_path, shape, words):
    picture(tmp_path / "images" / "1.jpg")
    entry = {"id": 10, "image_id": 1, "category_id": 3, "segmentation": shape}
    write(tmp_path / "annotations" / "instances_val2017.json", instances(annotations=[entry]))
    dataset = read_dataset(tmp_path)
    with pytest.raises(SceneError, match=f"case instances_val2017-1 make no scene of images/1.jpg: .*{words}"):
        dataset.scene(dataset.cases[0])


@pytest.mark.parametrize("turned", [False, True])
def test_yolo_polygons_are_scaled_to_the_photo_as_it_is_seen(tmp_path, turned):
    photo, exif = tmp_path / "images" / "val2017" / "1.jpg", Image.Exif()
    picture(photo)
    if turned:
        exif[0x0112] = 6
        Image.new("RGB", (16, 24)).save(photo, exif=exif)
    write(tmp_path / "instance_segmentation" / "config.yaml", "names:\n  1: person\n  62: chair\n")
    label = tmp_path / "instance_segmentation" / "labels" / "val2017" / "1.txt"
    write(label, "62 0.25 0.25 0.5 0.25 0.5 0.75 0.25 0.75\n")
    dataset = read_dataset(tmp_path)
    box = dataset.scene(dataset.cases[0])["chair_1"].box
    assert (box.x0, box.y0) == (6, 4)
    write(label, "62 0.1 0.1\n7 0 0 1 0 1 1\n")
    assert tells(tmp_path, "line 1 is not a polygon", "line 2 is not a polygon")


def references():
    sentences = [{"sent": "dog on the left"}, {"sent": "small dog"}]
    base = {"ann_id": 10, "image_id": 1, "sentences": sentences}
    return [base | {"ref_id": 5, "split": "val"}, base | {"ref_id": 6, "split": "train"}]


def test_refcoco_reads_pickles_of_plain_values(tmp_path):
    picture(tmp_path / "images" / "1.jpg")
    write(tmp_path / "instances.json", instances())
    (tmp_path / "refs(unc).p").write_bytes(pickle.dumps(references(), protocol=2))
    dataset = read_dataset(tmp_path)
    assert [case.instruction for case in dataset.cases] == ["remove dog on the left", "remove small dog"]
    assert (dataset.mask_values(dataset.cases[0]) > 0).sum() == 48
    lost = [references()[0] | {"ann_id": 99}]
    (tmp_path / "refs(unc).p").write_bytes(pickle.dumps(lost, protocol=2))
    assert tells(tmp_path, "reference 5 is about an annotation")


class Evil:
    def __reduce__(self):
        # not print: other libraries put their own in its place
        return (eval, ("print('it ran')",))


def test_a_pickle_that_would_run_something_runs_nothing(tmp_path, capsys):
    write(tmp_path / "instances.json", instances())
    (tmp_path / "refs(unc).p").write_bytes(pickle.dumps([Evil()]))
    assert tells(tmp_path, "wants to load builtins.eval")
    assert "it ran" not in capsys.readouterr().out


# ----------------------------------------------------------------------------------------------------------- VOCEdits


def test_vocedits_has_the_mask_before_and_after(tmp_path):
    sample = tmp_path / "sample_0"
    for name in ("base_image.png", "base.png", "transformed_0.png", "transformed_1.png"):
        picture(sample / name)
    write(sample / "object_class.txt", "dog\n")
    write(sample / "prompt_0.txt", "<MOVE> <OBJECT> (65,-147) (12.70,-28.71) down-right")
    write(sample / "prompt_1.txt", "<SCALE> <OBJECT> 0.96.<FLIP> <OBJECT>")
    write(sample / "prompt_human_like_1.txt", "shrink the <OBJECT> a bit and flip it")
    first, second = read_dataset(tmp_path).cases
    assert first.instruction == "move the dog 65 pixels right and 147 pixels down"
    assert (first.group, first.mask_after) == ("move", "sample_0/transformed_0.png")
    assert (second.group, second.kinds) == ("several", ("resize", "flip"))
    assert second.instruction == "shrink the dog a bit and flip it"
    write(sample / "prompt_1.txt", "<DANCE>")
    picture(sample / "transformed_0.png", (3, 3))
    assert tells(tmp_path, "names no edit", "the mask after sample_0/transformed_0.png is 3 x 3")


@pytest.mark.parametrize(
    ("notation", "words"),
    [
        ("<ROTATE> <OBJECT> -77.91", "turn the cup by 77.91 degrees anticlockwise"),
        ("<SCALE> <OBJECT> 1.07", "scale the cup to 107%"),
        ("<MOVE> <OBJECT> (-132,70) (-25.78,13.67) up-left", "move the cup 132 pixels left and 70 pixels up"),
        ("<FLIP> <OBJECT>.<SCALE> <OBJECT> 0.5", "flip the cup and scale the cup to 50%"),
    ],
)
def test_vocedits_notation_is_spoken(notation, words):
    assert spoken(notation, "cup") == words
