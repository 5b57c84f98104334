"""Things that somebody else found: every format is written here by hand, after its own tool, and read back."""

import base64
import io
import json

import numpy as np
import pytest
from PIL import Image

from cielr.core.geometry import Box, Mask
from cielr.errors import SceneError
from cielr.perception.given.run_lengths import unpacked
from cielr.perception.given.scene import GivenFiles, read_masks, scene_of_masks, scene_of_things
from cielr.perception.given.things import Frame, label_of_stem

WIDTH, HEIGHT = 60, 40
FRAME = Frame(WIDTH, HEIGHT, "photo.jpg")
CUP = np.zeros((HEIGHT, WIDTH), bool)
CUP[5:15, 10:25] = True
PLATE = np.zeros((HEIGHT, WIDTH), bool)
PLATE[20:38, 30:58] = True
PLATE[25:30, 35:40] = False


def picture(path, mask):
    Image.fromarray(mask.astype(np.uint8) * 255).save(path)


def read(folder, value, frame=FRAME):
    """The things of a file of annotations that says so."""
    file = folder / "annotations.json"
    file.write_text(value if isinstance(value, str) else json.dumps(value))
    return read_masks(file, frame)


def told(things):
    return [(thing.label, thing.mask) for thing in things]


BOTH = [("cup", Mask.from_array(CUP)), ("plate", Mask.from_array(PLATE))]


def packed(mask) -> str:
    """COCO's packed run lengths, written after `rleToString` of its C code."""
    counts = Mask.from_array(mask.T).runs.tolist()
    text = ""
    for place, count in enumerate(counts):
        value = count - counts[place - 2] if place > 2 else count
        more = True
        while more:
            bits = value & 31
            value >>= 5
            more = value != (-1 if bits & 16 else 0)
            text += chr((bits | (32 if more else 0)) + 48)
    return text


# ------------------------------------------------------------------------------------------------------------ pictures


def test_a_folder_of_masks_is_named_by_its_files(tmp_path):
    picture(tmp_path / "cup_1.png", CUP)
    picture(tmp_path / "plate.png", PLATE)
    (tmp_path / "notes.txt").write_text("not a mask")
    assert told(read_masks(tmp_path, FRAME)) == BOTH


@pytest.mark.parametrize(
    ("stem", "label"),
    [
        ("cup", "cup"),
        ("cup_2", "cup"),
        ("dark_red-cup_12", "dark red cup"),
        ("0", ""),
        ("mask_3", ""),
        ("cup_mask", "cup"),
        ("cup (2)", "cup"),
        ("7up", "7up"),
        ("コップ_1", "コップ"),
    ],
)
def test_a_label_is_a_files_name_without_its_number(stem, label):
    assert label_of_stem(stem) == label


@pytest.mark.parametrize("kind", ["grey", "palette", "deep", "colours"])
def test_a_label_map_has_a_thing_for_each_value(tmp_path, kind):
    values = np.zeros((HEIGHT, WIDTH), np.uint8)
    values[CUP], values[PLATE] = 3, 9
    names = {"3": "cup", "9": "plate"}
    if kind == "palette":
        image = Image.fromarray(values, "P")
        image.putpalette([k % 251 for k in range(768)])
    elif kind == "deep":
        image = Image.fromarray(values.astype(np.uint16) * 300)
        names = {"900": "cup", "2700": "plate"}
    elif kind == "colours":
        colours = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
        colours[CUP], colours[PLATE] = (0, 128, 255), (255, 0, 0)
        image = Image.fromarray(colours)
        names = {"#FF0000": "plate", "#0080ff": "cup"}
    else:
        image = Image.fromarray(values)
    image.save(tmp_path / "map.png")
    (tmp_path / "map.json").write_text(json.dumps(names))
    assert told(read_masks(tmp_path / "map.png", FRAME)) == BOTH


def test_the_void_of_a_label_map_is_no_thing_unless_it_has_a_name(tmp_path):
    values = np.full((HEIGHT, WIDTH), 255, np.uint8)
    values[CUP] = 1
    Image.fromarray(values).save(tmp_path / "map.png")
    names = tmp_path / "names.txt"
    names.write_text("background\ncup\n")
    assert [thing.label for thing in read_masks(tmp_path / "map.png", FRAME, names)] == ["cup"]


def test_a_picture_without_names_is_one_mask_with_soft_edges(tmp_path):
    soft = np.where(CUP, 200, 100).astype(np.uint8)
    Image.fromarray(soft).save(tmp_path / "cup.png")
    assert told(read_masks(tmp_path / "cup.png", FRAME)) == BOTH[:1]


def test_a_mask_of_another_size_names_both_sizes(tmp_path):
    picture(tmp_path / "cup.png", CUP[:, :50])
    with pytest.raises(SceneError, match=r"cup\.png is 50 x 40 pixels and the photo 60 x 40"):
        read_masks(tmp_path, FRAME)


def test_a_cut_out_is_not_guessed_at(tmp_path):
    image = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
    image[CUP] = 255
    Image.fromarray(image).save(tmp_path / "cup.png")
    with pytest.raises(SceneError, match="not clear whether the thing is what was erased"):
        read_masks(tmp_path, FRAME)


# --------------------------------------------------------------------------------------------------------- annotations


def coco(**more):
    polygon = [30, 20, 57, 20, 57, 37, 30, 37]
    return {
        "images": [
            {"id": 7, "file_name": "train/photo.jpg", "width": WIDTH, "height": HEIGHT},
            {"id": 8, "file_name": "other.jpg", "width": 10, "height": 10},
        ],
        "categories": [{"id": 1, "name": "cup"}, {"id": 2, "name": "plate"}],
        "annotations": [
            {"image_id": 7, "category_id": 1, "segmentation": Mask.from_array(CUP).to_coco(), "bbox": [10, 5, 15, 10]},
            {"image_id": 7, "category_id": 2, "segmentation": [polygon], "iscrowd": 0},
            {"image_id": 8, "category_id": 2, "bbox": [0, 0, 5, 5]},
        ],
    } | more


def test_coco_gives_the_things_of_its_own_photo(tmp_path):
    square = Mask.from_box(Box(30, 20, 58, 38), HEIGHT, WIDTH)
    assert told(read(tmp_path, coco())) == [BOTH[0], ("plate", square)]
    with pytest.raises(SceneError, match=r"has no photo called holiday\.jpg among its 2"):
        read(tmp_path, coco(), Frame(WIDTH, HEIGHT, "holiday.jpg"))
    with pytest.raises(SceneError, match="is 60 x 40 pixels and the photo 50 x 40"):
        read(tmp_path, coco(), Frame(50, HEIGHT, "photo.jpg"))
    with pytest.raises(SceneError, match=r"The category 2 of annotation 2 .* has no name"):
        read(tmp_path, coco(categories=[{"id": 1, "name": "cup"}]))


def test_sams_masks_come_packed_or_not(tmp_path):
    masks = [
        {"segmentation": {"size": [HEIGHT, WIDTH], "counts": packed(CUP)}, "predicted_iou": 0.9, "area": 150},
        {"segmentation": Mask.from_array(PLATE).to_coco(), "predicted_iou": 1.02, "bbox": [30, 20, 28, 18]},
    ]
    things = read(tmp_path, masks)
    assert told(things) == [("", BOTH[0][1]), ("", BOTH[1][1])]
    assert [thing.score for thing in things] == [0.9, 1.0]


def test_packed_run_lengths_are_read_for_any_mask():
    random = np.random.default_rng(3)
    for density in (0.02, 0.3, 0.7):
        mask = random.random((37, 53)) < density
        assert unpacked(packed(mask)) == Mask.from_array(mask.T).runs.tolist()


@pytest.mark.parametrize("text", ["p", "  ", "é", "oooooooooooooooooooo"])
def test_damaged_run_lengths_are_one_sentence(text):
    with pytest.raises(ValueError, match="packed run lengths are"):
        unpacked(text)


def test_grounded_sams_file_names_its_things_itself(tmp_path):
    outline = {"size": [HEIGHT, WIDTH], "counts": packed(CUP)}
    cup = {"class_name": "cup", "bbox": [10, 5, 25, 15], "score": 0.8, "segmentation": outline}
    photo = {"image_path": "photo.jpg", "img_width": WIDTH, "img_height": HEIGHT}
    assert told(read(tmp_path, photo | {"annotations": [cup], "box_format": "xyxy"})) == BOTH[:1]


def labelme(*shapes, **more):
    return {"version": "5.4.1", "flags": {}, "imageHeight": HEIGHT, "imageWidth": WIDTH, "shapes": list(shapes)} | more


def test_labelmes_shapes_are_polygons_rectangles_circles_and_masks(tmp_path):
    stored = io.BytesIO()
    Image.fromarray(PLATE[20:38, 30:58].astype(np.uint8)).save(stored, "PNG")
    value = labelme(
        {"label": "cup", "shape_type": "polygon", "points": [[10, 5], [24, 5], [24, 14], [10, 14]], "group_id": None},
        {
            "label": "plate",
            "shape_type": "mask",
            "points": [[30.0, 20.0], [57.0, 37.0]],
            "mask": base64.b64encode(stored.getvalue()).decode(),
        },
        {"label": "dot", "shape_type": "circle", "points": [[30, 10], [33, 10]]},
        {"label": "box", "shape_type": "rectangle", "points": [[50, 12], [40, 2]]},
    )
    things = read(tmp_path, value)
    assert told(things)[:2] == BOTH
    assert things[2].mask.area == 29
    assert things[3].box.corners == (40, 2, 50, 12)


def test_labelmes_groups_are_one_thing(tmp_path):
    halves = [
        {"label": "cup", "shape_type": "rectangle", "points": [[10, 5], [17, 15]], "group_id": 1},
        {"label": "cup", "shape_type": "rectangle", "points": [[17, 5], [25, 15]], "group_id": 1},
    ]
    assert told(read(tmp_path, labelme(*halves))) == BOTH[:1]
    with pytest.raises(SceneError, match="covers no area"):
        read(tmp_path, labelme({"label": "cup", "shape_type": "point", "points": [[1, 1]]}))
    with pytest.raises(SceneError, match="61 x 40 pixels and the photo 60 x 40"):
        read(tmp_path, labelme(*halves, imageWidth=61))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{}", "no annotations that are read"),
        ("[1, 2]", "no annotations that are read"),
        ('{"annotations": 3}', "takes a list"),
        ('{"annotations": [{"segmentation": {"size": [40, 60]}}]}', "'counts' is missing"),
        ('{"annotations": [{"segmentation": {"size": [40, 60], "counts": [5]}}]}', "do not add up"),
        ('{"annotations": [{"segmentation": {"size": [40, 60], "counts": [-5, 2405]}}]}', "negative"),
        ('{"annotations": [{"segmentation": [[1, 2, 3]]}]}', "odd number"),
        ('{"annotations": [{"bbox": [5, 5, -2, 3]}]}', "ends before it begins"),
        ('{"annotations": [', "is not JSON"),
        ('{"annotations": []}', "masks nothing"),
    ],
)
def test_what_is_wrong_in_a_file_is_one_sentence(tmp_path, text, why):
    with pytest.raises(SceneError, match=why):
        read(tmp_path, text)


# --------------------------------------------------------------------------------------------------------------- boxes


def test_yolos_boxes_are_shares_of_the_photo(tmp_path):
    (tmp_path / "labels").mkdir()
    (tmp_path / "data.yaml").write_text("path: .\nnc: 2\nnames:\n  0: cup\n  1: plate\n")
    file = tmp_path / "labels" / "photo.txt"
    file.write_text(f"0 {17.5 / WIDTH} {10 / HEIGHT} {15 / WIDTH} {10 / HEIGHT}\n1 0.9 0.5 0.4 0.5 0.75\n")
    things = GivenFiles(boxes=file).things(FRAME)
    assert [(thing.label, thing.box.corners, thing.score) for thing in things] == [
        ("cup", (10, 5, 25, 15), 1.0),
        ("plate", (42, 10, 60, 30), 0.75),
    ]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("0 100 50 20 20", "a box in pixels"),
        ("cup 0.5 0.5 0.1 0.1", "not a YOLO box"),
        ("0 0.5 0.5 0.1", "not a YOLO box"),
        ("9 0.5 0.5 0.1 0.1", "class 9, which has no name"),
        ("", "holds no box"),
    ],
)
def test_what_is_no_box_is_one_sentence(tmp_path, line, why):
    (tmp_path / "classes.txt").write_text("cup\nplate\n")
    file = tmp_path / "photo.txt"
    file.write_text(line + "\n")
    with pytest.raises(SceneError, match=why):
        GivenFiles(boxes=file).things(FRAME)


def test_a_box_is_outlined_in_the_photo():
    image = np.full((HEIGHT, WIDTH, 3), (40, 90, 60), np.uint8)
    image[CUP] = (200, 40, 40)
    things = FRAME.boxed("cup", (8, 3, 27, 17))
    scene = scene_of_things(image, things)
    assert scene["cup_1"].mask.iou(BOTH[0][1]) > 0.95
    assert not scene["cup_1"].box_only
    flat = scene_of_things(np.full_like(image, 90), things)
    assert flat["cup_1"].box_only
    assert flat["cup_1"].box.corners == (8, 3, 27, 17)


# --------------------------------------------------------------------------------------------------------------- scene


def test_masks_become_a_scene_in_reading_order():
    image = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    scene = scene_of_masks(image, {"plate": PLATE, "cup": [CUP.astype(np.float32), Mask.from_array(CUP[::-1])]})
    assert scene.ids == ("cup_1", "cup_2", "plate_1")
    assert scene["cup_1"].mask == BOTH[0][1]
    with pytest.raises(SceneError, match="mask of 'cup' is 50 x 40 pixels and the photo 60 x 40"):
        scene_of_masks(image, {"cup": CUP[:, :50]})
    with pytest.raises(SceneError, match="empty"):
        scene_of_masks(image, {"cup": np.zeros_like(CUP)})
    with pytest.raises(SceneError, match=r"an array of the shape \[40, 60, 3\]"):
        scene_of_masks(image, {"cup": image})


def test_one_label_names_what_has_none():
    image = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    things = [*FRAME.masked("", BOTH[0][1]), *FRAME.masked("plate", BOTH[1][1])]
    assert [thing.label for thing in scene_of_things(image, things, "coin").objects] == ["coin", "plate"]
    with pytest.raises(SceneError, match="nobody knows whose the 2 labels are"):
        scene_of_things(image, things, "coin, cup")
