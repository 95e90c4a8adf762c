"""The exercises of notebook 10: right answers in many styles, and the wrong ones that learners give."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def of_the_lesson(image, filter):
    places = np.zeros((26, 26))
    for y in range(26):
        for x in range(26):
            places[y, x] = np.sum(image[y : y + 3, x : x + 3] * filter)
    return places


def answers(image, filter):
    return np.einsum("yxij,ij->yx", sliding_window_view(image, filter.shape), filter)


def blocks(maps):
    n, h, w, channels = maps.shape
    return maps.reshape(n, h // 2, 2, w // 2, 2, channels)


def copied(delta):
    return delta.repeat(2, axis=1).repeat(2, axis=2)


def first_of_four(delta):
    slopes = np.zeros_like(copied(delta))
    slopes[:, ::2, ::2] = delta
    return slopes


RIGHT = {
    "count_layer": [
        lambda s, c, f, k: np.array([s - k + 1, f * (1 + c * k**2)]),
    ],
    "correlate": [answers],
}

WRONG = {
    "count_layer": [
        (lambda s, c, f, k: (s - k, c * k * k * f + f), "one place more"),
        (lambda s, c, f, k: (s, c * k * k * f + f), "sticks out"),
        (lambda s, c, f, k: (s // k, c * k * k * f + f), "the places overlap"),
        (lambda s, c, f, k: ((s - k + 1) ** 2, c * k * k * f + f), "along one side, not all"),
        (lambda s, c, f, k: (c * k * k * f + f, s - k + 1), "wrong order"),
        (lambda s, c, f, k: (s + k, c * k * k * f + f), "expected 24 places"),
        (lambda s, c, f, k: (s - k + 1, c * k * k * f), "the biases are missing"),
        (lambda s, c, f, k: (s - k + 1, k * k * f + f), "looks at all channels"),
        (lambda s, c, f, k: (s - k + 1, c * k * k * f + 1), "a bias of its own"),
        (lambda s, c, f, k: (s - k + 1, (s - k + 1) ** 2 * (c * k * k * f + f)), "count them once"),
        (lambda s, c, f, k: (s - k + 1, c * k * f + f), "size · size weights"),
        (lambda s, c, f, k: s - k + 1, "return two numbers"),
        (lambda s, c, f, k: (s - k + 1, 7), "expected 208 parameters"),
    ],
    "correlate": [
        (lambda image, filter: answers(image, filter[::-1, ::-1]), "turned by 180°"),
        (lambda image, filter: answers(image, filter[::-1]), "on its head"),
        (lambda image, filter: answers(image, filter[:, ::-1]), "mirrored"),
        (lambda image, filter: answers(image, filter) / filter.size, "the mean"),
        (lambda image, filter: sliding_window_view(image, filter.shape).sum(axis=(2, 3)), "not in it yet"),
        (lambda image, filter: sliding_window_view(image, filter.shape) * filter, "add them up"),
        (lambda image, filter: answers(image, filter).T, "rows and columns are swapped"),
        (lambda image, filter: answers(image, filter).sum(), "the places are not added up"),
        (lambda image, filter: answers(image, filter).ravel(), "belong on a grid"),
        (lambda image, filter: answers(image, filter)[:-1, :-1], "last row and column"),
        (lambda image, filter: np.maximum(answers(image, filter), 0), "without ReLU"),
        (lambda image, filter: answers(np.pad(image, 1), filter), "no margin"),
        (of_the_lesson, "are 26 places built in"),
        (lambda image, filter: image * 2, "one number for each place, and height and width may differ"),
    ],
    "average_pool": [
        (lambda maps: blocks(maps).sum(axis=(2, 4)), "divide by 4"),
        (lambda maps: blocks(maps).max(axis=(2, 4)), "the largest"),
        (lambda maps: blocks(maps).mean(axis=(2, 4)) / 4, "divided twice"),
        (lambda maps: blocks(maps).sum(axis=(2, 4)) / 2, "by 4, not by 2"),
        (lambda maps: maps[:, ::2, ::2], "the first of each four"),
        (lambda maps: np.median(blocks(maps), axis=(2, 4)), "the median"),
        (lambda maps: blocks(maps).min(axis=(2, 4)), "the smallest"),
        (lambda maps: (maps[:, ::2] + maps[:, 1::2]) / 2, "only rows are paired"),
        (lambda maps: (maps[:, :, ::2] + maps[:, :, 1::2]) / 2, "only columns are paired"),
        (lambda maps: maps.mean(axis=(1, 2)), "not all of a map"),
        (lambda maps: blocks(maps).mean(axis=(2, 4, 5)), "by itself"),
        (lambda maps: maps[:, 1:, 1:], "half as high and half as wide"),
    ],
    "average_unpool": [
        (copied, "a quarter: divide by 4"),
        (lambda delta: copied(delta) * 4, "a quarter, not four times"),
        (lambda delta: copied(delta) / 2, "not two"),
        (lambda delta: copied(delta) / 16, "divided twice"),
        (lambda delta: -copied(delta) / 4, "the wrong sign"),
        (first_of_four, "all four get a share"),
        (lambda delta: first_of_four(delta) / 4, "not only the first"),
        (lambda delta: np.tile(delta, (1, 2, 2, 1)) / 4, "np.tile"),
        (lambda delta: delta.repeat(2, axis=1) / 4, "only the rows are doubled"),
        (lambda delta: delta.repeat(2, axis=2) / 4, "only the columns are doubled"),
        (lambda delta: delta / 4, "hand it to all four"),
        (lambda delta: delta.repeat(4, axis=1) / 4, "a block of 2 × 2"),
    ],
}  # fmt: skip
