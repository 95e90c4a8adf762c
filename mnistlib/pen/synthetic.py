"""Digits that look handwritten but are drawn by this program: what `data/sample` is made of.

A digit is made in four steps, each for many digits at once:

1. `write`: take a way of writing it from `skeletons`, and lead the pen along a smooth path that lies
   somewhere between two of its skeletons and misses their points a little, as hands do.
2. `distort`: change the path as hands differ: waves, stretching, bending, slant, rotation.
3. `choose_pens`: the pen's width, and how it changes along the path.
4. `mnistlib.pen.ink`: lay the ink as MNIST was made, in a box of 20 pixels and centred by mass.

How much everything varies stands in `Style`. The numbers were tuned on MNIST's training images (never on its
test images); data/README.md says how, and how well a network that learned from these digits reads MNIST.
scripts/sample.py writes data/sample again, and draws sheets of digits and of skeletons.
"""

import functools
import itertools
from dataclasses import dataclass

import numpy as np

from mnistlib.pen import ink
from mnistlib.pen.skeletons import WAYS, parse

# Spots of ink along the first, second … stroke of a digit: fixed numbers, so that two skeletons with as many
# strokes can be blended spot by spot. In a digit with a long path they lie about 0.7 pixels apart.
SPOTS_OF_STROKES = {1: (96,), 2: (60, 36), 3: (42, 27, 27)}
SPOTS = 96
WAVELENGTHS = (6, 3, 2, 1.5)  # of the waves in a path, in heights of the digit
CHUNK = 250  # digits distorted and drawn at a time: their arrays stay in the processor's cache


@dataclass(frozen=True)
class Style:
    """How much digits differ: standard deviations, unless said otherwise. Lengths in heights of the digit."""

    blend: float = 0.3  # not a deviation: the largest share of the second skeleton
    jitter: float = 0.03  # of each point of the skeleton, in both directions
    squeeze: float = 0.15  # of the logarithm of the exponent that moves the digit's waist up or down
    waves: float = 0.0115  # of the height of a wave in the path, per length of the wave
    taper: float = 0.34  # of how much wider the bottom is than the top, as a fraction
    bend: float = 0.043  # of the height of the waves in the paper
    aspect: float = 0.2  # of the logarithm of the factor for the width
    slant: float = 0.2  # of the shift to the right, per height
    slant_mean: float = 0.11  # not a deviation: most people lean to the right
    rotation: float = 0.105  # radians
    width_mean: float = 2.5  # not a deviation: the pen's usual width in pixels of the 28 × 28 image
    width: float = 0.28  # of the logarithm of the width
    pressure: float = 0.18  # not a deviation: how much the width swings along the path, as a fraction
    rough: float = 0.1  # of the width from spot to spot, as a fraction: pen on paper has no smooth edge
    edge: float = 0.1  # of the logarithm of the pixels over which the ink fades out


def synthetic_digits(n: int, seed: int = 0, style: Style | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Write n digits, of each class as many as of the others (one more of some if 10 does not divide n).

    The same seed gives the same digits. `style` says how much they differ, if not as in the bundled sample.
    Returns images, (n, 28, 28) uint8, ink 255 on 0, no ink at the border, and their labels, (n,) uint8, 0 to
    9 in random order. Raises ValueError if n is negative.
    """
    if n < 0:
        raise ValueError(f"n is how many digits to write, 0 or more, but it is {n}")
    style = style or Style()
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(n) % 10).astype(np.uint8)
    images = np.empty((n, ink.SIDE, ink.SIDE), np.uint8)
    paths = write(labels, style, rng)
    for start in range(0, n, CHUNK):
        chunk = slice(start, start + CHUNK)
        chunk_paths = distort(paths[chunk], style, rng)
        width, edge = choose_pens(len(chunk_paths), style, rng)
        spots = ink.fit_box(chunk_paths, width / 2, edge)
        images[chunk] = ink.centre_mass(ink.ink(spots, width / 2, edge))
    return images, labels


def write(labels: np.ndarray, style: Style, rng: np.random.Generator) -> np.ndarray:
    """Lead the pen: for digits (n,) the places x, y along their paths, (n, SPOTS, 2) float32, 1 high."""
    paths = np.zeros((len(labels), SPOTS, 2), np.float32)
    first, second = choose_skeletons(labels, rng)
    share = rng.uniform(0, style.blend, len(labels))  # of the second skeleton
    for chosen, weight in ((first, 1 - share), (second, share)):
        for number, (points, matrix) in enumerate(skeleton_curves()):
            digits = np.flatnonzero(chosen == number)
            missed = points + style.jitter * rng.standard_normal((len(digits), *points.shape))
            paths[digits] += weight[digits, None, None] * (matrix @ missed)
    low, high = paths.min(axis=1, keepdims=True), paths.max(axis=1, keepdims=True)
    return (paths - low) / (high - low)[:, :, 1:]


def choose_skeletons(labels: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Two skeletons of one way of writing each digit: two (n,) int arrays that count through all of WAYS."""
    first, second = np.empty((2, len(labels)), int)
    before = 0  # skeletons of earlier ways
    for digit, ways in WAYS.items():
        digits = np.flatnonzero(labels == digit)
        often = np.array([way.often for way in ways])
        chosen = rng.choice(len(ways), len(digits), p=often / often.sum())
        for number, way in enumerate(ways):
            here = digits[chosen == number]
            first[here], second[here] = before + rng.integers(len(way.skeletons), size=(2, len(here)))
            before += len(way.skeletons)
    return first, second


@functools.cache
def skeleton_curves() -> list[tuple[np.ndarray, np.ndarray]]:
    """What `curve` makes of every skeleton in WAYS, in order."""
    return [curve(parse(skeleton)) for ways in WAYS.values() for way in ways for skeleton in way.skeletons]


def curve(strokes: list) -> tuple[np.ndarray, np.ndarray]:
    """The smooth path through the points of a parsed skeleton, as a matrix.

    Returns the points of all strokes, (p, 2), and a matrix (SPOTS, p): `matrix @ points` are places at equal
    distances along the path. Points moved a little give, by the same matrix, a path moved a little.
    """
    points = np.concatenate([stroke for stroke, _ in strokes])
    matrix = np.zeros((SPOTS, len(points)))
    row = column = 0
    for (stroke, corners), spots in zip(strokes, SPOTS_OF_STROKES[len(strokes)], strict=True):
        weights = spline(corners)  # of this stroke's points, at far more places than needed
        steps = np.hypot(*np.diff(weights @ stroke, axis=0).T)
        length = np.concatenate([[0], np.cumsum(steps)])
        evenly = np.linspace(0, length[-1], spots)
        for k in range(len(stroke)):
            matrix[row : row + spots, column + k] = np.interp(evenly, length, weights[:, k])
        row, column = row + spots, column + len(stroke)
    return points, matrix


def spline(corners: np.ndarray, steps: int = 40) -> np.ndarray:
    """Weights of a smooth curve through p points, with sharp corners where `corners` (p,) is True.

    Returns ((p - 1) * (steps + 1), p): each row weighs the points for one place on the curve. Between two
    points it is a cubic of these two and their neighbours (E. Catmull & R. Rom, "A class of local
    interpolating splines", 1974). At a corner one curve ends and the next begins.
    """
    p = len(corners)
    t = np.linspace(0, 1, steps + 1)[:, None]
    before, here = -t + 2 * t**2 - t**3, 2 - 5 * t**2 + 3 * t**3
    there, after = t + 4 * t**2 - 3 * t**3, -(t**2) + t**3
    cubic = np.hstack([before, here, there, after]) / 2  # the weights of four points, from here to there
    ends = [0, *np.flatnonzero(corners[1:-1]) + 1, p - 1]
    weights = []
    for begin, end in itertools.pairwise(ends):
        for k in range(begin, end):
            neighbours = np.clip([k - 1, k, k + 1, k + 2], begin, end)  # beyond an end, the end itself
            weights.append(cubic @ np.eye(p)[neighbours])
    return np.concatenate(weights)


def distort(paths: np.ndarray, style: Style, rng: np.random.Generator) -> np.ndarray:
    """Change paths (n, SPOTS, 2), y from 0 at the top to 1, as hands differ, by random amounts. Same shape.

    The kinds of change are those of T. M. Ha & H. Bunke, "Off-line, handwritten numeral recognition by
    perturbation method" (IEEE PAMI 19, 1997: rotation, slant, perspective, shrinking), and of T. Varga &
    H. Bunke, "Generation of synthetic training data for an HMM-based handwriting recognition system" (ICDAR
    2003: stretching and bending along waves).
    """

    def vary(deviation):
        """A number for each digit, (n, 1)."""
        return (deviation * rng.standard_normal((len(paths), 1))).astype(np.float32)

    def in_waves(x, y, height, along_x, along_y):
        height_x, height_y, phase_x, phase_y = map(vary, (height, height, 3, 3))
        return x + height_x * np.sin(along_x + phase_x), y + height_y * np.sin(along_y + phase_y)

    x, y = paths[:, :, 0], paths[:, :, 1]
    y = y ** np.exp(vary(style.squeeze))  # the waist of an 8, the bar of a 4, move up or down
    for wavelength in WAVELENGTHS:  # the pen drifts off its path and back
        length = np.hypot(np.diff(x), np.diff(y)).sum(axis=1, keepdims=True)
        along = 2 * np.pi * length / wavelength * np.linspace(0, 1, SPOTS, dtype=np.float32)
        x, y = in_waves(x, y, style.waves * wavelength, along, along)
    x = (x - 0.35) * (1 + vary(style.taper) * (y - 0.5))  # wider at the bottom, or at the top
    x, y = in_waves(x, y, style.bend, 5 * y, 5 * x)  # the paper bends, wherever the path runs
    x = x * np.exp(vary(style.aspect))  # wider, as high as before
    x = x - (style.slant_mean + vary(style.slant)) * y  # the top leans to the right
    angle = vary(style.rotation)  # clockwise, since y grows downwards
    x, y = x * np.cos(angle) - y * np.sin(angle), x * np.sin(angle) + y * np.cos(angle)
    return np.stack([x, y], axis=-1)


def choose_pens(n: int, style: Style, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Pens for n digits: widths in pixels along the path, (n, SPOTS), and the softness of the rims, (n,)."""
    width = style.width_mean * np.exp(style.width * rng.standard_normal((n, 1)))
    swings = np.exp(0.5 * rng.standard_normal((n, 1)))  # of the pressure along the path: one, more or less
    phase = rng.uniform(0, 2 * np.pi, (n, 1))
    pressure = np.sin(2 * np.pi * swings * np.linspace(0, 1, SPOTS) + phase)
    noise = rng.standard_normal((n, SPOTS + 1))
    rough = (noise[:, 1:] + noise[:, :-1]) / np.sqrt(2)  # neighbouring spots resemble each other
    width = np.clip(width, 1.2, 5.2) * (1 + style.pressure * pressure + style.rough * rough).clip(0.3)
    edge = ink.EDGE * np.exp(style.edge * rng.standard_normal(n))
    return width.astype(np.float32), edge.astype(np.float32)
