"""The exercises of notebook 06: right answers in many styles, and the wrong ones that learners give."""

import numpy as np


def by(key):
    """A learner who chooses the run with the largest key."""
    return lambda runs: max(range(len(runs)), key=lambda number: key(runs[number]))


RIGHT = {
    "split": [lambda x, y, n: (x[:-n].copy(), list(y[:-n]), x[-n:], y[-n:].astype(float))],
    "choose": [
        by(lambda run: run["validation"]),
        lambda runs: np.array([run["validation"] for run in runs]).argmax(keepdims=True),
    ],
}  # fmt: skip

WRONG = {
    "split": [
        (lambda x, y, n: (x[:-n], x[-n:]), "return four arrays"),
        (lambda x, y, n: (x[:-n], x[-n:], y[:-n], y[-n:]), "the order of the four matters"),
        (lambda x, y, n: (x[-n:], y[-n:], x[:-n], y[:-n]), "the wrong way round"),
        (lambda x, y, n: (x, y, x[-n:], y[-n:]), "in both sets"),
        (lambda x, y, n: (x[n:], y[n:], x[:n], y[:n]), "take the last n"),
        (lambda x, y, n: (x[:-n], y[n:], x[-n:], y[:n]), "no longer belong together"),
        (lambda x, y, n: (x[:5], y[:5], x[5:], y[5:]), "5 and 5 images where 7 and 3 were expected"),
        (lambda x, y, n: (x[:-3], y[:-3], x[-3:], y[-3:]), "6 and 3 images where 4 and 5 were expected"),
        (lambda x, y, n: (y[:-n], x[:-n], y[-n:], x[-n:]), "come before their labels"),
        (lambda x, y, n: (x[:-n].reshape(7, 4), y[:-n], x[-n:], y[-n:]), "the images keep their shape"),
        (lambda x, y, n: (x[:-n], y[:-n], x[::-1][:n], y[::-1][:n]), "in another order"),
        (lambda x, y, n: (x[:-n], y[:-n], x[-n], y[-n]), "a single number"),
    ],
    "choose": [
        (by(lambda run: run["test"]), "you chose by the test set"),
        (by(lambda run: run["training"]), "you chose by the training set"),
        (by(lambda run: -run["validation"]), "that is the worst"),
        (by(lambda run: run["validation"] + run["test"]), "the test set has a say"),
        (by(lambda run: run["validation"] + run["training"]), "learning by heart is rewarded"),
        (by(lambda run: sum(run.values()) / 3), "added up all three"),
        (by(lambda run: -abs(run["training"] - run["validation"])), "the smallest gap"),
        (by(lambda run: run["training"] - run["validation"]), "the largest gap"),
        (lambda runs: by(lambda run: run["validation"])(runs) + 1, "counted from 1"),
        (lambda runs: 1, "your answer is 1 whatever the runs are"),
        (lambda runs: max(runs, key=lambda run: run["validation"]), "the run's number, not the run itself"),
        (lambda runs: max(run["validation"] for run in runs), "not its accuracy"),
        (lambda runs: [run["validation"] for run in runs], "return one run's number"),
        (lambda runs: by(lambda run: run["validation"])(runs[:4]), "the validation accuracies were"),
    ],
}  # fmt: skip
