"""Spoilers: the checks of the exercises of notebook 01, numpy quickstart."""

import re

import numpy as np

from mnistlib.check.verdict import Wrong, agrees, array_of, exercise, expect_shape, name_mistake, number_of


def _answer(function, argument, error, hint):
    """The function's answer; where it stops with this error (a regular expression), a hint of our own."""
    try:
        return function(argument)
    except Wrong as wrong:
        if not re.search(error, wrong.args[0]):
            raise
        findings = [finding for finding in wrong.args if not finding.startswith("hint: ")]
        raise Wrong(*findings, f"hint: {hint}") from wrong


@exercise
def to_unit(function):
    """to_unit(pixels uint8, any shape) -> float32 in 0..1, same shape."""
    rng = np.random.default_rng(1)
    cases = [
        np.array([[0, 51, 102], [153, 204, 255]], np.uint8),
        rng.integers(20, 141, (3, 5), np.uint8),  # a faint picture on grey paper: neither 0 nor 255
        rng.integers(0, 256, (2, 3, 4), np.uint8),
        rng.integers(0, 256, 7, np.uint8),
    ]
    hint = "not every array here has shape (28, 28); / divides any array at once, without a loop"
    for pixels in cases:
        answer = _answer(function, pixels, "IndexError|to unpack", hint)
        _judge_grey_values(array_of(answer), pixels)


def _judge_grey_values(answer, pixels):
    expect_shape(answer, pixels.shape, ": keep the shape of the input")
    least, largest = int(pixels.min()), int(pixels.max())
    if answer.dtype.kind in "iu":
        raise Wrong(f"dtype {answer.dtype}, which has no decimals; convert with .astype(np.float32)")
    if agrees(answer, pixels.astype(float)):
        raise Wrong("the values still run to 255; divide by 255")
    if agrees(answer, pixels / 256):
        raise Wrong("255 became 0.996, not 1; the largest value of a uint8 is 255, not 256")
    if answer.dtype == np.float16:
        raise Wrong("dtype float16, which keeps only three digits; the exercise asks for float32")
    if not agrees(answer, pixels / 255):
        if agrees(answer, pixels / largest):
            raise Wrong(
                f"you divided by the largest pixel of the picture, here {largest}; "
                "divide by 255, so that a faint picture stays faint"
            )
        if agrees(answer, (pixels.astype(float) - least) / (largest - least)):
            raise Wrong(
                f"you stretched the pixels from {least}–{largest} to 0–1; "
                "only divide by 255, so that a faint picture stays faint"
            )
        pixel, found = int(pixels.flat[1]), float(answer.flat[1])
        raise Wrong(f"{pixel} became {found:.4f}; expected {pixel}/255 = {pixel / 255:.4f}")
    if answer.dtype.newbyteorder("=") != np.float32:
        raise Wrong(f"the values are right, the dtype is {answer.dtype}; the exercise asks for float32")


# What a learner may have computed instead of the fraction: from the mask of the right answers, the places of
# the largest outputs, and the labels
FRACTIONS = (
    (lambda right, places, labels: (~right).mean(), "you counted the wrong ones: != instead of =="),
    (
        lambda right, places, labels: right.sum(),
        "that is how many are right; the fraction is mean(), not sum()",
    ),
    (lambda right, places, labels: 100 * right.mean(), "that is per cent; return a fraction between 0 and 1"),
    (
        lambda right, places, labels: right.sum() / 10,
        "you divide by 10, the number of digits; divide by the number of pictures, len(labels)",
    ),
    (
        lambda right, places, labels: right.sum() / 8,
        "you divide by 8, whatever the number of pictures is; divide by len(labels)",
    ),
    (
        lambda right, places, labels: (places + 1 == labels).mean(),
        "you count the places from 1; argmax counts from 0, and so do the labels",
    ),
    (
        lambda right, places, labels: (places[:, None] == labels).mean(),
        "each answer was compared with every label, a column with a row, as in Idea 6; give both shape (N,)",
    ),
    (lambda right, places, labels: round(right.mean()), "you rounded the fraction to 0 or 1"),
    *(
        (
            lambda right, places, labels, decimals=decimals: round(right.mean(), decimals),
            "you rounded the fraction; return it with all its digits",
        )
        for decimals in (1, 2, 3)
    ),
    (
        lambda right, places, labels: np.isin(places, labels).mean(),
        "you ask whether the answer stands anywhere in labels; compare it by == with its own picture's label",
    ),
    (
        lambda right, places, labels: right.any(),
        "1 each time: `in` and any() ask whether one of them fits; take the mean of the mask",
    ),
    (
        lambda right, places, labels: right.all(),
        "1 where every answer is right, else 0; take the mean, not all() or int()",
    ),
)


@exercise
def accuracy(function):
    """accuracy(outputs (N, 10), labels (N,)) -> fraction right."""
    rng = np.random.default_rng(0)
    answers, masks, all_places, all_labels = [], [], [], []
    for pictures, right in ((8, 6), (20, 7), (33, 31), (10, 1), (5, 5)):
        outputs = rng.random((pictures, 10))
        places = outputs.argmax(axis=1)
        labels = places.copy()
        labels[: pictures - right] += rng.integers(1, 10, pictures - right)
        labels %= 10
        answers.append(number_of(function(outputs, labels), "; take the mean of the mask"))
        masks.append(places == labels)
        all_places.append(places)
        all_labels.append(labels)
    expected = [mask.mean() for mask in masks]
    if agrees(answers, expected):
        return
    name_mistake(FRACTIONS, lambda f: agrees(answers, list(map(f, masks, all_places, all_labels))))
    n = next(n for n, answer in enumerate(answers) if not agrees(answer, expected[n]))
    raise Wrong(
        f"{masks[n].sum()} of {len(masks[n])} are right, so {expected[n]:.3g} was expected, not "
        f"{answers[n]:.3g}; argmax(axis=1) looks for the largest output in each row"
    )


@exercise
def one_hot(function):
    """one_hot(labels (N,)) -> (N, 10) with a 1 at each label."""
    rng = np.random.default_rng(10)
    cases = [
        np.array([3, 0, 9, 3], np.uint8),
        rng.integers(0, 8, 7),  # no 8 and no 9: their columns must be there all the same
        rng.permutation(10).astype(np.uint8),  # as many labels as digits: a square
        np.array([5]),
    ]
    error = "index 9 is out of bounds for axis 0 with size 4"  # the 9 of the first case, taken for a row
    hint = "a label was taken for a row, and there are only 4; in table[row, column] the label is the column"
    for labels in cases:
        _judge_one_hot(array_of(_answer(function, labels, error, hint)), labels)


def _judge_one_hot(answer, labels):
    count = len(labels)
    if answer.shape == (10, count) and count != 10:
        raise Wrong(
            f"shape (10, {count}) where ({count}, 10) was expected; "
            "rows are examples: compare a column of labels"
        )
    if answer.shape == (count, labels.max() + 1) and count != 1 and labels.max() != 9:
        raise Wrong(
            f"{labels.max() + 1} columns, since {labels.max()} is the largest of these labels; "
            "there are ten digits, also where some do not occur"
        )
    expect_shape(answer, (count, 10), ": one row for each label, one column for each digit")
    if not agrees(np.sort(answer, axis=1), [[0] * 9 + [1]] * count):
        _name_bad_rows(answer, labels)
    for label, place in zip(labels, answer.argmax(axis=1), strict=True):
        if place != label:
            raise Wrong(f"the row of the label {label} has its 1 at place {place}; places count from 0")


def _name_bad_rows(answer, labels):
    """Raise what is wrong with rows that don't hold one 1 and nine 0s each."""
    several, zeros_and_ones = len(labels) > 1, np.isin(answer, (0, 1)).all() and answer.any()
    if several and zeros_and_ones and agrees(answer, answer[:1].repeat(len(labels), axis=0)):
        raise Wrong("all rows are alike: labels in the brackets write into every row, labels[i] into one")
    if several and answer[0].any() and not answer[1:].any():
        raise Wrong("only the first row is filled; is the return inside the loop?")
    row = next(n for n, found in enumerate(answer) if not agrees(np.sort(found), [0] * 9 + [1]))
    raise Wrong(f"row {row}, label {labels[row]}, holds {answer[row].tolist()}: one 1 and nine 0s are wanted")
