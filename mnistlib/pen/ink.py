"""Pen strokes become a 28 × 28 image, the way MNIST's images were made.

A stroke is the path of a pen from touching down to lifting off: an (n, 2) array of x, y, y growing downwards.
`rasterise` takes the strokes of one drawing; `ink` is the part that lays the ink on the pixels, for many
drawings at once, and `synthetic` uses it too: a learner's strokes and the sample's take one road.

MNIST's recipe (LeCun, Bottou, Bengio & Haffner, "Gradient-based learning applied to document recognition",
Proceedings of the IEEE 86, 1998, section III.A): scale the digit into a box of 20 × 20 pixels, keeping its
aspect ratio and smoothing its edges; then move it so that its centre of mass is the centre of the 28 × 28
field. Two details are not in the paper, and were measured on the 60,000 training images. The move is by whole
pixels. And the centre is pixel (14, 14), counting from 0, not the point (13.5, 13.5) where the four middle
pixels meet: the centres of mass lie evenly spread over 13.5 to 14.5 in both directions.

Positions on the 28 × 28 grid are given in pixels, and pixel (row 3, column 5) has its middle at x = 5, y = 3.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike

SIDE = 28  # pixels along one side of the image
BOX = 20  # pixels along the longer side of the ink
WIDTH = 2.5  # pixels: with this pen, digits by 30 writers have as much ink as MNIST's training images
EDGE = 1.0  # pixels over which the ink fades from black to white at the rim of a stroke
CENTRE_OF_MASS = 14  # the pixel, in both directions, in which MNIST puts the centre of mass
MIDDLE = (SIDE - 1) / 2  # 13.5: where the middle of the image lies

_STEP = 0.3  # pixels between two spots of ink; the rim of a line is then wavy by less than 0.01 pixel
_CROWDED = 20_000  # spots; from here on it pays to look for those that lie on top of each other, in parts


def rasterise(
    strokes: Iterable,
    *,
    width: float = WIDTH,
    box: bool = True,
    centre: bool = True,
    canvas: float | None = None,
) -> np.ndarray:
    """Draw strokes as one image in MNIST's manner: white ink on black, boxed and centred.

    Parameters
    ----------
    strokes : list of (n, 2) array-likes
        Each stroke's points as x, y; y grows downwards, any unit. One point is a dot. Strokes without points
        are skipped.
    width : float
        The pen's width in pixels of the 28 × 28 image, from 0.01 to 10.
    box : bool
        True: the ink is scaled so that its longer side fills 20 pixels, whatever its size and place were.
        False: the ink keeps its place on a square sheet whose side is `canvas`, which is shrunk to 28 × 28
        plainly; what lies outside the sheet is cut off.
    centre : bool
        True: the image is moved, by whole pixels, so that its centre of mass falls into pixel (14, 14); less
        far if ink would otherwise touch the border. False: it stays (with `box`, the box is in the middle).
    canvas : float, optional
        The side of the sheet in the strokes' unit. Needed for `box=False` only.

    Returns
    -------
    (28, 28) uint8 array: 0 where there is no ink (everywhere, if there are no points), 255 where all is ink.

    Raises
    ------
    ValueError
        If a stroke is not a list of x, y pairs, if a coordinate is NaN or infinite, or if `width` or `canvas`
        is out of range.
    """
    if not 0.01 <= width <= 10:
        raise ValueError(f"width is the pen's width in pixels, from 0.01 to 10, but it is {width!r}")
    strokes = checked_strokes(strokes)
    if not box and not (canvas is not None and 0 < canvas < np.inf):
        raise ValueError(f"box=False needs canvas=, the sheet's side in the strokes' unit, not {canvas!r}")
    if not strokes:
        return np.zeros((SIDE, SIDE), np.uint8)

    points = np.concatenate(strokes)
    if box:
        points = fit_box(points, width / 2)
    else:
        with np.errstate(over="ignore"):
            points = np.clip(points / canvas * SIDE - 0.5, -1e100, 1e100)
    spots = _spots(points, [len(stroke) for stroke in strokes])
    image = np.zeros((1, SIDE, SIDE), np.uint8)
    for some in np.array_split(spots, len(spots) // _CROWDED + 1):  # memory stays small
        image = np.maximum(image, ink(some[None], np.float32(width / 2)))
    return (centre_mass(image) if centre else image)[0]


def checked_strokes(strokes: Iterable) -> list[np.ndarray]:
    """The strokes as a list of float (n, 2) arrays, n > 0, or a ValueError that says which one is wrong."""
    wanted = "strokes must be a list of strokes, each a list of x, y pairs"
    try:
        strokes = list(strokes)
    except TypeError:
        raise ValueError(f"{wanted}, but got {type(strokes).__name__}") from None
    checked = []
    for number, stroke in enumerate(strokes):
        try:
            stroke = np.asarray(stroke, float)
        except (TypeError, ValueError, OverflowError):
            raise ValueError(f"{wanted}, but stroke {number} holds something else") from None
        if stroke.size == 0:
            continue
        if stroke.ndim != 2 or stroke.shape[1] != 2:
            hint = ". For a single stroke: [stroke]" if stroke.shape == (2,) else ""
            raise ValueError(f"{wanted}, but stroke {number} has the shape {stroke.shape}{hint}")
        if not np.isfinite(stroke).all():
            point = np.flatnonzero(~np.isfinite(stroke).all(axis=1))[0]
            raise ValueError(f"stroke {number}, point {point} is {stroke[point].tolist()}: no place to draw")
        checked.append(stroke)
    return checked


def fit_box(points: np.ndarray, radius: ArrayLike, edge: ArrayLike = EDGE) -> np.ndarray:
    """Scale and move the points of each drawing so that the ink's longer side fills the middle 20 pixels.

    points: (..., m, 2), for each drawing the places x, y, in any unit, where the pen passes. radius: half the
    pen's width in pixels, a number or (..., m). edge: pixels over which the ink fades out, one or (...,).
    Returns (..., m, 2) in pixels. A drawing that is only a dot keeps its size and goes to the middle.
    """
    radius = np.broadcast_to(radius, points.shape[:-1])[..., None]
    edge = np.broadcast_to(edge, points.shape[:-2])[..., None, None]
    reach = radius * (1 + edge / 2 / radius.mean(axis=-2, keepdims=True))  # where `ink` has faded out
    # First to a longer side of 1. (Dividing by the largest number keeps huge ones from overflowing.)
    largest = np.abs(points).max(axis=(-2, -1), keepdims=True)
    points = points / np.where(largest > 0, largest, 1)
    low, high = points.min(axis=-2, keepdims=True), points.max(axis=-2, keepdims=True)
    longer = (high - low).max(axis=-1, keepdims=True)
    points = (points - low) / np.where(longer > 1e-14, longer, np.inf)  # a dot has no size to scale
    # Then to what leaves the pen its room: BOX + 1, as a pixel shows ink only if the ink reaches its middle.
    # If the pen's width changes along the way, it takes the second and third round.
    scale = BOX + 1 - 2 * reach.mean(axis=-2, keepdims=True)
    for _ in range(3):
        low = (points * scale - reach).min(axis=-2, keepdims=True)
        high = (points * scale + reach).max(axis=-2, keepdims=True)
        scale = scale + BOX + 1 - (high - low).max(axis=-1, keepdims=True)
    return points * scale - (low + high) / 2 + MIDDLE


def _spots(points, lengths):
    """Where the pen leaves ink: spots (m, 2) float32 at most 0.3 pixels apart along the strokes.

    `points` (n, 2) are the strokes' points one after another, `lengths` the number of points in each stroke.
    """
    # A segment goes from every point to the next of its stroke; from a stroke's last point it goes nowhere.
    start, way = points, np.roll(points, -1, axis=0) - points
    way[np.cumsum(lengths) - 1] = 0

    # Far outside there is no ink to see, and a segment may be a million pixels long: keep the part inside.
    start, way = _clip(start, way, -10, SIDE + 10)
    pieces = np.maximum(np.ceil(np.hypot(way[:, 0], way[:, 1]) / _STEP).astype(int), 1)
    total = pieces.sum()
    if total <= _CROWDED:
        return _along(start, way, pieces)
    # A scribble passes the same places again and again: one spot is kept in each square of 1/16 pixel.
    inked = np.zeros((16 * (SIDE + 20) + 1, 16 * (SIDE + 20) + 1), bool)
    for some in np.array_split(np.arange(len(pieces)), total // _CROWDED + 1):
        x, y = np.round(_along(start[some], way[some], pieces[some]).T * 16).astype(int)
        inked[x + 160, y + 160] = True
    return (np.argwhere(inked) - 160) / 16


def _along(start, way, pieces):
    """Spots (m, 2) float32 along segments from start to start + way, (n, 2), each in so many pieces (n,)."""
    segment = np.repeat(np.arange(len(start)), pieces)
    first = np.cumsum(pieces) - pieces
    part = (np.arange(len(segment)) - first[segment]) / pieces[segment]  # 0 ≤ part < 1 along the segment
    return (start[segment] + part[:, None] * way[segment]).astype(np.float32)


def _clip(start, way, low, high):
    """The parts of segments start + t · way, 0 ≤ t ≤ 1, in the square low..high (Liang & Barsky, 1984)."""
    way = np.where(way == 0, 1e-300, way)  # what runs along a side meets it endlessly far away, or never
    with np.errstate(over="ignore"):
        to_low, to_high = (low - start) / way, (high - start) / way  # t where a segment meets each side
    enter = np.minimum(to_low, to_high).max(axis=1).clip(0)
    leave = np.maximum(to_low, to_high).min(axis=1).clip(None, 1)
    seen = enter <= leave
    enter, leave = enter[seen, None], leave[seen, None]
    return start[seen] + enter * way[seen], (leave - enter) * way[seen]


def ink(spots: ArrayLike, radius: ArrayLike, edge: ArrayLike = EDGE) -> np.ndarray:
    """Lay ink on the pixels: a pixel is white within the pen's radius of a spot, and fades out at the rim.

    spots: (n, m, 2), for each of n images the places x, y, in pixels, where the pen leaves ink. radius: half
    the pen's width in pixels, broadcast to (n, m). edge: pixels over which the grey fades from 255 to 0, a
    number or (n,); it is half way where the distance is the radius. Returns (n, 28, 28) uint8 images.
    """
    spots = np.asarray(spots, np.float32)
    n, m = spots.shape[:2]
    radius = np.broadcast_to(np.asarray(radius, np.float32), (n, m))
    edge = np.broadcast_to(np.asarray(edge, np.float32), n)
    if n == 0 or m == 0:
        return np.zeros((n, SIDE, SIDE), np.uint8)

    # A spot reaches few pixels: a window of w × w around it is enough. Distances are measured in radii, so
    # that the nearest spot is the one whose ink reaches furthest, and squared: column's part + row's part.
    # The spots of all images lie along the last axis, which numpy walks fastest.
    reach = int(np.ceil((radius.max(axis=1) + edge / 2).max()))
    window = np.arange(-reach, reach + 1, dtype=np.float32)[:, None]
    spots, radii = spots.reshape(n * m, 2), radius.reshape(n * m)
    columns, rows = (np.round(spots[:, k]) + window for k in (0, 1))  # (w, n * m), whole float32 numbers
    across = np.square((columns - spots[:, 0]) / radii)
    down = np.square((rows - spots[:, 1]) / radii)
    squares = down[:, None] + across  # (w, w, n * m)

    # A rim of one pixel around the field takes what falls outside and is cut off at the end.
    rim = SIDE + 2
    x, y = (np.clip(places, -1, SIDE).astype(np.intp) + 1 for places in (columns, rows))
    y += np.repeat(np.arange(n) * rim, m)  # the fields lie below one another
    place = (y * rim)[:, None] + x
    nearest = np.full(n * rim * rim, np.inf, np.float32)
    np.minimum.at(nearest, place.ravel(), squares.ravel())
    nearest = nearest.reshape(n, rim, rim)[:, 1:-1, 1:-1]

    fade = (radius.mean(axis=1) / edge)[:, None, None]  # radii into edges
    grey = np.clip(0.5 - (np.sqrt(nearest) - 1) * fade, 0, 1)
    return np.round(grey * 255).astype(np.uint8)


def centre_mass(images: np.ndarray) -> np.ndarray:
    """Move images (n, 28, 28) uint8 by whole pixels, so that each centre of mass falls into pixel (14, 14).

    The move stops where ink would reach the border. An image without ink, or without room, stays as it is.
    """
    for axis in (1, 2):  # rows, then columns
        profile = images.sum(axis=3 - axis, dtype=np.int64)  # (n, 28): the ink in each row, or column
        position = profile @ np.arange(SIDE) / np.maximum(profile.sum(axis=1), 1)
        move = np.ceil(CENTRE_OF_MASS - 0.5 - position).astype(int)  # 13.5 ≤ centre of mass < 14.5 afterwards
        inked = profile > 0
        lowest, highest = 1 - inked.argmax(axis=1), inked[:, ::-1].argmax(axis=1) - 1
        move = np.where(lowest <= highest, np.clip(move, lowest, highest), 0)
        source = (np.arange(SIDE) - move[:, None]) % SIDE  # only empty rows come round from the other end
        images = np.take_along_axis(images, np.expand_dims(source, 3 - axis), axis)
    return images
