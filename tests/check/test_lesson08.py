"""The exercises of notebook 08: right answers in many styles, and the wrong ones that learners give."""

import numpy as np
import pytest
from learners import pairs, triples


def first_rise(losses):
    return next((i for i in range(1, len(losses)) if losses[i] > losses[i - 1]), len(losses))


def moved(image, dx, dy):
    padded = np.pad(image, 9)
    return padded[9 - dy : 37 - dy, 9 - dx : 37 - dx]


def waiting(losses, patience):
    best, waited = 0, 0
    for epoch, loss in enumerate(losses):
        waited += 1
        if loss < losses[best] or epoch == 0:
            best, waited = epoch, 0
        if waited == patience:
            return np.int64(best)
    return best


RIGHT = {
    "momentum_step": [
        lambda w, v, g, rate, m: [w - (m * v + rate * g), m * v + rate * g],
    ],
    "best_epoch": [
        waiting,
    ],
    "shift": [
        moved,
    ],
}  # fmt: skip

WRONG = {
    "momentum_step": [
        (lambda w, v, g, rate, m: (m * v + rate * g, w - m * v - rate * g), "w first, then v"),
        (lambda w, v, g, rate, m: (w + m * v - rate * g, m * v - rate * g), "v has the wrong sign"),
        (lambda w, v, g, rate, m: (w - rate * (m * v + g), m * v + g), "the learning rate is missing"),
        (lambda w, v, g, rate, m: (w - v - rate * g, v + rate * g), "v keeps only a share of itself"),
        (lambda w, v, g, rate, m: (w - m * v - (1 - m) * g, m * v + (1 - m) * g), "counts fully"),
        (lambda w, v, g, rate, m: (w - rate * g, rate * g), "expected v = momentum * v"),
        (lambda w, v, g, rate, m: (w + m * v + rate * g, m * v + rate * g), "w climbs"),
        (lambda w, v, g, rate, m: (w - v, m * v + rate * g), "use the new one"),
        (lambda w, v, g, rate, m: (w - rate * g, m * v + rate * g), "expected w − v for w"),
        (lambda w, v, g, rate, m: w - m * v - rate * g, "return two arrays"),
        (lambda w, v, g, rate, m: (w - rate * g, 0), "v has the shape of w"),
    ],
    "best_epoch": [
        (lambda losses, patience: int(np.argmin(losses)), "the training had ended"),
        (lambda losses, patience: min(losses), "not its loss"),
        (lambda losses, patience: int(np.argmin(losses)) + 1, "epochs count from 0"),
        (lambda losses, patience: first_rise(losses) - 1, "a patience of 2 waits"),
        (lambda losses, patience: losses[:2], "a single number was expected"),
    ],
    "shift": [
        (lambda image, dx, dy: np.roll(image, (dy, dx), (0, 1)), "np.roll does that"),
        (lambda image, dx, dy: moved(image, dy, dx), "rows and columns are swapped"),
        (lambda image, dx, dy: moved(image, -dx, -dy), "it moved the other way"),
        (lambda image, dx, dy: image, "the pixel (10, 10) should be at (11, 12)"),
        (lambda image, dx, dy: np.pad(image, abs(dx)), "the image keeps its size"),
    ],
}  # fmt: skip


@pytest.mark.parametrize(("name", "function"), pairs(RIGHT))
def test_right_in_another_style(name, function, verdict):
    assert verdict(name, function) == "right!"


@pytest.mark.parametrize(("name", "function", "words"), triples(WRONG))
def test_mistake_is_named(name, function, words, verdict):
    assert words in verdict(name, function)
