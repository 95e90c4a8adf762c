"""Spoilers: the checks of the exercises of notebook 10, convolution."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from mnistlib.check.verdict import Wrong, agrees, array_of, exercise, expect_shape, number_of


def _name(answer, mistakes):
    """Wrong with the words of the first of the mistakes, pairs (result, words), whose result it is."""
    for result, words in mistakes:
        if np.shape(answer) == np.shape(result) and agrees(answer, result):
            raise Wrong(words)


@exercise
def count_layer(function):
    """count_layer(side, channels, filters, size) -> places along a side, parameters."""
    for side, channels, filters, size in ((28, 1, 8, 5), (12, 8, 16, 3), (9, 3, 2, 1)):
        answer = function(side, channels, filters, size)
        if not isinstance(answer, tuple | list | np.ndarray) or len(answer) != 2:
            raise Wrong("return two numbers: places along one side, and parameters")
        found = number_of(answer[0]), number_of(answer[1])
        places, weights = side - size + 1, channels * size * size * filters
        if found[0] != places:
            _name_wrong_places(found[0], places, side, size, weights + filters)
        if found[1] != weights + filters:
            _name_wrong_parameters(found[1], places, channels, filters, size)


def _name_wrong_places(found, places, side, size, parameters):
    _name(
        found,
        [
            (places * places, "the first is the places along one side, not all of them"),
            (side - size, "one place more: a filter as large as the image has one place, not none"),
            (side, "a filter has no place where it sticks out: side − size + 1 are left"),
            (side // size, "the places overlap: a filter moves on by one pixel, not by its own size"),
            (parameters, "right numbers, wrong order: places first, then parameters"),
        ],
    )
    raise Wrong(f"side {side}, size {size}: expected {places} places along a side, not {found:g}")


def _name_wrong_parameters(found, places, channels, filters, size):
    weights = channels * size * size * filters
    _name(
        found,
        [
            (weights, "the biases are missing: one for each filter"),
            (size * size * filters + filters, "a filter looks at all channels: channels · size · size"),
            (size * size * filters, "a filter looks at all channels, and has a bias"),
            (weights + 1, "each filter has a bias of its own"),
            (weights + channels * filters, "a filter has one bias, not one for each channel"),
            (places**2 * (weights + filters), "the same weights serve all places: count them once"),
            (channels * size * filters + filters, "a filter has size · size weights for each channel"),
            (weights + filters * places**2, "the same bias serves all places: count it once"),
        ],
    )
    raise Wrong(
        f"expected {weights + filters} parameters, not {found:g}: channels · size · size weights and a bias "
        f"for each filter"
    )


def _answers(image, filter):
    return (sliding_window_view(image, filter.shape) * filter).sum(axis=(2, 3))


@exercise
def correlate(function):
    """correlate(image (h, w), filter (a, b)) -> (h − a + 1, w − b + 1)."""
    rng = np.random.default_rng(10)
    cases = ((28, 28), (3, 3)), ((7, 7), (3, 3)), ((6, 9), (2, 4)), ((5, 4), (5, 4)), ((6, 6), (1, 1))
    for number, (shape, size) in enumerate(cases):
        image, filter = rng.normal(size=shape), rng.normal(size=size)
        try:
            answer, right = array_of(function(image, filter)), _answers(image, filter)
        except Wrong as wrong:
            if number == 1:  # the loops of the lesson serve 28 × 28 pixels, and stop here
                words = "right for 28 × 28 pixels: are 26 places built in? Take them from the shapes"
                raise Wrong(words, *wrong.args) from wrong
            raise
        if _is(answer, right):
            continue
        _name_wrong_answers(answer, right, image, filter)


def _name_wrong_answers(answer, right, image, filter):
    windows = sliding_window_view(image, filter.shape)
    padded = np.pad(image, 1)
    _name(
        answer,
        [
            (_answers(image, filter[::-1, ::-1]), "the filter is turned by 180°: slide it as it is"),
            (_answers(image, filter[::-1]), "the filter stands on its head"),
            (_answers(image, filter[:, ::-1]), "the filter is mirrored: left and right are swapped"),
            (right / filter.size, "that is the mean of the products; their sum is wanted"),
            (windows.sum(axis=(2, 3)), "the filter's numbers are not in it yet"),
            (windows * filter, "the products are right; add them up for each place"),
            (right.T, "rows and columns are swapped: y first, then x"),
            (right.sum(), "one number for each place: the places are not added up"),
            (right.ravel(), "the numbers are right; they belong on a grid, in rows and columns"),
            (right[:-1, :-1], "the last row and column of places are missing: h − a + 1 of them"),
            (_answers(padded, filter), "no margin: the filter never sticks out, so there are fewer places"),
            (np.maximum(right, 0), "without ReLU: negative answers stay"),
            (np.abs(right), "without abs: negative answers stay"),
        ],
    )
    shapes = f": image {image.shape}, filter {filter.shape}; "
    shapes += "one number for each place, and height and width may differ"
    expect_shape(answer, right.shape, shapes)
    raise Wrong("at each place: the product of each pixel with its weight, and all of them added up")


def _is(answer, expected):
    """True if shape and numbers agree."""
    return np.shape(answer) == np.shape(expected) and agrees(answer, expected)


@exercise
def average_pool(function):
    """average_pool(maps (N, h, w, channels)) -> (N, h/2, w/2, channels)."""
    rng = np.random.default_rng(11)
    for shape in ((2, 4, 6, 3), (1, 2, 2, 1), (3, 8, 4, 2)):
        maps = rng.normal(size=shape)
        n, h, w, channels = shape
        blocks = maps.reshape(n, h // 2, 2, w // 2, 2, channels)
        right, answer = blocks.mean(axis=(2, 4)), array_of(function(maps))
        if _is(answer, right):
            continue
        _name(
            answer,
            [
                (blocks.sum(axis=(2, 4)), "that is the sum of each four; divide by 4"),
                (blocks.max(axis=(2, 4)), "that is the largest of each four; their mean is wanted"),
                (right / 4, "divided twice: mean divides by 4 already"),
                (blocks.sum(axis=(2, 4)) / 2, "four numbers: divide by 4, not by 2"),
                (maps[:, ::2, ::2], "that is the first of each four; all four count"),
                (np.median(blocks, axis=(2, 4)), "that is the median; the mean is wanted"),
                (blocks.min(axis=(2, 4)), "that is the smallest of each four; their mean is wanted"),
                (np.maximum(right, 0), "without ReLU: negative means stay"),
                (blocks.mean(axis=2).reshape(n, h // 2, w, channels), "only rows are paired; columns, too"),
                (blocks.mean(axis=4).reshape(n, h, w // 2, channels), "only columns are paired; rows, too"),
                (maps.mean(axis=(1, 2)), "each four of them, not all of a map"),
                (right.mean(axis=-1), "each channel is pooled by itself: do not add them up"),
            ],
        )
        halves = (maps[:, : h // 2] + maps[:, h // 2 :]) / 2
        _name(
            answer,
            [((halves[:, :, : w // 2] + halves[:, :, w // 2 :]) / 2, "neighbours: rows 0 and 1, 2 and 3 …")],
        )
        expect_shape(answer, right.shape, f": maps {shape}, half as high and half as wide")
        raise Wrong("each number is the mean of a block of 2 × 2 neighbours of one channel")


@exercise
def average_unpool(function):
    """average_unpool(delta (N, h/2, w/2, channels)) -> slopes of the maps, (N, h, w, channels)."""
    rng = np.random.default_rng(12)
    for shape in ((2, 2, 3, 3), (1, 1, 1, 1), (3, 4, 2, 2)):
        delta = rng.normal(size=shape)
        copied = delta.repeat(2, axis=1).repeat(2, axis=2)
        right, answer = copied / 4, array_of(function(delta))
        if _is(answer, right):
            continue
        first = np.zeros(copied.shape)
        first[:, ::2, ::2] = delta
        _name(
            answer,
            [
                (copied, "each of the four moves the mean by a quarter: divide by 4"),
                (copied * 4, "a quarter, not four times: divide by 4"),
                (copied / 2, "there are four numbers in a mean, not two: divide by 4"),
                (copied / 16, "divided twice: a quarter is enough"),
                (-right, "the wrong sign: a larger number makes a larger mean"),
                (first, "all four get a share of delta; that was max-pooling, one gets all"),
                (first / 4, "all four get a quarter, not only the first"),
                (np.tile(delta, (1, 2, 2, 1)) / 4, "np.tile sets whole maps side by side: use repeat"),
                (
                    np.tile(delta, (1, 2, 2, 1)),
                    "np.tile sets whole maps side by side, and a quarter is missing",
                ),
                (delta.repeat(2, axis=1) / 4, "only the rows are doubled; the columns, too"),
                (delta.repeat(2, axis=2) / 4, "only the columns are doubled; the rows, too"),
                (delta / 4, "a quarter is right; hand it to all four: twice as many rows and columns"),
                (delta.repeat(4, axis=1) / 4, "all four stand below each other: they are a block of 2 × 2"),
            ],
        )
        expect_shape(answer, right.shape, f": delta {shape}, twice as high and twice as wide")
        raise Wrong("each number of delta goes to a block of 2 × 2, a quarter to each")
