"""The exercises of notebook 08: right answers in many styles, and the wrong ones that learners give."""

import operator

import numpy as np


def giving_up(losses, patience, *, better=operator.lt, forgets=True, previous=False, start=0, stop=False):
    """The epoch to keep, by a counter of bad epochs; the options are mistakes."""
    best, bad = 0, start
    for epoch in range(1, len(losses)):
        if better(losses[epoch], losses[epoch - 1 if previous else best]):
            best, bad = epoch, (0 if forgets else bad)
        else:
            bad += 1
        if bad >= patience:
            return epoch if stop else best
    return len(losses) - 1 if stop else best


def moved(image, dx, dy):
    padded = np.pad(image, 30)
    return padded[30 - dy : 58 - dy, 30 - dx : 58 - dx]


def by_lists(image, dx, dy, lowest=0):
    def pixel(row, column):
        return int(image[row, column]) if lowest <= row < 28 and lowest <= column < 28 else 0

    return [[pixel(row - dy, column - dx) for column in range(28)] for row in range(28)]


RIGHT = {
    "momentum_step": [
        lambda w, v, g, rate, m: np.array([w - (m * v + rate * g), m * v + rate * g]),
    ],
    "best_epoch": [giving_up],
    "shift": [by_lists],
}  # fmt: skip


def roll_without_rows(image, dx, dy):
    new = np.roll(image, (dy, dx), (0, 1))
    new[:, : max(dx, 0)] = 0
    new[:, 28 + min(dx, 0) :] = 0
    return new


def simple_slices(image, dx, dy):
    new = np.zeros_like(image)
    new[dy:, dx:] = image[: 28 - dy, : 28 - dx]
    return new


WRONG = {
    "momentum_step": [
        (lambda w, v, g, rate, m: (m * v + rate * g, w - m * v - rate * g), "w first, then v"),
        (lambda w, v, g, rate, m: (w + m * v - rate * g, m * v - rate * g), "v has the wrong sign"),
        (lambda w, v, g, rate, m: (w - rate * (m * v + g), m * v + g), "the learning rate is missing"),
        (lambda w, v, g, rate, m: (w - v - rate * g, v + rate * g), "v keeps only a share of itself"),
        (lambda w, v, g, rate, m: (w - m * v - (1 - m) * g, m * v + (1 - m) * g), "counts fully"),
        (lambda w, v, g, rate, m: (w - m * (v + rate * g), m * (v + rate * g)), "only v is multiplied"),
        (lambda w, v, g, rate, m: (w - (1 - m) * v - rate * g, (1 - m) * v + rate * g), "not 1 − momentum"),
        (lambda w, v, g, rate, m: (w - rate * g, rate * g), "v forgets everything"),
        (lambda w, v, g, rate, m: (w - m * v - rate * g, v), "v is still the old one"),
        (lambda w, v, g, rate, m: (w + m * v + rate * g, m * v + rate * g), "w climbs"),
        (lambda w, v, g, rate, m: (w - v, m * v + rate * g), "use the new one"),
        (lambda w, v, g, rate, m: (w - rate * g, m * v + rate * g), "subtract v, not the gradient alone"),
        (lambda w, v, g, rate, m: (w - rate * (m * v + rate * g), m * v + rate * g), "is in v already"),
        (lambda w, v, g, rate, m: (w - m * (m * v + rate * g) - rate * g, m * v + rate * g), "Nesterov"),
        (lambda w, v, g, rate, m: (w, m * v + rate * g), "w is still the old one"),
        (lambda w, v, g, rate, m: (w - 0.9 * v - rate * g, 0.9 * v + rate * g), "expected v ="),
        (lambda w, v, g, rate, m: w - m * v - rate * g, "return two arrays"),
        (lambda w, v, g, rate, m: (w - rate * g, 0), "v has the shape of w"),
    ],
    "best_epoch": [
        (lambda losses, patience: int(np.argmin(losses)), "the training had ended"),
        (lambda losses, patience: min(losses), "the number of the epoch, not its loss"),
        (lambda losses, patience: losses[giving_up(losses, patience)], "the epoch's number, not its loss"),
        (lambda losses, patience: giving_up(losses, patience) + 1, "epochs count from 0"),
        (lambda losses, patience: giving_up(losses, patience, stop=True), "the epoch at which one stops"),
        (lambda losses, patience: giving_up(losses, patience, stop=True) - patience, "epochs before the"),
        (lambda losses, patience: giving_up(losses, patience, previous=True), "the lowest so far"),
        (lambda losses, patience: giving_up(losses, patience, forgets=False), "goes back to 0"),
        (lambda losses, patience: giving_up(losses, patience, start=1), "one epoch too impatient"),
        (lambda losses, patience: giving_up(losses, patience + 1), "one epoch too patient"),
        (lambda losses, patience: giving_up(losses, patience, better=operator.le), "an equal loss is no"),
        (lambda losses, patience: giving_up(losses, 2), "use `patience`"),
        (lambda losses, patience: giving_up(losses, 1), "waits for two in a row"),
        (lambda losses, patience: 1, "expected 2, not 1"),
    ],
    "shift": [
        (lambda image, dx, dy: np.roll(image, (dy, dx), (0, 1)), "np.roll does that"),
        (roll_without_rows, "clear the rows, too"),
        (lambda image, dx, dy: roll_without_rows(image.T, dy, dx).T, "clear the columns, too"),
        (lambda image, dx, dy: by_lists(image, dx, dy, lowest=-28), "an index below 0 counts from the end"),
        (lambda image, dx, dy: np.pad(image, 30, "edge")[30 - dy : 58 - dy, 30 - dx : 58 - dx], "drawn out"),
        (lambda image, dx, dy: moved(image, dy, dx), "rows and columns are swapped"),
        (lambda image, dx, dy: moved(image, -dx, -dy), "it moved the other way"),
        (lambda image, dx, dy: moved(image, dx, -dy), "dy moved it up"),
        (lambda image, dx, dy: moved(image, -dx, dy), "dx moved it to the left"),
        (lambda image, dx, dy: moved(image, abs(dx), abs(dy)), "a negative dx or dy moved it the wrong way"),
        (lambda image, dx, dy: moved(image, dx, 0), "only dx moved it"),
        (lambda image, dx, dy: image, "nothing moved"),
        (lambda image, dx, dy: moved(image, dx, dy).T, "are exchanged"),
        (lambda image, dx, dy: moved(image, dx + 1, dy), "should be at"),
        (lambda image, dx, dy: np.pad(image, abs(dx)), "the image keeps its size"),
        (simple_slices, "a slice that begins below 0"),
    ],
}  # fmt: skip
