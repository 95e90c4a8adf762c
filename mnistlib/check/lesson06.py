"""Spoilers: the checks of the exercises of notebook 06, architecture tuning."""

import numpy as np

from mnistlib.check.verdict import Wrong, array_of, exercise, expect_shape, number_of


@exercise
def split(function):
    """split(images, labels, n) -> training images, training labels, and the last n as validation."""
    labels = np.arange(10)
    images = np.arange(10).reshape(10, 1, 1) * np.ones((1, 2, 2), int)
    answer = function(images, labels, 3)
    if not isinstance(answer, tuple | list) or len(answer) != 4:
        raise Wrong(
            "return four arrays: training images, training labels, validation images, validation labels"
        )
    train_x, train_y, valid_x, valid_y = map(array_of, answer, map("array {} of 4".format, range(1, 5)))
    if 0 in (train_x.ndim, train_y.ndim, valid_x.ndim, valid_y.ndim):
        raise Wrong("one of the four is a single number, not an array")
    if len(train_x) != len(train_y) or len(valid_x) != len(valid_y):
        raise Wrong("a set has more images than labels, or fewer; the order of the four matters")
    for x, y in ((train_x, train_y), (valid_x, valid_y)):
        expect_shape(x, (len(x), 2, 2), ": the images keep their shape, and come before their labels")
        expect_shape(y, (len(y),), ": one label for each image")
    if len(train_x) == 3:
        raise Wrong("the two sets are the wrong way round: 3 for validation, the other 7 for training")
    if set(train_y) & set(valid_y):
        raise Wrong("some images are in both sets: then the validation tells you nothing")
    if (len(train_x), len(valid_x)) != (7, 3):
        raise Wrong(f"{len(train_x)} and {len(valid_x)} images where 7 and 3 were expected")
    if (train_x[:, 0, 0] != train_y).any() or (valid_x[:, 0, 0] != valid_y).any():
        raise Wrong("images and labels no longer belong together")
    if valid_y.tolist() != [7, 8, 9]:
        raise Wrong("take the last n for validation")


@exercise
def choose(function):
    """choose(runs) -> the number of the run to keep; a run is {"training": …, "validation": …, "test": …}."""
    runs = [
        {"training": 0.95, "validation": 0.94, "test": 0.96},
        {"training": 0.97, "validation": 0.96, "test": 0.95},
        {"training": 1.00, "validation": 0.95, "test": 0.94},
        {"training": 0.90, "validation": 0.89, "test": 0.90},
    ]
    answer = function(runs)
    if isinstance(answer, dict):
        raise Wrong("return the run's number, not the run itself")
    answer = number_of(answer)
    if answer == 0:
        raise Wrong("you chose by the test set; then it can no longer tell how good the choice is")
    if answer == 2:
        raise Wrong("you chose by the training set; a network that learnt it by heart wins there")
    if answer == 3:
        raise Wrong("that is the worst; look for the largest accuracy, not the smallest")
    if answer != 1:
        raise Wrong(f"expected 1, the number of the run with the best validation accuracy, not {answer!r}")
