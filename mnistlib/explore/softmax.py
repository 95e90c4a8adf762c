"""Four scores with sliders, and the probabilities that the softmax makes of them."""

import numpy as np

from mnistlib.explore.base import Exploration, Slider, new_figure
from mnistlib.network import softmax
from mnistlib.plots import GREY, OUTPUT

DIGITS = (3, 5, 8, 9)
REACH = 6.0  # scores go from −REACH to REACH


class Softmax(Exploration):
    """The scores of four digits, and their probabilities: e to the power of each, divided by the sum of all.

    three, five, eight, nine : float from −6 to 6
        Where the sliders stand; they can be set from Python. ValueError for other numbers.
    """

    three = Slider("score of 3", -REACH, REACH, 0.1, readout_format=".1f")
    five = Slider("score of 5", -REACH, REACH, 0.1, readout_format=".1f")
    eight = Slider("score of 8", -REACH, REACH, 0.1, readout_format=".1f")
    nine = Slider("score of 9", -REACH, REACH, 0.1, readout_format=".1f")

    def __init__(self, three: float = 2.0, five: float = 1.0, eight: float = 0.0, nine: float = -3.0):
        super().__init__(three=three, five=five, eight=eight, nine=nine)
        self._first = self.probabilities
        self.draw()

    def __repr__(self):
        return f"Softmax({', '.join(f'{score:.1f}' for score in self.scores)})"

    @property
    def scores(self) -> np.ndarray:
        """The four scores, (4,)."""
        return np.array([self.three, self.five, self.eight, self.nine])

    @property
    def probabilities(self) -> np.ndarray:
        """The four probabilities, (4,)."""
        return softmax(self.scores)

    def draw(self) -> None:
        scores, p = self.scores, self.probabilities
        second, first = np.argsort(p, kind="stable")[-2:]
        lead = scores[first] - scores[second]
        all_of_them = ", ".join(f"{digit}: {share:.1%}" for digit, share in zip(DIGITS, p, strict=True))
        self.says = (
            f"{all_of_them}. The score of {DIGITS[first]} is {lead:.1f} above that of {DIGITS[second]}, so "
            f"its probability is {np.exp(lead):.1f} times as large: e to the power of {lead:.1f}."
        )
        figure = new_figure((6.4, 2.4))
        axes = figure.subplots()
        names = [str(digit) for digit in DIGITS]
        axes.barh(names, 100 * p, color=OUTPUT)
        axes.barh(names, 100 * self._first, fill=False, edgecolor=GREY, linestyle="--")
        for name, share in zip(names, p, strict=True):
            axes.text(100 * share, name, f" {share:.1%}", va="center")
        axes.invert_yaxis()
        axes.set(xlim=(0, 112), xticks=range(0, 101, 20), xlabel="probability in %; dashed: at the start")
        self.show(figure, f"Bars of four probabilities. {self.says}")
