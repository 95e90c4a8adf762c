"""Spoilers: the checks of the exercises of notebook 08, beyond 99 %."""

import numpy as np

from mnistlib.check.verdict import Wrong, agrees, array_of, exercise, expect_shape, number_of


@exercise
def momentum_step(function):
    """momentum_step(w, v, gradient, learning_rate, momentum) -> new w, new v."""
    w, v, gradient = np.array([1.0, 2.0]), np.array([0.5, -0.5]), np.array([3.0, 1.0])
    answer = function(w, v, gradient, 0.2, 0.9)
    if not isinstance(answer, tuple | list) or len(answer) != 2:
        raise Wrong("return two arrays: `return w, v`")
    new_w, new_v = array_of(answer[0], "w"), array_of(answer[1], "v")
    expect_shape(new_w, (2,), ": w keeps its shape")
    expect_shape(new_v, (2,), ": v has the shape of w")
    right_v = 0.9 * v + 0.2 * gradient
    if agrees(new_w, right_v) and agrees(new_v, w - right_v):
        raise Wrong("right, but in the wrong order: w first, then v")
    if agrees(new_v, 0.9 * v - 0.2 * gradient):
        raise Wrong("v has the wrong sign: it adds the gradient, and w subtracts v")
    if agrees(new_v, 0.9 * v + gradient):
        raise Wrong("the learning rate is missing in front of the gradient")
    if agrees(new_v, v + 0.2 * gradient):
        raise Wrong("v keeps only a share of itself: momentum * v")
    if agrees(new_v, 0.9 * v + 0.1 * gradient) or agrees(new_v, 0.9 * v + 0.1 * 0.2 * gradient):
        raise Wrong("the gradient counts fully, not 1 − momentum of it, in this form of momentum")
    if not agrees(new_v, right_v):
        raise Wrong("expected v = momentum * v + learning_rate * gradient")
    if agrees(new_w, w + right_v):
        raise Wrong("w climbs: subtract v")
    if agrees(new_w, w - v):
        raise Wrong("w moved by the old velocity; use the new one")
    if not agrees(new_w, w - right_v):
        raise Wrong("v is right; expected w − v for w")


@exercise
def best_epoch(function):
    """best_epoch(losses, patience) -> the epoch to keep, counted from 0."""
    cases = [
        ([0.5, 0.4, 0.3], 2, 2, "a loss that falls to the end is best at the end"),
        (
            [0.5, 0.3, 0.4, 0.35, 0.2],
            2,
            1,
            "after two epochs without a new lowest loss the training had ended",
        ),
        ([0.5, 0.3, 0.4, 0.2, 0.3], 2, 3, "one bad epoch is not two: a patience of 2 waits"),
        ([0.5, 0.6, 0.7, 0.1], 3, 3, "with a patience of 3 the fourth epoch is still reached"),
    ]
    for losses, patience, right, reason in cases:
        answer = number_of(function(losses, patience))
        if isinstance(answer, float) and not answer.is_integer():
            raise Wrong("return the number of the epoch, not its loss")
        if answer == right + 1 and right + 1 == len(losses):
            raise Wrong("epochs count from 0")
        if answer != right:
            raise Wrong(f"for {losses} and patience {patience} expected {right}, not {answer}: {reason}")


@exercise
def shift(function):
    """shift(image (28, 28), dx, dy) -> moved right and down, with paper coming in."""
    image = np.zeros((28, 28), np.uint8)
    image[3, 25], image[10, 10] = 200, 90
    for dx, dy in ((2, 1), (-3, 4), (5, -6), (0, 0)):
        right = np.zeros_like(image)
        for row, column in ((3, 25), (10, 10)):
            if 0 <= row + dy < 28 and 0 <= column + dx < 28:
                right[row + dy, column + dx] = image[row, column]
        answer = array_of(function(image, dx, dy))
        expect_shape(answer, (28, 28), ": the image keeps its size")
        if agrees(answer, right):
            continue
        if agrees(answer, np.roll(image, (dy, dx), (0, 1))):
            raise Wrong("the ink that left on one side came back on the other; np.roll does that")
        if answer[10 + dx, 10 + dy] == 90:
            raise Wrong("rows and columns are swapped: dx moves along the columns, axis 1")
        if answer[10 - dy, 10 - dx] == 90:
            raise Wrong("it moved the other way: dx to the right, dy down")
        raise Wrong(f"for dx = {dx}, dy = {dy} the pixel (10, 10) should be at ({10 + dy}, {10 + dx})")
