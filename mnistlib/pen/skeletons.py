"""How people write the ten digits: reads skeletons.txt, which says what is in it."""

from pathlib import Path
from typing import NamedTuple

import numpy as np


class Way(NamedTuple):
    """One way of writing a digit."""

    name: str
    often: float  # how often it is used, relative to the digit's other ways
    skeletons: list  # of str, see `parse`


def parse(skeleton: str) -> list:
    """Read one skeleton, such as "4,8 34,6 62,3! 46,40 28,100 / 18,52 40,51 62,48", a 7 with a bar.

    Returns a list of strokes, each a pair: points, an (n, 2) float array in units of the digit's height, and
    corners, an (n,) bool array. Raises ValueError for a line that is no skeleton.
    """
    strokes = []
    for text in skeleton.split("/"):
        words = text.split()
        try:
            points = np.array([word.rstrip("!").split(",") for word in words], float).reshape(-1, 2) / 100
        except ValueError:
            raise ValueError(f'a skeleton is points "x,y" with spaces between, not {text!r}') from None
        if len(points) < 2 or not np.isfinite(points).all():
            raise ValueError(f"a stroke needs at least two points, all of them numbers; this one is {text!r}")
        strokes.append((points, np.array([word.endswith("!") for word in words])))
    return strokes


def read_ways(text: str) -> dict[int, list[Way]]:
    """The ways of writing each digit, {0: [Way, …], …}, from a text as skeletons.txt is."""
    ways: dict[int, list[Way]] = {}
    skeletons: list[str] = []
    for line in text.splitlines():
        if line.startswith(" "):
            skeletons.append(line.strip())
        elif line and not line.startswith("#"):
            heading, often = line.split(":")
            skeletons = []
            ways.setdefault(int(heading[0]), []).append(Way(heading[2:], float(often), skeletons))
    return ways


WAYS = read_ways(Path(__file__).with_name("skeletons.txt").read_text(encoding="utf-8"))
