"""From strokes of a pen to images as MNIST has them; and strokes and digits to try things with."""

from mnistlib.pen.ink import EDGE, SIDE, WIDTH, checked_strokes, rasterise
from mnistlib.pen.samples import sample_strokes
from mnistlib.pen.synthetic import synthetic_digits

__all__ = ["EDGE", "SIDE", "WIDTH", "checked_strokes", "rasterise", "sample_strokes", "synthetic_digits"]
