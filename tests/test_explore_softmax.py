"""The softmax with sliders."""

import numpy as np
import pytest

from mnistlib.explore import Softmax


def test_probabilities_are_those_of_the_formula():
    softmax = Softmax(2, 1, 0, -3)
    e = np.exp([2, 1, 0, -3])
    assert softmax.probabilities == pytest.approx(e / e.sum())
    softmax.five = 6
    e = np.exp([2, 6, 0, -3])
    assert softmax.scores.tolist() == [2, 6, 0, -3]
    assert softmax.probabilities == pytest.approx(e / e.sum())


def test_only_differences_count():
    softmax = Softmax(2, 1, 0, -3)
    before = softmax.probabilities
    softmax.three, softmax.five, softmax.eight, softmax.nine = 5, 4, 3, 0
    assert softmax.probabilities == pytest.approx(before)


def test_words_and_picture_follow_the_sliders():
    softmax = Softmax()
    assert softmax.says == (
        "3: 66.2%, 5: 24.4%, 8: 9.0%, 9: 0.4%. The score of 3 is 1.0 above that of 5, so its probability is "
        "2.7 times as large: e to the power of 1.0."
    )
    (picture,) = softmax.pictures()
    before = picture._png, picture.alt
    softmax.knobs["five"].value = 4.0  # what the page does
    assert softmax.says.startswith("3: 11.7%, 5: 86.6%,")
    assert "The score of 5 is 2.0 above that of 3" in softmax.says
    assert picture._png != before[0]
    assert softmax.says in picture.alt != before[1]


def test_repr_tells_the_scores():
    assert repr(Softmax(2, 1, 0, -3)) == "Softmax(2.0, 1.0, 0.0, -3.0)"


@pytest.mark.parametrize("value", [6.1, -7, np.nan, "1", None, True])
def test_scores_off_the_slider_are_refused(value):
    softmax = Softmax()
    with pytest.raises(ValueError, match="eight"):
        softmax.eight = value
    assert softmax.eight == 0
