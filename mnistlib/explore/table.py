"""A table of coloured cells, to be clicked on, or led through with two lists: what two explorations share."""

import ipywidgets
import numpy as np

from mnistlib.explore.base import NARROW, Picture, new_figure, row
from mnistlib.plots import RED


class Table(ipywidgets.VBox):
    """A heat map in which one cell is chosen, with a click or with the two lists above it.

    Parameters
    ----------
    numbers : (rows, columns) array; nan leaves a cell white
    texts : (rows, columns) array of what stands in the cells
    row_names, column_names : pairs of a name and the list of its values, such as ("learning rate", [0.1, 1])
    changed : function to call, without arguments, when another cell was chosen
    """

    def __init__(self, numbers, texts, row_names, column_names, changed):
        self.numbers, self.texts = np.asarray(numbers, float), np.asarray(texts)
        self.names = row_names, column_names
        self.lists = [
            ipywidgets.Dropdown(
                options=[(str(value), number) for number, value in enumerate(values)],
                description=name,
                style=NARROW,
                layout={"width": "auto"},
            )
            for name, values in self.names
        ]
        self.picture = Picture()
        super().__init__((row(*self.lists), self.picture))
        self.picture.on_click(self._clicked)
        self._tell = changed
        for widget in self.lists:
            widget.observe(self._changed, names="value")
        self._draw()

    def __repr__(self):
        return f"Table{self.numbers.shape}"

    @property
    def chosen(self):
        """The chosen cell's row and column, counted from 0."""
        return self.lists[0].value, self.lists[1].value

    def choose(self, i, j):
        """Choose the cell in row i and column j, both counted from 0. ValueError if there is none."""
        for number, (name, values) in zip((i, j), self.names, strict=True):
            if number not in range(len(values)):
                raise ValueError(f"no {name} number {number!r}: there are those from 0 to {len(values) - 1}")
        self.lists[0].value, self.lists[1].value = int(i), int(j)

    def _clicked(self, axes, x, y):
        self.choose(round(y), round(x))

    def _changed(self, change):
        self._draw()
        self._tell()

    def _draw(self):
        rows, columns = self.numbers.shape
        figure = new_figure(1.4 + 0.52 * max(columns, 7), 0.8 + 0.36 * max(rows, 4))
        axes = figure.subplots()
        top = np.nanmax(self.numbers)
        axes.imshow(self.numbers, cmap="Blues", vmin=0, vmax=1.1 * top or 1, aspect="auto")
        for place, text in np.ndenumerate(self.texts):
            dark = self.numbers[place] > 0.6 * top  # nan is not
            color = "white" if dark else "black"
            axes.text(place[1], place[0], text, ha="center", va="center", color=color, fontsize=9)
        i, j = self.chosen
        axes.plot(np.array([-1, 1, 1, -1, -1]) / 2 + j, np.array([-1, -1, 1, 1, -1]) / 2 + i,
                  color=RED, linewidth=3, clip_on=False)  # fmt: skip
        (row_name, row_values), (column_name, column_values) = self.names
        axes.set_yticks(range(rows), row_values)
        axes.set_xticks(range(columns), column_values)
        axes.set_ylabel(row_name)
        axes.set_xlabel(column_name)
        alt = f"Table of {rows} rows ({row_name}) and {columns} columns ({column_name}). "
        alt += (
            f"Chosen: {row_name} {row_values[i]}, {column_name} {column_values[j]}: {self.texts[i, j] or 0}"
        )
        self.picture.show(figure, alt)
