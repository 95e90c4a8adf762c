"""The softmax with sliders."""

import numpy as np
import pytest

from mnistlib.explore import Softmax


def test_probabilities_are_those_of_the_formula():
    softmax = Softmax(2, 1, 0, -3)
    e = np.exp([2, 1, 0, -3])
    assert softmax.probabilities == pytest.approx(e / e.sum())
    softmax.three, softmax.five, softmax.eight, softmax.nine = 5, 4, 3, 0
    assert softmax.scores.tolist() == [5, 4, 3, 0]
    assert softmax.probabilities == pytest.approx(e / e.sum())  # only differences count


def test_words():
    softmax = Softmax()
    assert softmax.says == (
        "3: 66.2%, 5: 24.4%, 8: 9.0%, 9: 0.4%. The score of 3 is 1.0 above that of 5, so its probability is "
        "2.7 times as large: e to the power of 1.0."
    )
    assert softmax._picture.alt == f"Bars of four probabilities. {softmax.says}"
