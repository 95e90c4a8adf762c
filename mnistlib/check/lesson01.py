"""Spoilers: the checks of the exercises of notebook 01, numpy quickstart."""

import numpy as np

from mnistlib.check.verdict import Wrong, agrees, array_of, exercise, expect, expect_shape, judge, number_of


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
    function.hints = {"IndexError": hint, "to unpack": hint}
    for pixels in cases:
        answer = expect_shape(function(pixels), pixels.shape, ": keep the shape of the input")
        _judge_grey_values(answer, pixels)


def _judge_grey_values(answer, pixels):
    if answer.dtype.kind in "iu":
        raise Wrong(f"dtype {answer.dtype}, which has no decimals; convert with .astype(np.float32)")
    grey, least, largest = pixels.astype(float), int(pixels.min()), int(pixels.max())
    faint = "divide by 255, so that a faint picture stays faint"
    mistakes = [
        (grey, "the values still run to 255; divide by 255"),
        (grey / 256, "255 became 0.996, not 1; the largest value of a uint8 is 255, not 256"),
        (grey / largest, f"you divided by the largest pixel of the picture, here {largest}; {faint}"),
        ((grey - least) / (largest - least), f"you stretched {least}–{largest} to 0–1; only {faint}"),
    ]
    pixel, found = int(pixels.flat[1]), float(answer.flat[1])
    otherwise = f"{pixel} became {found:.4f}; expected {pixel}/255 = {pixel / 255:.4f}"
    if answer.dtype == np.float16:
        otherwise = "dtype float16, which keeps only three digits; the exercise asks for float32"
    expect(answer, grey / 255, mistakes, otherwise)
    if answer.dtype.newbyteorder("=") != np.float32:
        raise Wrong(f"the values are right, the dtype is {answer.dtype}; the exercise asks for float32")


@exercise
def accuracy(function):
    """accuracy(outputs (N, 10), labels (N,)) -> fraction right."""
    rng = np.random.default_rng(0)
    answers, cases = [], []
    for pictures, right in ((8, 6), (20, 7), (33, 31), (10, 1), (5, 5)):
        outputs = rng.random((pictures, 10))
        places = outputs.argmax(axis=1)
        labels = places.copy()
        labels[: pictures - right] += rng.integers(1, 10, pictures - right)
        labels %= 10
        answers.append(number_of(function(outputs, labels), "; take the mean of the mask"))
        cases.append((places, labels))
    for (places, labels), answer, expected in judge(answers, cases, _fractions):
        raise Wrong(
            f"{(places == labels).sum()} of {len(labels)} are right, so {expected:.3g} was expected, not "
            f"{answer:.3g}; argmax(axis=1) looks for the largest output in each row"
        )


def _fractions(places, labels):
    """The fraction of right answers, the places of the largest outputs, and what may be computed instead."""
    right, rounded = places == labels, "you rounded the fraction; return it with all its digits"
    return right.mean(), [
        ((~right).mean(), "you counted the wrong ones: != instead of =="),
        (right.sum(), "that is how many are right; the fraction is mean(), not sum()"),
        (100 * right.mean(), "that is per cent; return a fraction between 0 and 1"),
        (right.sum() / 10, "you divide by 10, the number of digits; divide by that of pictures, len(labels)"),
        (right.sum() / 8, "you divide by 8, whatever the number of pictures is; divide by len(labels)"),
        ((places + 1 == labels).mean(), "you count the places from 1; argmax and labels count from 0"),
        (
            (places[:, None] == labels).mean(),
            "each answer was compared with every label, a column with a row, as in Idea 6; "
            "give both shape (N,)",
        ),
        (round(right.mean()), "you rounded the fraction to 0 or 1"),
        *((round(right.mean(), decimals), rounded) for decimals in (1, 2, 3)),
        (
            np.isin(places, labels).mean(),
            "you ask whether the answer stands anywhere in labels; "
            "compare it by == with its own picture's label",
        ),
        (right.any(), "1 each time: `in` and any() ask whether one of them fits; take the mean of the mask"),
        (right.all(), "1 where every answer is right, else 0; take the mean, not all() or int()"),
    ]


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
    function.hints = {error: hint}
    for labels in cases:
        _judge_one_hot(array_of(function(labels)), labels)


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
    bad = [row for row, found in enumerate(answer) if not agrees(np.sort(found), [0] * 9 + [1])]
    if bad and count > 1 and np.isin(answer, (0, 1)).all() and answer.any() and (answer == answer[0]).all():
        raise Wrong("all rows are alike: labels in the brackets write into every row, labels[i] into one")
    if bad and count > 1 and answer[0].any() and not answer[1:].any():
        raise Wrong("only the first row is filled; is the return inside the loop?")
    for row in bad:
        raise Wrong(
            f"row {row}, label {labels[row]}, holds {answer[row].tolist()}: one 1 and nine 0s are wanted"
        )
    for label, place in zip(labels, answer.argmax(axis=1), strict=True):
        if place != label:
            raise Wrong(f"the row of the label {label} has its 1 at place {place}; places count from 0")
