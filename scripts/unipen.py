"""Reading recorded pens: the UCI collection "Pen-Based Recognition of Handwritten Digits".

Alimoglu and Alpaydin (1998) had 44 people write digits on a tablet; pendigits-orig.tra (30 of them) and
pendigits-orig.tes (14) keep the pen's movements as text in the UNIPEN format.
https://archive.ics.uci.edu/dataset/81, licence CC BY 4.0.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from common import ROOT

PENS = ROOT.parent / "shared" / "pen-digits" / "pendigits-orig.tra"  # where it is, if we have it


class PenDigit(NamedTuple):
    """label: 0 to 9; writer: 1 to 30 in the .tra file; strokes: (n, 2) arrays of x, y, y growing down."""

    label: int
    writer: int
    strokes: list


def read_unipen(path):
    """Read the digits of a pendigits-orig file, in the order of the file: a list of PenDigit.

    Every digit starts with a line such as ``.COMMENT 8 12 224``: an 8, by writer 12, that writer's 224th.
    Its strokes are the lines of numbers between ``.PEN_DOWN`` and ``.PEN_UP``.
    Raises ValueError for another file.
    """
    digits = []
    for line in Path(path).read_text(encoding="ascii").splitlines():
        words = line.split()
        if not words:
            continue
        if words[0] == ".COMMENT":
            digits.append(PenDigit(int(words[1]), int(words[2]), []))
        elif words[0] == ".PEN_DOWN":
            digits[-1].strokes.append([])
        elif not words[0].startswith("."):
            x, y = map(int, words)
            digits[-1].strokes[-1].append((x, -y))  # on the tablet y grows upwards
    if not digits:
        raise ValueError(f"{path} holds no digits in the UNIPEN format of pendigits-orig.tra")
    for digit in digits:
        digit.strokes[:] = [np.array(stroke, float).reshape(-1, 2) for stroke in digit.strokes]
    return digits
