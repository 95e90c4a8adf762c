"""The exercises of notebook 06: right answers in many styles, and the wrong ones that learners give."""

import numpy as np
import pytest
from learners import pairs, triples

RIGHT = {
    "split": [
        lambda x, y, n: [x[: len(x) - n], y[: len(y) - n], x[len(x) - n :], y[len(y) - n :]],
    ],
    "choose": [
        lambda runs: max(range(len(runs)), key=lambda i: runs[i]["validation"]),
    ],
}  # fmt: skip

WRONG = {
    "split": [
        (lambda x, y, n: (x[:-n], x[-n:]), "return four arrays"),
        (lambda x, y, n: (x[:-n], x[-n:], y[:-n], y[-n:]), "the order of the four matters"),
        (lambda x, y, n: (x[-n:], y[-n:], x[:-n], y[:-n]), "the wrong way round"),
        (lambda x, y, n: (x, y, x[-n:], y[-n:]), "in both sets"),
        (lambda x, y, n: (x[n:], y[n:], x[:n], y[:n]), "take the last n"),
        (lambda x, y, n: (x[:-n], y[n:][::-1], x[-n:], y[:n]), "no longer belong together"),
        (lambda x, y, n: (x[:5], y[:5], x[5:], y[5:]), "5 and 5 images where 7 and 3 were expected"),
        (lambda x, y, n: (y[:-n], x[:-n], y[-n:], x[-n:]), "come before their labels"),
        (lambda x, y, n: (x[:-n].reshape(7, 4), y[:-n], x[-n:], y[-n:]), "the images keep their shape"),
    ],
    "choose": [
        (lambda runs: int(np.argmax([run["test"] for run in runs])), "you chose by the test set"),
        (lambda runs: int(np.argmax([run["training"] for run in runs])), "you chose by the training set"),
        (lambda runs: int(np.argmin([run["validation"] for run in runs])), "that is the worst"),
        (lambda runs: max(runs, key=lambda run: run["validation"]), "the run's number, not the run itself"),
        (lambda runs: max(run["validation"] for run in runs), "not 0.96"),
        (lambda runs: runs.sort(key=lambda run: -run["validation"]) or 0, "it changed the list it was given"),
    ],
}  # fmt: skip


@pytest.mark.parametrize(("name", "function"), pairs(RIGHT))
def test_right_in_another_style(name, function, verdict):
    assert verdict(name, function) == "right!"


@pytest.mark.parametrize(("name", "function", "words"), triples(WRONG))
def test_mistake_is_named(name, function, words, verdict):
    assert words in verdict(name, function)
