"""The exercises of notebook 02: right answers in many styles, and the wrong ones that learners give."""

import struct

import numpy as np
import pytest
from learners import pairs, triples


def header_by_from_bytes(data):
    shape = tuple(int.from_bytes(data[4 + 4 * i : 8 + 4 * i], "big") for i in range(data[3]))
    return data[2], shape


def little_end_first(data):
    return data[2], struct.unpack("<" + "I" * data[3], data[4 : 4 + 4 * data[3]])


RIGHT = {
    "read_header": [
        header_by_from_bytes,
        lambda data: (data[2], tuple(np.frombuffer(data, ">u4", data[3], 4))),
    ],
    "pixel_position": [
        lambda image, row, column: np.int64(16) + (image * 28 + row) * 28 + column,
    ],
    "label_counts": [
        lambda labels: [(labels == digit).sum() for digit in range(10)],
    ],
}  # fmt: skip

WRONG = {
    "read_header": [
        (lambda data: header_by_from_bytes(data)[1], "return two things"),
        (lambda data: list(header_by_from_bytes(data)), "return two things"),
        (little_end_first, "the small end first"),
        (lambda data: (data[3], header_by_from_bytes(data)[1]), "it is the third byte"),
        (lambda data: (data[2:3], header_by_from_bytes(data)[1]), r"type code b'\x08' where 8 was expected"),
        (lambda data: (data[2], struct.unpack(">II", data[4:12])), "the fourth byte says how many axes"),
        (lambda data: (data[2], list(header_by_from_bytes(data)[1])), "return them as a tuple"),
        (lambda data: (data[2], struct.unpack_from(">" + "I" * data[3], data)), "start at byte 4"),
    ],
    "pixel_position": [
        (lambda i, r, c: 784 * i + 28 * r + c, "16 bytes of header"),
        (lambda i, r, c: 8 + 784 * i + 28 * r + c, "the header of the images has 16 bytes"),
        (lambda i, r, c: 16 + 784 * i + 28 * c + r, "row and column are swapped"),
        (lambda i, r, c: 16 + 28 * i + 28 * r + c, "pixel (0, 0) of image 2 is at byte 1584, not 72"),
        (lambda i, r, c: (i, 16 + 28 * r + c), "shape (2,) where a single number was expected"),
    ],
    "label_counts": [
        (np.bincount, "there is no 9 among the labels"),
        (lambda y: np.bincount(y, minlength=10) / len(y), "these are fractions"),
        (lambda y: np.unique(y, return_counts=True)[1], "shape (3,) where (10,) was expected"),
        (lambda y: np.arange(10), "expected [1 3 0 0 0 0 0 2 0 0]"),
        (lambda y: dict(enumerate(np.bincount(y))), "numbers were expected"),
    ],
}  # fmt: skip


@pytest.mark.parametrize(("name", "function"), pairs(RIGHT))
def test_right_in_another_style(name, function, verdict):
    assert verdict(name, function) == "right!"


@pytest.mark.parametrize(("name", "function", "words"), triples(WRONG))
def test_mistake_is_named(name, function, words, verdict):
    assert words in verdict(name, function)
