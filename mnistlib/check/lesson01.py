"""Spoilers: the checks of the exercises of notebook 01, numpy quickstart."""

import numpy as np

from mnistlib.check.verdict import Wrong, agrees, array_of, exercise, expect_shape, number_of


@exercise
def to_unit(function):
    """to_unit(pixels uint8, any shape) -> float32 in 0..1, same shape."""
    pixels = np.array([[0, 51, 102], [153, 204, 255]], np.uint8)
    answer = array_of(function(pixels))
    expect_shape(answer, (2, 3), ": keep the shape of the input")
    if answer.dtype.kind in "iu":
        raise Wrong(f"dtype {answer.dtype}, which has no decimals; convert with .astype(np.float32)")
    if agrees(answer, pixels.astype(float)):
        raise Wrong("the values still run to 255; divide by 255")
    if agrees(answer, pixels / 256):
        raise Wrong("255 became 0.996, not 1; the largest value of a uint8 is 255, not 256")
    if answer.dtype == np.float16:
        raise Wrong("dtype float16, which keeps only three digits; the exercise asks for float32")
    if not agrees(answer, pixels / 255):
        raise Wrong(f"51 became {float(answer[0, 1]):.4f}; expected 51/255 = 0.2000")
    if answer.dtype != np.float32:
        raise Wrong(f"the values are right, the dtype is {answer.dtype}; the exercise asks for float32")


@exercise
def accuracy(function):
    """accuracy(outputs (N, 10), labels (N,)) -> fraction right."""
    outputs = np.random.default_rng(0).random((8, 10))
    labels = outputs.argmax(axis=1)
    labels[:2] = (labels[:2] + 1) % 10
    answer = number_of(function(outputs, labels), "; take the mean of the mask")
    if agrees(answer, 0.25):
        raise Wrong("you counted the wrong ones: 6 of 8 are right, so 0.75, not 0.25")
    if agrees(answer, 6):
        raise Wrong("that is how many are right; the fraction is mean(), not sum()")
    if agrees(answer, 75):
        raise Wrong("that is per cent; return a fraction between 0 and 1")
    if not agrees(answer, 0.75):
        raise Wrong(
            f"6 of 8 are right, so 0.75 was expected, not {answer:.3g}; "
            "argmax(axis=1) looks for the largest output in each row"
        )


@exercise
def one_hot(function):
    """one_hot(labels (N,)) -> (N, 10) with a 1 at each label."""
    labels = np.array([3, 0, 9, 3], np.uint8)
    answer = array_of(function(labels))
    if answer.shape == (10, 4):
        raise Wrong("shape (10, 4) where (4, 10) was expected; rows are examples: compare a column of labels")
    expect_shape(answer, (4, 10), ": one row for each label, one column for each digit")
    if not agrees(np.sort(answer, axis=1), [0] * 9 + [1]):
        raise Wrong("each row must hold one 1 and nine 0s")
    for label, place in zip(labels, answer.argmax(axis=1), strict=True):
        if place != label:
            raise Wrong(f"the row of the label {label} has its 1 at place {place}; places count from 0")
