"""Spoilers: the checks of the exercises of notebook 10, convolution."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from mnistlib.check.verdict import Wrong, array_of, exercise, expect, expect_shape, judge, number_of


@exercise
def count_layer(function):
    """count_layer(side, channels, filters, size) -> places along a side, parameters."""
    for side, channels, filters, size in ((28, 1, 8, 5), (12, 8, 16, 3), (9, 3, 2, 1)):
        answer = function(side, channels, filters, size)
        if not isinstance(answer, tuple | list | np.ndarray) or len(answer) != 2:
            raise Wrong("return two numbers: places along one side, and parameters")
        found_places, found_parameters = map(number_of, answer)
        places, area = side - size + 1, size * size
        weights = channels * area * filters
        parameters = weights + filters
        mistakes = [
            (places**2, "the first is the places along one side, not all of them"),
            (side - size, "one place more: a filter as large as the image has one place, not none"),
            (side, "a filter has no place where it sticks out: side − size + 1 are left"),
            (side // size, "the places overlap: a filter moves on by one pixel, not by its own size"),
            (parameters, "right numbers, wrong order: places first, then parameters"),
        ]
        otherwise = f"side {side}, size {size}: expected {places} places along a side, not {found_places:g}"
        expect(found_places, places, mistakes, otherwise)
        mistakes = [
            (weights, "the biases are missing: one for each filter"),
            (area * filters + filters, "a filter looks at all channels: channels · size · size"),
            (area * filters, "a filter looks at all channels, and has a bias"),
            (weights + 1, "each filter has a bias of its own"),
            (weights + channels * filters, "a filter has one bias, not one for each channel"),
            (places**2 * parameters, "the same weights serve all places: count them once"),
            (channels * size * filters + filters, "a filter has size · size weights for each channel"),
            (weights + filters * places**2, "the same bias serves all places: count it once"),
        ]
        otherwise = f"expected {parameters} parameters, not {found_parameters:g}: channels · size² weights"
        expect(found_parameters, parameters, mistakes, f"{otherwise} and a bias for each filter")


def _answers(image, filter):
    return (sliding_window_view(image, filter.shape) * filter).sum(axis=(2, 3))


@exercise
def correlate(function):
    """correlate(image (h, w), filter (a, b)) -> (h − a + 1, w − b + 1)."""
    rng = np.random.default_rng(10)
    cases = ((28, 28), (3, 3)), ((7, 7), (3, 3)), ((6, 9), (2, 4)), ((5, 4), (5, 4)), ((6, 6), (1, 1))
    for shape, size in cases:
        image, filter = rng.normal(size=shape), rng.normal(size=size)
        try:
            answer = array_of(function(image, filter))
        except Wrong as wrong:
            if shape != (7, 7):
                raise
            # the loops of the lesson serve 28 × 28 pixels, and stop here
            words = "right for 28 × 28 pixels: are 26 places built in? Take them from the shapes"
            raise Wrong(words, *wrong.args) from wrong
        hint = f": image {shape}, filter {size}; one number for each place, and height and width may differ"
        for _, _, right in judge([answer], [(image, filter)], _correlated):
            expect_shape(answer, right.shape, hint)
            raise Wrong("at each place: the product of each pixel with its weight, and all of them added up")


def _correlated(image, filter):
    windows, right = sliding_window_view(image, filter.shape), _answers(image, filter)
    return right, [
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
        (_answers(np.pad(image, 1), filter), "no margin: the filter never sticks out, so fewer places"),
        (np.maximum(right, 0), "without ReLU: negative answers stay"),
        (np.abs(right), "without abs: negative answers stay"),
    ]


@exercise
def average_pool(function):
    """average_pool(maps (N, h, w, channels)) -> (N, h/2, w/2, channels)."""
    rng = np.random.default_rng(11)
    cases = [(rng.normal(size=shape),) for shape in ((2, 4, 6, 3), (1, 2, 2, 1), (3, 8, 4, 2))]
    answers = [array_of(function(*case)) for case in cases]
    for (maps,), answer, right in judge(answers, cases, _pooled):
        expect_shape(answer, right.shape, f": maps {maps.shape}, half as high and half as wide")
        raise Wrong("each number is the mean of a block of 2 × 2 neighbours of one channel")


def _pooled(maps):
    n, h, w, channels = maps.shape
    blocks = maps.reshape(n, h // 2, 2, w // 2, 2, channels)
    quarters = maps.reshape(n, 2, h // 2, 2, w // 2, channels)
    total, right = blocks.sum(axis=(2, 4)), blocks.mean(axis=(2, 4))
    return right, [
        (total, "that is the sum of each four; divide by 4"),
        (blocks.max(axis=(2, 4)), "that is the largest of each four; their mean is wanted"),
        (right / 4, "divided twice: mean divides by 4 already"),
        (total / 2, "four numbers: divide by 4, not by 2"),
        (maps[:, ::2, ::2], "that is the first of each four; all four count"),
        (np.median(blocks, axis=(2, 4)), "that is the median; the mean is wanted"),
        (blocks.min(axis=(2, 4)), "that is the smallest of each four; their mean is wanted"),
        (np.maximum(right, 0), "without ReLU: negative means stay"),
        (blocks.mean(axis=2).reshape(n, h // 2, w, channels), "only rows are paired; columns, too"),
        (blocks.mean(axis=4).reshape(n, h, w // 2, channels), "only columns are paired; rows, too"),
        (maps.mean(axis=(1, 2)), "each four of them, not all of a map"),
        (right.mean(axis=-1), "each channel is pooled by itself: do not add them up"),
        (quarters.mean(axis=(1, 3)), "neighbours: rows 0 and 1, 2 and 3 …"),
    ]


@exercise
def average_unpool(function):
    """average_unpool(delta (N, h/2, w/2, channels)) -> slopes of the maps, (N, h, w, channels)."""
    rng = np.random.default_rng(12)
    cases = [(rng.normal(size=shape),) for shape in ((2, 2, 3, 3), (1, 1, 1, 1), (3, 4, 2, 2))]
    answers = [array_of(function(*case)) for case in cases]
    for (delta,), answer, right in judge(answers, cases, _unpooled):
        expect_shape(answer, right.shape, f": delta {delta.shape}, twice as high and twice as wide")
        raise Wrong("each number of delta goes to a block of 2 × 2, a quarter to each")


def _unpooled(delta):
    copied = delta.repeat(2, axis=1).repeat(2, axis=2)
    tiled, first = np.tile(delta, (1, 2, 2, 1)), np.zeros(copied.shape)
    first[:, ::2, ::2] = delta
    return copied / 4, [
        (copied, "each of the four moves the mean by a quarter: divide by 4"),
        (copied * 4, "a quarter, not four times: divide by 4"),
        (copied / 2, "there are four numbers in a mean, not two: divide by 4"),
        (copied / 16, "divided twice: a quarter is enough"),
        (-copied / 4, "the wrong sign: a larger number makes a larger mean"),
        (first, "all four get a share of delta; that was max-pooling, one gets all"),
        (first / 4, "all four get a quarter, not only the first"),
        (tiled / 4, "np.tile sets whole maps side by side: use repeat"),
        (tiled, "np.tile sets whole maps side by side, and a quarter is missing"),
        (delta.repeat(2, axis=1) / 4, "only the rows are doubled; the columns, too"),
        (delta.repeat(2, axis=2) / 4, "only the columns are doubled; the rows, too"),
        (delta / 4, "a quarter is right; hand it to all four: twice as many rows and columns"),
        (delta.repeat(4, axis=1) / 4, "all four stand below each other: they are a block of 2 × 2"),
    ]
