"""The exercises of notebook 09: right answers in many styles, and the wrong ones that learners give."""

import numpy as np
import pytest
from learners import pairs, triples


def mean_place(image):
    places = np.indices(image.shape)
    return (places * image.astype(float)).sum(axis=(1, 2)) / image.sum(dtype=float)


RIGHT = {
    "centre_of_mass": [
        lambda image: tuple(mean_place(image)),
    ],
    "ink_on_dark": [
        lambda image: np.where(np.median(image) > 128, 255 - image, image),
    ],
}  # fmt: skip

WRONG = {
    "centre_of_mass": [
        (lambda image: mean_place(image)[::-1], "the row first"),
        (lambda image: mean_place(image > 0), "weight each by its brightness"),
        (lambda image: mean_place(image) + 1, "count from 0"),
        (lambda image: (7.0, 14.0), "the middle of the box"),
        (lambda image: mean_place(image)[0], "return two numbers"),
        (lambda image: (13.5, 13.5), "expected (8.5, 17.0)"),
    ],
    "ink_on_dark": [
        (lambda image: image, "came back unchanged"),
        (lambda image: 255 - image, "an image that was right already was changed"),
        (lambda image: -image.astype(int), "not -image"),
        (lambda image: image / 255 if image.mean() < 128 else 1 - image / 255, "should become 255 - image"),
        (lambda image: (255 - image).ravel(), "the image keeps its size"),
    ],
}  # fmt: skip


@pytest.mark.parametrize(("name", "function"), pairs(RIGHT))
def test_right_in_another_style(name, function, verdict):
    assert verdict(name, function) == "right!"


@pytest.mark.parametrize(("name", "function", "words"), triples(WRONG))
def test_mistake_is_named(name, function, words, verdict):
    assert words in verdict(name, function)
