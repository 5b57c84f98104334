"""Every way to say which one of several is meant, held against a reading that looks at nothing but coordinates."""

from hypothesis import given, settings
from hypothesis import strategies as st

from cielr import Scene
from cielr.core.geometry import Box, Mask
from cielr.core.scene import SceneObject
from cielr.reasoning.grammar.reader import plan_explicit

ORDINALS = ["first", "second", "third", "fourth", "last"]
SIDES = {
    "left": lambda box: box.x0,
    "right": lambda box: -box.x0,
    "top": lambda box: box.y0,
    "bottom": lambda box: -box.y0,
}
ROWS = {"top": 0, "middle": 1, "bottom": 2, "first": 0, "second": 1, "third": 2, "last": 2}


@st.composite
def grids(draw):
    """Three rows of five coins whose sizes are all different."""
    sizes = draw(st.permutations(range(20, 35)))
    things = []
    for number, size in enumerate(sizes):
        x, y = 10 + 70 * (number % 5), 10 + 80 * (number // 5)
        box = Box(x, y, x + size, y + size)
        mask = Mask.from_box(box, 260, 360)
        things.append(SceneObject(id=f"coin_{number + 1}", label="coin", box=box, mask=mask))
    return Scene(width=360, height=260, objects=tuple(things))


def of_row(scene: Scene, row: int) -> list[SceneObject]:
    return list(scene.objects[5 * row : 5 * row + 5])


def at(things: list[SceneObject], rank: str) -> str:
    return things[-1 if rank == "last" else ORDINALS.index(rank)].id


def target(scene: Scene, instruction: str) -> str:
    (action,) = plan_explicit(scene, instruction).actions
    (name,) = action.objects
    return name


COUNTED_IN_A_ROW = [
    "remove the {rank} coin from the {side} in the {row} row",
    "remove the {rank} coin in the {row} row from the {side}",
    "remove the {rank} of the coins from the {side} in the {row} row",
    "remove the {rank} of the coins in the {row} row from the {side}",
    "remove the {rank} from the {side} of the coins in the {row} row",
    "remove the coin in the {row} row that is the {rank} from the {side}",
    "remove, in the {row} row, the {rank} coin from the {side}",
]


@settings(max_examples=120)
@given(
    grids(),
    st.sampled_from(COUNTED_IN_A_ROW[:6]),
    st.sampled_from(ORDINALS),
    st.sampled_from(["left", "right"]),
    st.sampled_from(list(ROWS)),
)
def test_counted_from_a_side_in_a_row(scene, words, rank, side, row):
    expected = at(sorted(of_row(scene, ROWS[row]), key=lambda coin: SIDES[side](coin.box)), rank)
    assert target(scene, words.format(rank=rank, side=side, row=row)) == expected


SIZED_IN_A_ROW = [
    "remove the {rank} {best} coin in the {row} row",
    "remove the {rank} {best} of the coins in the {row} row",
    "remove the {rank} {best} one of the coins in the {row} row",
    "remove the {rank}-{best} coin of the {row} row",
]


@settings(max_examples=120)
@given(
    grids(),
    st.sampled_from(SIZED_IN_A_ROW),
    st.sampled_from(["", "second", "third"]),
    st.sampled_from(["largest", "biggest", "smallest", "tallest", "leftmost", "rightmost"]),
    st.sampled_from(list(ROWS)),
)
def test_ranked_by_size_or_side_in_a_row(scene, words, rank, best, row):
    keys = {
        "largest": lambda coin: -coin.box.area,
        "biggest": lambda coin: -coin.box.area,
        "tallest": lambda coin: -coin.box.height,
        "smallest": lambda coin: coin.box.area,
        "leftmost": lambda coin: coin.box.x0,
        "rightmost": lambda coin: -coin.box.x0,
    }
    ordered = sorted(of_row(scene, ROWS[row]), key=keys[best])
    said = words.format(rank=rank, best=best, row=row).replace("the -", "the ")
    assert target(scene, said) == ordered[["", "second", "third"].index(rank)].id


OF_ALL = [
    "remove the {rank} {best} coin",
    "remove the {rank} {best} of all coins",
    "remove the {rank} {best} of the coins",
    "remove the {rank} {best} one",
]


@settings(max_examples=60)
@given(
    grids(),
    st.sampled_from(OF_ALL),
    st.sampled_from(["", "second", "third", "fourth"]),
    st.sampled_from(["largest", "smallest"]),
)
def test_ranked_by_size_of_all(scene, words, rank, best):
    ordered = sorted(scene.objects, key=lambda coin: coin.box.area, reverse=best == "largest")
    assert (
        target(scene, words.format(rank=rank, best=best)) == ordered[["", "second", "third", "fourth"].index(rank)].id
    )


@settings(max_examples=60)
@given(grids(), st.sampled_from(["top left", "top right", "bottom left", "bottom right"]), st.data())
def test_corners_in_every_wording(scene, corner, data):
    down, across = corner.split()
    wordings = [
        f"remove the {corner} coin",
        f"remove the coin in the {corner} corner",
        f"remove the coin in the {corner} hand corner",
        f"remove the coin in the {down}-{across} corner of the picture",
        f"remove the coin at the far {corner}",
    ]
    expected = {("top", "left"): 1, ("top", "right"): 5, ("bottom", "left"): 11, ("bottom", "right"): 15}[down, across]
    assert target(scene, data.draw(st.sampled_from(wordings))) == f"coin_{expected}"
