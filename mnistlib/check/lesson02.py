"""Spoilers: the checks of the exercises of notebook 02, reading MNIST."""

import numpy as np

from mnistlib.check.verdict import Wrong, agrees, array_of, exercise, expect_shape, number_of


@exercise
def read_header(function):
    """read_header(data bytes of an IDX file) -> (type code, shape as a tuple)."""
    cases = [(0x08, (5,)), (0x08, (3, 28, 28)), (0x0D, (2, 300, 4, 1))]
    for code, shape in cases:
        header = bytes([0, 0, code, len(shape)]) + b"".join(n.to_bytes(4, "big") for n in shape)
        answer = function(header + bytes(7))
        if not isinstance(answer, tuple) or len(answer) != 2:
            raise Wrong("return two things: the type code and the shape, as `return code, shape`")
        if not isinstance(answer[0], int | np.integer) or answer[0] != code:
            raise Wrong(f"type code {answer[0]} where {code} was expected; it is the third byte, data[2]")
        found = tuple(array_of(answer[1], "the shape").ravel().tolist())
        swapped = tuple(int.from_bytes(n.to_bytes(4, "big"), "little") for n in shape)
        if found == swapped:
            raise Wrong("the lengths are read with the small end first; IDX puts the big end first: '>'")
        if len(found) != len(shape):
            raise Wrong(
                f"{len(found)} lengths where {len(shape)} were expected; the fourth byte says how many axes"
            )
        if found != shape:
            raise Wrong(f"shape {found} where {shape} was expected; the lengths start at byte 4")
        if not isinstance(answer[1], tuple):
            raise Wrong("the lengths are right; return them as a tuple, tuple(…), as numpy's shapes are")


@exercise
def pixel_position(function):
    """pixel_position(image, row, column) -> the byte's position in the unpacked training images."""
    for image, row, column in ((0, 0, 0), (0, 0, 5), (0, 3, 0), (2, 0, 0), (59_999, 27, 27)):
        answer = number_of(function(image, row, column))
        expected = 16 + image * 784 + row * 28 + column
        name = f"pixel ({row}, {column}) of image {image}"
        if answer == expected - 16:
            raise Wrong("you count from the first pixel; 16 bytes of header come before it")
        if answer == expected - 8:
            raise Wrong("the header of the images has 16 bytes: the magic number and three lengths")
        if row != column and answer == 16 + image * 784 + column * 28 + row:
            raise Wrong(f"{name}: row and column are swapped; the pixels of one row lie side by side")
        if answer != expected:
            raise Wrong(f"{name} is at byte {expected}, not {answer}")


@exercise
def label_counts(function):
    """label_counts(labels (N,)) -> (10,) how often each digit occurs."""
    labels = np.array([1, 1, 1, 0, 7, 7], np.uint8)
    answer = array_of(function(labels))
    if answer.shape == (8,):
        raise Wrong("shape (8,): there is no 9 among the labels, but its place must be there, with a 0")
    expect_shape(answer, (10,), ": one count for each digit from 0 to 9")
    if agrees(answer.sum(), 1):
        raise Wrong("these are fractions; return how often each digit occurs")
    if not agrees(answer, [1, 3, 0, 0, 0, 0, 0, 2, 0, 0]):
        raise Wrong(f"for the labels 1 1 1 0 7 7 expected [1 3 0 0 0 0 0 2 0 0], not {answer}")
