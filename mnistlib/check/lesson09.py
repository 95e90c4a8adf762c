"""Spoilers: the checks of the exercises of notebook 09, draw a digit."""

import numpy as np

from mnistlib.check.verdict import Wrong, agrees, array_of, exercise, expect_shape


@exercise
def centre_of_mass(function):
    """centre_of_mass(image (28, 28) uint8) -> mean row and mean column of the ink."""
    image = np.zeros((28, 28), np.uint8)
    image[4, 6], image[10, 20], image[10, 22] = 100, 200, 100
    answer = array_of(function(image))
    if answer.shape != (2,):
        raise Wrong("return two numbers: `return row, column`")
    if agrees(answer, (17, 8.5)):
        raise Wrong("rows and columns are swapped: the row first")
    if agrees(answer, (8, 16)):
        raise Wrong("every pixel with ink counts alike; weight each by its brightness")
    if agrees(answer, (9.5, 18)):
        raise Wrong("one too large: rows and columns count from 0")
    if agrees(answer, (7, 14)):
        raise Wrong("that is the middle of the box around the ink, not its centre of mass")
    if not agrees(answer, (8.5, 17)):
        raise Wrong("expected (8.5, 17.0) here; uint8 sums can run over: convert to float first")


@exercise
def ink_on_dark(function):
    """ink_on_dark(image (28, 28) uint8) -> the image with ink 255 on 0, inverted only where needed."""
    dark = np.zeros((28, 28), np.uint8)
    dark[5:20, 13:16] = 250
    right_way, inverted = array_of(function(dark)), array_of(function(255 - dark))
    expect_shape(inverted, (28, 28), ": the image keeps its size")
    if np.array_equal(inverted, 255 - dark):
        raise Wrong("dark ink on white paper came back unchanged; 255 - image turns it round")
    if (inverted.astype(float) < 0).any():
        raise Wrong("negative numbers: the opposite of 255 is 0, so 255 - image, not -image")
    if not np.array_equal(inverted, dark):
        raise Wrong("dark ink on white paper should become 255 - image")
    if not np.array_equal(right_way, dark):
        raise Wrong("an image that was right already was changed; look first whether most of it is bright")
