"""A network's mistakes, by the cell of the confusion matrix in which they were counted."""

from typing import Any

import numpy as np

from mnistlib.explore.base import button, new_figure, row
from mnistlib.explore.table import TableExploration

PAGE = 10  # images shown at once
COLUMNS = 5


class Mistakes(TableExploration):
    """The confusion matrix of a network without its diagonal; a click on a cell shows the images behind it.

    Parameters
    ----------
    network : anything with ``probabilities(images)`` that returns (N, classes)
    images : (N, 28, 28) or (N, 784) array; labels : (N,) integers

    counts : (classes, classes) integers: how often the digit of the row was read as that of the column
    ValueError if images and labels do not fit together, and for labels that are no classes.
    """

    def __init__(self, network: Any, images: np.ndarray, labels: np.ndarray):
        images, labels = np.asarray(images), np.asarray(labels)
        if labels.ndim != 1 or len(images) != len(labels) or len(labels) == 0:
            raise ValueError(f"{len(images)} images and labels of shape {labels.shape}: one each expected")
        side = round(images[0].size ** 0.5)
        self._images, self._labels = images.reshape(-1, side, side), labels
        self.probabilities = network.probabilities(images)
        self.answers = self.probabilities.argmax(axis=1)
        classes = self.probabilities.shape[1]
        strange = set(labels.tolist()) - set(range(classes))
        if strange or labels.dtype.kind not in "iu":
            found = f"{min(strange)!r} among them" if strange else f"the type {labels.dtype}"
            raise ValueError(f"labels are whole numbers from 0 to {classes - 1}, but there is {found}")
        self.counts = np.zeros((classes, classes), int)
        np.add.at(self.counts, (labels, self.answers), 1)

        mistakes = self.counts.astype(float)
        np.fill_diagonal(mistakes, 0)
        texts = np.where(mistakes > 0, self.counts.astype(str), "")
        digits = range(classes)
        most_frequent = np.unravel_index(mistakes.argmax(), mistakes.shape)
        super().__init__(mistakes, texts, ("it was", digits), ("the network said", digits), most_frequent)
        self._page = 0
        self._back, self._next = button("Back", lambda: self._turn(-1)), button("Next", lambda: self._turn(1))
        self.children = *self.children[:2], row(self._back, self._next), *self.children[2:]
        self.draw()

    def __repr__(self) -> str:
        return f"Mistakes({len(self._labels):,} images)"

    def choose(self, true: int, answered: int) -> None:
        """Show the images of the digit `true` that were read as `answered`, the surest first."""
        self.choose_cell(true, answered)

    @property
    def chosen(self) -> np.ndarray:
        """Numbers of the images of the chosen cell, those first of whose answer the network was surest."""
        true, answered = self.cell
        found = np.flatnonzero((self._labels == true) & (self.answers == answered))
        return found[np.argsort(-self.probabilities[found, answered], kind="stable")]

    def cell_changed(self) -> None:
        self._page = 0
        super().cell_changed()

    def _turn(self, pages):
        if 0 <= (self._page + pages) * PAGE < len(self.chosen):  # a click may have been on its way
            self._page += pages
            self._redraw()

    def draw(self) -> None:
        true, answered = self.cell
        found, start = self.chosen, self._page * PAGE
        shown = found[start : start + PAGE]
        self._back.disabled, self._next.disabled = start == 0, start + PAGE >= len(found)
        times = {0: "never", 1: "once"}.get(len(found), f"{len(found)} times")
        words = f"{true} read {'correctly' if true == answered else f'as {answered}'}: {times}."
        self.says = f"{words} Shown: {start + 1} to {start + len(shown)}." if len(shown) else words
        self._picture.layout.display = None if len(shown) else "none"
        if len(shown) == 0:
            return
        rows = -(-len(shown) // COLUMNS)  # rounded up
        figure = new_figure((6.6, 1.75 * rows))
        for axes in figure.subplots(rows, COLUMNS, squeeze=False).flat:
            axes.axis("off")
        titles = []
        for axes, n in zip(figure.axes, shown, strict=False):
            said, right = self.probabilities[n, answered], self.probabilities[n, true]
            titles.append(f"{answered}: {said:.0%}" + (f", {true}: {right:.0%}" if true != answered else ""))
            axes.imshow(self._images[n], cmap="gray_r")
            axes.set_title(titles[-1], fontsize=9)
        words = f"{len(shown)} images of a {true}, with the network's probabilities: "
        self.show(figure, words + "; ".join(titles))
