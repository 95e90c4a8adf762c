"""The exercises of notebook 02: right answers in many styles, and the wrong ones that learners give."""

import math
import struct

import numpy as np


def shape_of(data):
    return struct.unpack_from(">" + "I" * data[3], data, 4)


RIGHT = {
    "read_header": [
        lambda data: [data[2], tuple(np.frombuffer(data, ">u4", data[3], 4))],
        lambda data: (np.uint8(data[2]), shape_of(data)),
    ],
    "label_counts": [
        lambda labels: {digit: (labels == digit).sum() for digit in range(10)}.values(),
    ],
}  # fmt: skip

WRONG = {
    "read_header": [
        (shape_of, "return two things"),
        (lambda data: (data[2], struct.unpack_from("<" + "I" * data[3], data, 4)), "the small end first"),
        (lambda data: (data[3], shape_of(data)), "it is the third byte"),
        (lambda data: (data[2:3], shape_of(data)), r"type code b'\x08' where 8 was expected"),
        (lambda data: (hex(data[2]), shape_of(data)), "type code 0x8 where 8 was expected"),
        (lambda data: (data[2], struct.unpack(">III", data[4:16])), "3 lengths from a file with 1 axis;"),
        (lambda data: (data[2], struct.unpack(">" + "I" * data[3], data[4:])), "8, 1]  - hint: a recipe"),
        (lambda data: (data[2], list(shape_of(data))), "return them as a tuple"),
        (lambda data: (data[2], struct.unpack_from(">" + "I" * data[3], data)), "start at byte 4"),
        (lambda data: (data[2], struct.unpack_from(">" + "i" * data[3], data, 4)), "you read with a sign"),
        (lambda data: (data[2], tuple(np.frombuffer(data, ">u2")[3::2][: data[3]])), "you used the last two"),
        (lambda data: (data[2], shape_of(data)[::-1]), "the shape backwards"),
        (lambda data: (data[2], (math.prod(shape_of(data)),)), "return each length"),
        (lambda data: (data[2], data[3]), "that is how many axes there are"),
    ],
    "pixel_position": [
        (lambda i, r, c: 784 * i + 28 * r + c, "16 bytes of header"),
        (lambda i, r, c: 8 + 784 * i + 28 * r + c, "the header of the images has 16 bytes"),
        (lambda i, r, c: 16 + 784 * i + 28 * c + r, "row and column are swapped"),
        (lambda i, r, c: 16 + 28 * i + 28 * r + c, "takes 784 bytes, not 28"),
        (lambda i, r, c: 16 + 784 * i + r * c, "`row` whole rows of 28"),
        (lambda i, r, c: 16 + 784 * i + r + c, "each row before it takes 28 bytes"),
        (lambda i, r, c: 16 + 784 * i + 28 * r, "the column is missing"),
        (lambda i, r, c: 16 + 784 * i + c, "the row is missing"),
        (lambda i, r, c: 16 + 28 * r + c, "the pictures before it are missing"),
        (lambda i, r, c: (16 + 784) * i + 16 + 28 * r + c, "there is one header"),
        (lambda i, r, c: (16 + 784) * i + 28 * r + c, "add its 16 bytes once"),
        (lambda i, r, c: 17 + 784 * i + 28 * r + c, "one too far"),
        (lambda i, r, c: 15 + 784 * i + 28 * r + c, "one too few"),
        (lambda i, r, c: 16 + 784 * (i - 1) + 28 * r + c, "pictures are counted from 0"),
        (lambda i, r, c: 16 + 784 * (i - 1) + 28 * (r - 1) + c - 1, "rows and columns are counted from 0"),
        (lambda i, r, c: 16 + 784 * (i - 1) + 28 * (r - 1) + c, "pictures and rows are counted from 0"),
        (lambda i, r, c: 16 + 27 * 27 * i + 27 * r + c, "a row has 28 pixels"),
        (lambda i, r, c: 16 * 784 * i + 28 * r + c, "pixel (0, 0) of image 0 is at byte 16, not 0"),
        (lambda i, r, c: (i, 16 + 28 * r + c), "shape (2,) where a single number was expected"),
    ],
    "label_counts": [
        (np.bincount, "there is no 9 among the labels"),
        (lambda y: np.bincount(y, minlength=10) / len(y), "these are fractions"),
        (lambda y: np.unique(y, return_counts=True)[1], "shape (3,) where (10,) was expected"),
        (lambda y: np.arange(10), "expected [1 3 0 0 0 0 0 2 0 0]"),
        (lambda y: dict(enumerate(np.bincount(y))), "numbers were expected"),
        (lambda y: [(y == digit).sum() for digit in range(1, 10)], "the digits 0 to 9 are ten"),
        (lambda y: [(y == digit).sum() for digit in range(1, 11)], "the first count is that of the 1"),
        (lambda y: [digit in y for digit in range(10)], "return how often"),
        (lambda y: sorted(np.bincount(y, minlength=10)), "sorted by size"),
        (lambda y: [1, 3, 0, 0, 0, 0, 0, 2, 0, 0], "expected"),
        (lambda y: [y.tolist().index(digit) for digit in range(10)], "stopped with ValueError"),
        (lambda y: np.eye(10, dtype=np.uint8)[y].sum(axis=0, dtype=np.uint8), "ran over after 255"),
    ],
}  # fmt: skip
