"""Masks as bits, 64 pixels a word: at full size, a step of morphology costs a few operations a word.

Columns are bits, the leftmost the lowest; what lies outside the array is unset.
"""

from __future__ import annotations

import numpy as np

from ...core.geometry import Box, Mask

WORD = np.dtype("<u8")
ONE, LAST = np.uint64(1), np.uint64(63)


def packed(array: np.ndarray) -> np.ndarray:
    """uint64 [h, w // 64 + 1]: bool [h, w] with 64 columns a word; the bits behind the last column are unset."""
    height, width = array.shape
    octets = np.zeros((height, (width // 64 + 1) * 8), dtype=np.uint8)
    octets[:, : -(-width // 8)] = np.packbits(array, axis=1, bitorder="little")
    return octets.view(WORD)


def closed_and_opened(bits: np.ndarray, width: int, times: int) -> np.ndarray:
    """Closed, kept where it was set before, and opened, each by the diamond that has `times` pixels from middle to tip.

    The diamond is a cross repeated, and so are its dilation and its erosion; a closing stays inside the array.
    """
    grown = _repeated(bits, np.bitwise_or, times)
    # what grew past the last column does not count
    grown[:, -1] &= (ONE << np.uint64(width % 64)) - ONE
    closed = _repeated(grown, np.bitwise_and, times) | bits
    opened = _repeated(_repeated(closed, np.bitwise_and, times), np.bitwise_or, times)
    opened[:, -1] &= (ONE << np.uint64(width % 64)) - ONE
    return opened


def _repeated(bits: np.ndarray, fold: np.ufunc, times: int) -> np.ndarray:
    """Each pixel folded with the four beside it (or: dilation by a cross, and: erosion), some times over."""
    for _ in range(times):
        before = bits
        beside = before << ONE
        beside[:, 1:] |= before[:, :-1] >> LAST
        bits = fold(before, beside)
        np.right_shift(before, ONE, out=beside)
        beside[:, :-1] |= before[:, 1:] << LAST
        fold(bits, beside, out=bits)
        fold(bits[1:], before[:-1], out=bits[1:])
        fold(bits[:-1], before[1:], out=bits[:-1])
        if fold is np.bitwise_and:
            bits[0] = bits[-1] = 0
    return bits


def without_holes(bits: np.ndarray, box: Box, height: int, width: int) -> Mask:
    """The mask of an image of that size whose bits within a box these are, with its holes filled.

    A hole is what no 4-connected path of unset pixels joins to the border of the box.
    """
    rows, columns = _edges(bits)
    rows, starts, ends = rows[::2], columns[::2], columns[1::2]
    # a hole lies between two runs of one row: without any such gap there is none
    gaps = np.flatnonzero(rows[1:] == rows[:-1])
    if len(gaps):
        inner = gaps[_enclosed(rows, starts, ends, box)]
        rows, starts, ends = np.delete(rows, inner + 1), np.delete(starts, inner + 1), np.delete(ends, inner)
    first = (rows + box.y0) * width + box.x0
    edges = np.stack([first + starts, first + ends], axis=1).ravel()
    # a run to the right border goes on at the left one of the next row: there is no change between the two
    joined = np.flatnonzero(edges[1:] == edges[:-1])
    edges = np.delete(edges, np.concatenate((joined, joined + 1)))
    if edges.size and edges[-1] == height * width:
        edges = edges[:-1]
    return Mask(height=height, width=width, runs=np.diff(edges, prepend=0, append=height * width))


def _edges(bits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(rows, columns) where a row's value changes, in reading order; two for each run, its start and its end."""
    changed = bits << ONE
    changed[:, 1:] |= bits[:, :-1] >> LAST
    changed ^= bits
    rows, words = np.nonzero(changed)
    octets = np.ascontiguousarray(changed[rows, words]).view(np.uint8).reshape(-1, 8)
    number, place = np.nonzero(np.unpackbits(octets, axis=1, bitorder="little"))
    return rows[number], words[number] * 64 + place


def _enclosed(rows: np.ndarray, starts: np.ndarray, ends: np.ndarray, box: Box) -> np.ndarray:
    """bool, one for each gap between two runs of one row: whether it is part of a hole."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    # every stretch of unset pixels, row by row: before the first run, between two, behind the last
    lines = np.arange(box.height)
    gap_rows = np.concatenate([rows, lines])
    gap_starts = np.concatenate([ends, np.zeros(box.height, dtype=ends.dtype)])
    order = np.lexsort((gap_starts, gap_rows))
    gap_rows, gap_starts = gap_rows[order], gap_starts[order]
    gap_ends = np.empty_like(gap_starts)
    last = np.append(gap_rows[1:] != gap_rows[:-1], True)
    gap_ends[last] = box.width
    gap_ends[~last] = starts
    # those in the next row that share a column with it follow each other
    stride = box.width + 1
    low = np.searchsorted(gap_rows * stride + gap_ends, (gap_rows + 1) * stride + gap_starts, side="right")
    high = np.searchsorted(gap_rows * stride + gap_starts, (gap_rows + 1) * stride + gap_ends, side="left")
    counts = np.where(gap_ends > gap_starts, np.maximum(high - low, 0), 0)
    above = np.repeat(np.arange(len(counts)), counts)
    below = np.arange(len(above)) + np.repeat(low - (np.cumsum(counts) - counts), counts)
    links = coo_matrix((np.ones(len(above), dtype=bool), (above, below)), shape=(len(counts), len(counts)))
    _, parts = connected_components(links, directed=False)
    at_border = (gap_starts == 0) | last | (gap_rows == 0) | (gap_rows == box.height - 1)
    open_parts = np.zeros(parts.max() + 1, dtype=bool)
    open_parts[parts[at_border & (gap_ends > gap_starts)]] = True
    return ~open_parts[parts[(gap_starts > 0) & ~last]]
