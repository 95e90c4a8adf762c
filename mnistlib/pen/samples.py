"""Sample digits as strokes: for trying the pad without a pen, and for notebooks where nobody draws."""

import numpy as np

from mnistlib.pen.skeletons import WAYS, parse
from mnistlib.pen.synthetic import spline


def sample_strokes(digit: int, seed: int = 0, side: float = 280) -> list[np.ndarray]:
    """Write a digit from 0 to 9 on a sheet of `side` × `side` units; another seed is another try.

    It follows one of the skeletons in skeletons.txt, neatly. Returns a list of strokes, (n, 2) float
    arrays of x, y, y growing downwards, at least 4 % of the side from the rim.
    """
    if digit not in WAYS:
        raise ValueError(f"a sample is a digit from 0 to 9, not {digit!r}")
    rng = np.random.default_rng([seed, digit])
    often = np.array([way.often for way in WAYS[digit]])
    way = WAYS[digit][rng.choice(len(often), p=often / often.sum())]
    skeleton = parse(way.skeletons[rng.integers(len(way.skeletons))])

    strokes = []  # in units of the digit's height
    for points, corners in skeleton:
        missed = points + rng.normal(0, 0.012, points.shape)  # no point is met exactly
        strokes.append(spline(corners, steps=8) @ missed)

    # The hand: taller or wider, slanted, and not quite in the middle of the sheet.
    (wide, high), slant = rng.normal(1, 0.08, 2), rng.normal(0, 0.06)
    change = 0.7 * np.array([[wide, 0], [-slant, high]])
    strokes = [stroke @ change for stroke in strokes]
    everything = np.concatenate(strokes)
    middle = (everything.min(axis=0) + everything.max(axis=0)) / 2
    move = 0.5 - middle + rng.normal(0, 0.03, 2)
    return [np.round(side * np.clip(stroke + move, 0.04, 0.96), 1) for stroke in strokes]
