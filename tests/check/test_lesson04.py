"""The exercises of notebook 04: right answers in many styles, and the wrong ones that learners give."""

import numpy as np
import pytest
from learners import pairs, triples


def error_times_slope(x, a, y, sign=1):
    delta = sign * (a - y) * a * (1 - a)
    return np.outer(x, delta), delta


RIGHT = {
    "numerical_slope": [
        lambda f, x, h: f(x + h) / (2 * h) - f(x - h) / (2 * h),
    ],
    "output_gradients": [
        lambda x, a, y: [x[:, None] * ((a - y) * a * (1 - a)), (a - y) * (a - a**2)],
    ],
    "relu_slope": [
        lambda z: z > 0,
    ],
}  # fmt: skip

WRONG = {
    "numerical_slope": [
        (lambda f, x, h: (f(x - h) - f(x + h)) / (2 * h), "the right size but the wrong sign"),
        (lambda f, x, h: (f(x + h) - f(x - h)) / h, "divide by 2 * h"),
        (lambda f, x, h: (f(x + h) - f(x - h)) / 2 * h, "with its brackets"),
        (lambda f, x, h: (f(x + h) - f(x)) / h, "the one-sided difference"),
        (lambda f, x, h: f(x + h) - f(x - h) / 2 * h, "at x = 0.3 expected 0.9553"),
        (lambda f, x, h: 0.0, "at x = 0.3 expected 0.9553, not 0.0000"),
    ],
    "output_gradients": [
        (lambda x, a, y: error_times_slope(x, a, y)[0], "return two arrays"),
        (lambda x, a, y: (error_times_slope(x, a, y)[0].T, error_times_slope(x, a, y)[1]), "shape (4, 6)"),
        (lambda x, a, y: (error_times_slope(x, a, y)[1],) * 2, "this is the outer product of x and δ"),
        (lambda x, a, y: error_times_slope(x, a, y, sign=-1), "the right size but the wrong sign"),
        (lambda x, a, y: (np.outer(x, a - y), a - y), "the slope of the sigmoid is missing"),
        (lambda x, a, y: error_times_slope(x, a, a - (a - y) ** 2), "without the square"),
        (lambda x, a, y: (error_times_slope(x, a, y)[0],) * 2, "db has shape (6, 4) where (4,) was expected"),
        (lambda x, a, y: (np.outer(x, a - y), error_times_slope(x, a, y)[1]), "db is right, dW is not"),
        (lambda x, a, y: (np.outer(x, a), a), "db is not δ"),
    ],
    "relu_slope": [
        (lambda z: np.maximum(z, 0), "that is ReLU itself"),
        (lambda z: z < 0, "the wrong way round"),
        (lambda z: np.maximum(z, 0) >= 0, "1 everywhere"),
        (lambda z: (z > 0).mean(), "shape () where (4,) was expected"),
        (np.sign, "expected [0 0 1 1]"),
    ],
}  # fmt: skip


@pytest.mark.parametrize(("name", "function"), pairs(RIGHT))
def test_right_in_another_style(name, function, verdict):
    assert verdict(name, function) == "right!"


@pytest.mark.parametrize(("name", "function", "words"), triples(WRONG))
def test_mistake_is_named(name, function, words, verdict):
    assert words in verdict(name, function)
