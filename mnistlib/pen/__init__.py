"""From strokes of a pen to images as MNIST has them; and strokes and digits to try things with."""

from mnistlib.pen.ink import EDGE, SIDE, WIDTH, rasterise
from mnistlib.pen.samples import sample_strokes
from mnistlib.pen.synthetic import synthetic_digits

__all__ = ["EDGE", "SIDE", "WIDTH", "rasterise", "sample_strokes", "synthetic_digits"]
