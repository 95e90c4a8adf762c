"""Spoilers: the checks of the exercises of notebook 06, architecture tuning."""

import numpy as np

from mnistlib.check.verdict import Wrong, exercise, expect_shape, judge, number_of, parts_of


@exercise
def split(function):
    """split(images, labels, n) -> training images, training labels, and the last n as validation."""
    rng = np.random.default_rng(6)
    words = "return four arrays: training images, training labels, validation images, validation labels"
    names = [f"array {number} of 4" for number in range(1, 5)]
    for total, n in ((10, 3), (9, 5), (12, 1)):
        labels = rng.permutation(total)  # each occurs once, so that every image can be told from the others
        images = labels[:, None, None] * np.ones((1, 2, 2), int)
        _judge_split(*parts_of(function(images, labels, n), names, words), labels, n)


def _judge_split(train_x, train_y, valid_x, valid_y, labels, n):
    """Wrong, unless the four parts of the answer are the labels' images cut before the last n."""
    if 0 in (train_x.ndim, train_y.ndim, valid_x.ndim, valid_y.ndim):
        raise Wrong("one of the four is a single number, not an array")
    if len(train_x) != len(train_y) or len(valid_x) != len(valid_y):
        raise Wrong("a set has more images than labels, or fewer; the order of the four matters")
    for x, y in ((train_x, train_y), (valid_x, valid_y)):
        expect_shape(x, (len(x), 2, 2), ": the images keep their shape, and come before their labels")
        expect_shape(y, (len(y),), ": one label for each image")
    rest, sizes = len(labels) - n, (len(train_x), len(valid_x))
    if set(train_y) & set(valid_y):
        raise Wrong("some images are in both sets: then the validation tells you nothing")
    if sizes == (n, rest):
        raise Wrong(f"the two sets are the wrong way round: {n} for validation, the other {rest} to train on")
    if sizes != (rest, n):
        raise Wrong(f"{sizes[0]} and {sizes[1]} images where {rest} and {n} were expected")
    if (train_x[:, 0, 0] != train_y).any() or (valid_x[:, 0, 0] != valid_y).any():
        raise Wrong("images and labels no longer belong together")
    if set(valid_y) != set(labels[-n:]):
        raise Wrong("take the last n for validation")
    if [*train_y, *valid_y] != labels.tolist():
        raise Wrong("the right images in each set, but in another order; leave them as they stood")


@exercise
def choose(function):
    """choose(runs) -> the number of the run to keep; a run is {"training": …, "validation": …, "test": …}."""
    rng = np.random.default_rng(60)
    names = ("training", "validation", "test")
    cases = [
        [dict(zip(names, row, strict=True)) for row in rng.uniform(0.85, 0.999, (count, 3)).round(4).tolist()]
        for count in (4, 5, 6, 7, 8, 9)
    ]
    answers = [_run_number(function(runs), runs) for runs in cases]
    for (runs,), answer, right in judge(answers, [(runs,) for runs in cases], _choices):
        if len(set(answers)) == 1:
            raise Wrong(f"your answer is {answer} whatever the runs are; look into the list that you get")
        raise Wrong(
            f"expected {right}, the number of the run with the best validation accuracy, not {answer}: "
            f"the validation accuracies were {[run['validation'] for run in runs]}"
        )


def _choices(runs):
    training, validation, test = np.array([list(run.values()) for run in runs]).T
    mistakes = [
        (test, "you chose by the test set; then it can't tell any more how good the choice is"),
        (training, "you chose by the training set; who learnt it by heart wins there"),
        (-validation, "that is the worst; look for the largest accuracy, not the smallest"),
        (
            validation + test,
            "you added the test accuracy to the validation accuracy; so the test set has a say in the "
            "choice, and can't tell any more how good it is",
        ),
        (training + validation, "you added the training accuracy; so learning by heart is rewarded"),
        (training + validation + test, "you added up all three; only the validation accuracy may decide"),
        (
            -abs(training - validation),
            "you chose the smallest gap between training and validation; a network that learnt nothing has "
            "a small gap, too",
        ),
        (training - validation, "you chose the largest gap: the most over-fitted run"),
    ]
    right = validation.argmax()
    from_1 = (right + 1, "the right run each time, but counted from 1; Python counts from 0")
    return right, [*((key.argmax(), words) for key, words in mistakes), from_1]


def _run_number(answer, runs):
    """The answer as a whole number; Wrong for the run itself, or its accuracy."""
    if isinstance(answer, dict):
        raise Wrong("return the run's number, not the run itself")
    answer = number_of(answer, "; return one run's number")
    if answer in [accuracy for run in runs for accuracy in run.values()]:
        raise Wrong(f"return the run's number, not its accuracy ({answer})")
    return answer
