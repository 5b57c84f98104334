"""Random photos, scenes and plans: 0 samples change outside, and nothing ends in anything but a `CielrError`.

`CIELR_FUZZ` in the environment multiplies how often everything is tried.
"""

import os

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cielr.actions.place import Place
from cielr.actions.plan import Plan
from cielr.core.geometry import Mask
from cielr.core.scene import Scene, SceneObject
from cielr.editing.executor import execute
from cielr.editing.painters import BuiltinFill
from cielr.errors import CielrError
from cielr.region import regions, seeded

MANY = settings(
    max_examples=3000 * int(os.environ.get("CIELR_FUZZ", "1")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
CHANGES = [
    *("colour red", "colour all navy", "colour white 40%", "colour #12f0a0", "brighten 30%", "brighten 1000%"),
    *("darken 100%", "blur 3px", "blur 500px", "blur 0px", "desaturate 100%", "made of glass"),
]
RELATIONS = ["by", "at", "left_of", "right_of", "above", "below", "on", "inside", "next_to", "behind", "in_front_of"]


@st.composite
def photos(draw):
    """uint8 or float32 [H, W, 3] from 1 x 1 on: noise, flat, ramps, and now and then a sample that is not a number."""
    height, width = draw(st.integers(1, 60)), draw(st.integers(1, 60))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    image = {
        "noise": lambda: rng.random((height, width, 3)),
        "flat": lambda: np.full((height, width, 3), rng.random()),
        "ramp": lambda: np.linspace(0, 1, width)[None, :, None] * np.ones((height, 1, 3)),
        "black": lambda: np.zeros((height, width, 3)),
        "white": lambda: np.ones((height, width, 3)),
    }[draw(st.sampled_from(["noise", "noise", "flat", "ramp", "black", "white"]))]()
    if draw(st.booleans()):
        return np.rint(image * 255).astype(np.uint8)
    image = image.astype(np.float32)
    if draw(st.integers(0, 7)) == 0:
        image[rng.integers(0, height), rng.integers(0, width), 0] = draw(st.sampled_from([np.nan, np.inf, -np.inf]))
    return image


@st.composite
def masks(draw, height, width):
    """Boxes, discs, rings, hairs, specks, noise, everything."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    y, x = rng.integers(0, height), rng.integers(0, width)
    rows, columns = np.mgrid[:height, :width]
    away = np.hypot(rows - y, columns - x)
    radius = rng.uniform(0, max(height, width) / 2)
    kind = draw(st.sampled_from(["disc", "ring", "hair", "speck", "noise", "box", "everything"]))
    array = {
        "disc": away <= radius,
        "ring": (away <= radius) & (away >= 0.6 * radius),
        "hair": (rows == y) & (columns >= x),
        "speck": away < 1.5,
        "noise": rng.random((height, width)) < 0.4,
        "box": (rows >= y) & (columns >= x) & (rows < y + 9) & (columns < x + 9),
        "everything": rows >= 0,
    }[kind].copy()
    array[y, x] = True
    return Mask.from_array(array)


@st.composite
def scenes(draw, image):
    height, width = image.shape[:2]
    things = []
    for number in range(draw(st.integers(1, 4))):
        mask = draw(masks(height, width))
        owner = f"thing_{number}" if number and draw(st.integers(0, 4)) == 0 else None
        depth = draw(st.sampled_from([None, 0.2, 0.8]))
        name = f"thing_{number + 1}"
        things.append(SceneObject(id=name, label="thing", box=mask.box, mask=mask, depth=depth, effect_of=owner))
    return Scene(width=width, height=height, objects=tuple(things))


def actions(scene):
    """An action of any kind that code and fills can carry out, whether or not it makes sense."""
    names = st.sampled_from(scene.ids)
    targets = st.lists(names, min_size=1, max_size=2, unique=True).map(tuple)
    number = st.floats(-2, 2)
    offset = st.builds(lambda x, y: Place(relation="by", x=x, y=y), st.integers(-70, 70), st.integers(-70, 70))
    spot = st.builds(lambda x, y: Place(relation="at", x=abs(x) / 2, y=abs(y) / 2), number, number)
    beside = st.builds(lambda r, a: Place(relation=r, anchors=(a,)), st.sampled_from(RELATIONS[2:]), names)
    place = st.one_of(offset, spot, beside)
    keep = st.one_of(st.just(()), names.map(lambda name: (name,)))
    wanted = {
        "remove": st.fixed_dictionaries({"targets": targets, "keep": keep}),
        "modify": st.fixed_dictionaries({"targets": targets, "change": st.sampled_from(CHANGES), "keep": keep}),
        "move": st.fixed_dictionaries({"targets": targets, "to": place, "keep": keep}),
        "duplicate": st.fixed_dictionaries({"targets": targets, "to": place}),
        "resize": st.fixed_dictionaries({"targets": targets, "scale": st.sampled_from([1e-3, 0.3, 1, 1.7, 10, 1e6])}),
        "turn": st.fixed_dictionaries({"targets": targets, "degrees": st.floats(-400, 400)}),
        "swap": st.fixed_dictionaries({"targets": st.lists(names, min_size=2, max_size=2).map(tuple)}),
        "background": st.fixed_dictionaries({"to": st.sampled_from(CHANGES)}),
        "global": st.fixed_dictionaries({"style": st.sampled_from(CHANGES), "keep": keep}),
    }
    return st.sampled_from(sorted(wanted)).flatmap(
        lambda kind: wanted[kind].map(lambda fields: {"kind": kind, **fields})
    )


@MANY
@given(st.data())
def test_no_edit_changes_anything_outside_or_ends_in_an_exception_of_its_own(data):
    image = data.draw(photos())
    scene = data.draw(scenes(image))
    chain = data.draw(st.lists(actions(scene), min_size=1, max_size=3))
    method = data.draw(st.sampled_from(["auto", "exemplar", "smooth"]))
    before = image.copy()
    try:
        plan = Plan.model_validate({"actions": chain})
    except ValueError:
        return
    try:
        found = seeded(regions(plan, scene), 1)
        result = execute(image, found, fill=BuiltinFill(method, data.draw(st.sampled_from([None, 16]))))
    except CielrError:
        return
    finally:
        assert np.array_equal(image, before, equal_nan=True), "the input is never written to"
    support = (
        np.any([region.support.to_array() for region in found], axis=0) if found else np.zeros(image.shape[:2], bool)
    )
    assert np.array_equal(result[~support], before[~support], equal_nan=True)
    assert np.isfinite(result[support]).all()
