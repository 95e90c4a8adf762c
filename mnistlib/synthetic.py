"""Digits that look handwritten but are drawn by this program: what `data/sample` is made of.

A digit is written in four steps, each a few small functions, and each for many digits at once:

1. Take a way of writing it from `mnistlib.skeletons`, and lead the pen along a point somewhere between two of its
   skeletons, none of whose points is met exactly (`write`).
2. Distort the path as hands differ: waves, stretching, bending, slant, rotation (`distort`).
3. Choose a pen: its width, how its pressure changes along the way, how sharp its edges are (`choose_pens`).
4. Lay the ink as MNIST was made: 20-pixel box, centre of mass (`draw`, which is `mnistlib.pen`).

How much everything varies is in `Style`. It was tuned by hand and by random search so that a network trained on
these digits alone reads MNIST's training images (never its test images); data/README.md has the figures.

    python -m mnistlib.synthetic            # writes data/sample again, the same
"""

import argparse
import functools
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mnistlib import pen
from mnistlib.skeletons import WAYS, parse

SPOTS = 96  # of ink along a digit's path: 0.7 pixels apart in a long one, less than half a thin pen
CHUNK = 250  # digits distorted and drawn at a time: their arrays stay in the processor's cache


@dataclass(frozen=True)
class Style:
    """How much digits differ. Unless said otherwise, standard deviations in units of the digit's height."""

    blend: float = 0.25  # largest part of the second skeleton in the blend
    jitter: float = 0.02  # each point of the skeleton, by itself
    neatness: float = 0.4  # of the logarithm of the factor by which all of a digit's distortions are larger
    waves: float = 0.035  # the pen's drift along the path
    squeeze: float = 0.1  # of the logarithm of the exponent that moves the digit's waist up or down
    taper: float = 0.3  # the bottom is wider than the top by this fraction
    bend: float = 0.06  # the paper's bend
    aspect: float = 0.24  # of the logarithm of width / height
    slant: float = 0.25  # sideways per height
    slant_mean: float = 0.11  # most people lean to the right
    rotation: float = 0.15  # radians
    width_mean: float = 2.6  # pixels, the pen's median width
    width: float = 0.3  # of its logarithm
    pressure: float = 0.35  # the width's change along the path, as a fraction
    edge: float = 0.3  # of the logarithm of the pixels over which ink fades out


def synthetic_digits(n, seed=0, style=None):
    """Write n digits, as many of each class as of any other (to within one, if n is not divisible by 10).

    Parameters
    ----------
    n : int
        How many.
    seed : int
        The same seed gives the same digits.
    style : Style, optional
        How much they differ.

    Returns
    -------
    images : (n, 28, 28) uint8, ink 255 on 0
    labels : (n,) uint8, in random order

    Raises
    ------
    ValueError
        If n is negative.
    """
    if n < 0:
        raise ValueError(f"n is how many digits to write, but it is {n}")
    style = style or Style()
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(n) % 10).astype(np.uint8)
    images = np.empty((n, pen.SIDE, pen.SIDE), np.uint8)
    for start in range(0, n, CHUNK):
        chunk = slice(start, start + CHUNK)
        neatness = np.exp(style.neatness * rng.standard_normal((len(labels[chunk]), 1)))
        paths = write(labels[chunk], neatness, style, rng)
        paths = distort(paths, neatness, style, rng)
        width, edge = choose_pens(len(paths), style, rng)
        images[chunk] = draw(paths, width, edge)
    return images, labels


# --- 1. the path of the pen ---------------------------------------------------------------------------------


def write(labels, neatness, style, rng):
    """Lead the pen: (n, SPOTS, 2) places x, y along the digits' paths, in units of their height."""
    paths = np.zeros((len(labels), SPOTS, 2))
    share = rng.uniform(0, style.blend, len(labels))  # of the second skeleton
    first, second = choose_skeletons(labels, rng)
    for chosen, weight in ((first, 1 - share), (second, share)):
        for skeleton in np.unique(chosen):
            digits = np.flatnonzero(chosen == skeleton)
            points, curve = skeleton_curves()[skeleton]
            noise = rng.standard_normal((len(digits), *points.shape))
            moved = points + style.jitter * neatness[digits, :, None] * noise
            paths[digits] += weight[digits, None, None] * (curve @ moved)
    return paths


def choose_skeletons(labels, rng):
    """Two skeletons for each digit, of the same way of writing it: two (n,) arrays of places in the list."""
    first, second = np.empty((2, len(labels)), int)
    start = 0  # where a way's skeletons begin in the list
    for digit, ways in WAYS.items():
        digits = np.flatnonzero(labels == digit)
        often = np.array([way.often for way in ways])
        chosen = rng.choice(len(ways), len(digits), p=often / often.sum())
        for number, way in enumerate(ways):
            here = digits[chosen == number]
            first[here], second[here] = start + rng.integers(len(way.skeletons), size=(2, len(here)))
            start += len(way.skeletons)
    return first, second


@functools.cache
def skeleton_curves():
    """All skeletons of WAYS in order, each as points (p, 2) and a matrix (SPOTS, p): path = matrix @ points."""
    return [curve(parse(skeleton)) for ways in WAYS.values() for way in ways for skeleton in way.skeletons]


def curve(strokes):
    """A smooth curve through the points of a parsed skeleton.

    Returns (points, matrix): the points of all strokes, (p, 2), and the (SPOTS, p) matrix that turns points into
    spots at equal distances along the curve. As the curve is linear in its points, points that are moved a little
    give a curve that is moved a little, by the same matrix.
    """
    points = np.concatenate([points for points, _ in strokes])
    shares = SPOTS_OF_STROKES[len(strokes)]
    rows, before = [], 0
    for (stroke, corners), spots in zip(strokes, shares, strict=True):
        weights = smooth_curve(corners)  # (many, points of this stroke)
        path = weights @ stroke
        length = np.r_[0, np.cumsum(np.hypot(*np.diff(path, axis=0).T))]
        evenly = np.searchsorted(length, np.linspace(0, length[-1], spots) * 0.9999)
        whole = np.zeros((spots, len(points)))
        whole[:, before : before + len(stroke)] = weights[evenly]
        rows.append(whole)
        before += len(stroke)
    return points, np.concatenate(rows)


# Spots for the first, second … stroke: fixed, so that two skeletons of one way can be blended spot by spot.
SPOTS_OF_STROKES = {1: [96], 2: [60, 36], 3: [42, 27, 27]}


def smooth_curve(corners, steps=40):
    """Catmull-Rom spline (Catmull & Rom, "A class of local interpolating splines", 1974) through n points.

    `corners` (n,) bool marks the points where it may turn sharply. Returns the (many, n) weights of the points.
    """
    n = len(corners)
    t = np.arange(steps + 1)[:, None] / steps
    # from the second to the third of four points
    cubic = (
        np.hstack([-t + 2 * t**2 - t**3, 2 - 5 * t**2 + 3 * t**3, t + 4 * t**2 - 3 * t**3, t**3 - t**2]) / 2
    )
    ends = [0, *np.flatnonzero(corners[1:-1]) + 1, n - 1]
    weights = []
    for first, last in zip(ends[:-1], ends[1:], strict=True):
        for k in range(first, last):  # a piece without corners; beyond its ends, its end points are repeated
            four = np.clip([k - 1, k, k + 1, k + 2], first, last)
            weights.append(cubic @ np.eye(n)[four])
    return np.concatenate(weights)


# --- 2. how hands differ ------------------------------------------------------------------------------------
# Each function takes and returns x and y, (n, SPOTS) arrays in units of the digit's height. The kinds of change
# are those of Ha & Bunke ("Off-line, handwritten numeral recognition by perturbation method", IEEE PAMI 19, 1997:
# rotation, slant, perspective, shrinking) and of Varga & Bunke ("Generation of synthetic training data for an
# HMM-based handwriting recognition system", ICDAR 2003: stretching and bending by cosine waves).


def distort(paths, neatness, style, rng):
    """All distortions in turn: paths (n, SPOTS, 2) in units of the height, to the same."""
    low, high = paths.min(axis=1, keepdims=True), paths.max(axis=1, keepdims=True)
    paths = (paths - low) / (high - low)[:, :, 1:]
    x, y = paths[:, :, 0], paths[:, :, 1]

    def vary(amount):  # one normally distributed number for each digit
        return amount * rng.standard_normal((len(paths), 1))

    x, y = waves(x, y, [neatness * vary(style.waves) for _ in range(8)], vary)
    x, y = squeeze(x, y, np.exp(vary(style.squeeze)))
    x, y = taper(x, y, vary(style.taper))
    x, y = bend(x, y, neatness * vary(style.bend), neatness * vary(style.bend), vary(3), vary(3))
    x, y = widen(x, y, np.exp(vary(style.aspect)))
    x, y = slant(x, y, style.slant_mean + vary(style.slant))
    x, y = rotate(x, y, vary(style.rotation))
    return np.stack([x, y], axis=-1)


def waves(x, y, heights, vary):
    """The pen drifts as it goes: slow waves along the path, the slower the higher."""
    along = np.linspace(0, 2 * np.pi, x.shape[1])
    for number, frequency in enumerate((0.5, 1, 1.5, 2)):
        x = x + heights[2 * number] / frequency * np.sin(frequency * along + vary(3))
        y = y + heights[2 * number + 1] / frequency * np.sin(frequency * along + vary(3))
    return x, y


def squeeze(x, y, exponent):
    """Move the waist of an 8 or the bar of a 4 up or down."""
    return x, np.clip(y, 0, None) ** exponent


def taper(x, y, amount):
    """Wider at the bottom than at the top, or the other way round."""
    return (x - 0.35) * (1 + amount * (y - 0.5)), y


def bend(x, y, sideways, upwards, phase_x, phase_y):
    """Bend the paper in waves of about its own height."""
    return x + sideways * np.sin(5 * y + phase_x), y + upwards * np.sin(5 * x + phase_y)


def widen(x, y, factor):
    """Change the aspect ratio."""
    return x * factor, y


def slant(x, y, amount):
    """Lean to the right by `amount` per height (to the left, if it is negative)."""
    return x - amount * y, y


def rotate(x, y, angle):
    """Turn clockwise by `angle` radians (y grows downwards)."""
    return x * np.cos(angle) - y * np.sin(angle), x * np.sin(angle) + y * np.cos(angle)


# --- 3. and 4. pens and ink -----------------------------------------------------------------------------------


def choose_pens(n, style, rng):
    """Pens for n digits: their widths along the path, (n, SPOTS) in pixels, and the softness of their edges (n,)."""
    vary = rng.standard_normal
    width = np.clip(style.width_mean * np.exp(style.width * vary((n, 1))), 1.2, 5.2)
    along = np.linspace(0, 2 * np.pi, SPOTS)
    pressure = np.sin(along * np.exp(0.5 * vary((n, 1))) + 3 * vary((n, 1)))
    return width * (1 + style.pressure * pressure), pen.EDGE * np.exp(style.edge * vary(n))


def draw(paths, width, edge):
    """Ink on paths (n, SPOTS, 2), in any unit, with pens of width (n, SPOTS) and edge (n,), in pixels."""
    spots = pen.fit_box(paths, width / 2, edge)
    return pen.centre_mass(pen.ink(spots, width / 2, edge))


# --- data/sample ----------------------------------------------------------------------------------------------

SAMPLE = Path(__file__).resolve().parents[1] / "data" / "sample"
SAMPLE_PARTS = {"train": (10_000, 1), "t10k": (2_000, 2)}  # name in MNIST's files: digits, seed


def write_sample(folder=SAMPLE):
    """Write the bundled sample: four files with MNIST's names into `folder`."""
    from mnistlib.idx import write_idx

    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name, (digits, seed) in SAMPLE_PARTS.items():
        images, labels = synthetic_digits(digits, seed)
        write_idx(folder / f"{name}-images-idx3-ubyte.gz", images)
        write_idx(folder / f"{name}-labels-idx1-ubyte.gz", labels)


def main(arguments=None):
    parser = argparse.ArgumentParser(
        prog="python -m mnistlib.synthetic", description="Write data/sample again."
    )
    parser.add_argument("--folder", type=Path, default=SAMPLE, help="where to (default: data/sample)")
    folder = parser.parse_args(arguments).folder
    write_sample(folder)
    print(f"wrote {', '.join(sorted(file.name for file in folder.glob('*.gz')))} to {folder}")


if __name__ == "__main__":
    main()
