"""Spoilers: the checks of the exercises of notebook 02, reading MNIST."""

import math
from operator import eq

import numpy as np

from mnistlib.check.verdict import Wrong, array_of, exercise, expect, expect_shape, judge, number_of


@exercise
def read_header(function):
    """read_header(data bytes of an IDX file) -> (type code, shape as a tuple)."""
    rng = np.random.default_rng(2)
    drawn = [tuple(rng.integers(1, 70_000, axes).tolist()) for axes in (1, 2, 3, 4)]
    cases = [(0x08, (5,)), (0x08, (3, 28, 28)), (0x0D, (2, 300, 4, 1))]
    cases += zip((0x09, 0x0B, 0x0C, 0x0E), drawn, strict=True)
    cases += [(0x08, (70_000, 28, 28)), (0x08, (3_000_000_000,))]  # more than 16, and than 31 bits
    for code, shape in cases:
        header = bytes([0, 0, code, len(shape)]) + b"".join(n.to_bytes(4, "big") for n in shape)
        # long enough that three lengths can be read from any of them, as from the real files
        _judge_header(function(header + bytes(12)), code, shape)


def _judge_header(answer, code, shape):
    if not isinstance(answer, tuple | list) or len(answer) != 2:
        raise Wrong("return two things: the type code and the shape, as `return code, shape`")
    found_code, found_shape = answer
    if isinstance(found_code, bytes):
        raise Wrong(f"type code {found_code!r} where {code} was expected; data[2:3] is bytes: write data[2]")
    if not isinstance(found_code, int | np.integer) or found_code != code:
        raise Wrong(f"type code {found_code} where {code} was expected; it is the third byte, data[2]")
    found = tuple(array_of(found_shape, "the shape").ravel().tolist())
    _judge_shape(found, shape)
    if not isinstance(found_shape, tuple):
        raise Wrong("the lengths are right; return them as a tuple, tuple(…), as numpy's shapes are")


def _judge_shape(found, shape):
    small_end_first = tuple(int.from_bytes(n.to_bytes(4, "big"), "little") for n in shape)
    signed = tuple(n - 2**32 if n >= 2**31 else n for n in shape)
    mistakes = [
        (small_end_first, "the lengths are read with the small end first; IDX puts the big end first: '>'"),
        (signed, f"a length of {signed[0]:,}: you read with a sign, 'i'; lengths have none: 'I'"),
        (tuple(n % 2**16 for n in shape), "a length has four bytes, and you used the last two"),
        (shape[::-1], f"{found} is the shape backwards; the first length in the file is the first axis"),
        ((math.prod(shape),), "that is how many elements there are; return each length, as a tuple"),
        ((len(shape),), "that is how many axes there are; the fourth byte says how many lengths follow it"),
    ]
    otherwise = f"shape {found} where {shape} was expected; the lengths start at byte 4"
    if len(found) != len(shape):
        axes = "1 axis" if len(shape) == 1 else f"{len(shape)} axes"
        otherwise = (
            f"{len(found)} lengths from a file with {axes}; the fourth byte says how many axes there are: "
            "the recipe needs data[3] I's"
        )
    expect(found, shape, mistakes, otherwise, eq)


@exercise
def pixel_position(function):
    """pixel_position(image, row, column) -> the byte's position in the unpacked training images."""
    rng = np.random.default_rng(3)
    pixels = [(0, 0, 0), (0, 0, 5), (0, 3, 0), (2, 0, 0), (59_999, 27, 27)]
    pixels += [tuple(rng.integers(1, (60_000, 28, 28)).tolist()) for _ in range(5)]
    answers = [number_of(function(*pixel)) for pixel in pixels]
    for (image, row, column), answer, right in judge(answers, pixels, _positions, eq):
        raise Wrong(f"pixel ({row}, {column}) of image {image} is at byte {right}, not {answer}")


def _positions(i, r, c):
    """The position, and what a learner may have computed instead."""
    counted = "are counted from 0: as many come before it"
    inside = 28 * r + c
    return 16 + 784 * i + inside, [
        (784 * i + inside, "you count from the first pixel; 16 bytes of header come before"),
        (8 + 784 * i + inside, "the header of the images has 16 bytes: the magic number and three lengths"),
        (16 + 784 * i + 28 * c + r, "row and column are swapped; a row lies side by side"),
        (16 + 28 * i + inside, "a picture before it takes 784 bytes, not 28"),
        (16 + 784 * i + r * c, "before a row come `row` whole rows of 28 bytes, however far the column"),
        (16 + 784 * i + r + c, "each row before it takes 28 bytes, not one"),
        (16 + 784 * i + 28 * r, "the column is missing"),
        (16 + 784 * i + c, "the row is missing"),
        (16 + inside, "the pictures before it are missing"),
        (800 * i + 16 + inside, "there is one header, at the start of the file, not one each"),
        (
            800 * i + inside,
            "the header comes once, before the first picture: add its 16 bytes once, also where image is 0",
        ),
        (17 + 784 * i + inside, "one too far: the first byte has the position 0"),
        (15 + 784 * i + inside, "one too few: the 16 header bytes have the positions 0 to 15"),
        (16 + 784 * (i - 1) + inside, f"pictures {counted}"),
        (16 + 784 * (i - 1) + inside - 29, f"pictures, rows and columns {counted}"),
        (16 + 784 * (i - 1) + inside - 28, f"pictures and rows {counted}"),
        (16 + 729 * i + 27 * r + c, "a row has 28 pixels, from column 0 to column 27"),
    ]


@exercise
def label_counts(function):
    """label_counts(labels (N,)) -> (10,) how often each digit occurs."""
    rng = np.random.default_rng(4)
    cases = [np.array([1, 1, 1, 0, 7, 7], np.uint8), rng.integers(0, 10, 60, np.uint8), np.full(4, 9)]
    cases.append(rng.integers(0, 10, 4_000, np.uint8))  # more than 255 of each
    for labels in cases:
        _judge_counts(array_of(function(labels)), labels)


def _judge_counts(answer, labels):
    no_9 = f"shape {answer.shape}: there is no 9 among the labels, but its place must be there, with a 0"
    mistakes = [((labels.max() + 1,), no_9), ((9,), "nine counts; the digits 0 to 9 are ten")]
    expect_shape(answer, (10,), ": one count for each digit from 0 to 9", mistakes)
    right = np.array([(labels == digit).sum() for digit in range(10)])
    in_order = "the counts are sorted by size; they must stand in the order of the digits"
    mistakes = [
        (right % 256, "the counts ran over after 255, as uint8 does; count in a larger type"),
        (right / len(labels), "these are fractions; return how often each digit occurs"),
        ([*right[1:], 0], "the first count is that of the 1; it must be that of the 0"),
        (right > 0, "that says which digits occur; return how often"),
        (np.sort(right), in_order),
        (np.sort(right)[::-1], in_order),
    ]
    few = f"for the labels {' '.join(map(str, labels))} " if len(labels) < 10 else ""
    expect(answer, right, mistakes, f"{few}expected {right}, not {answer}")
