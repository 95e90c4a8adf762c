"""Explorations of a table of coloured cells, to be clicked on, or led through with two lists."""

from collections.abc import Sequence

import ipywidgets
import numpy as np

from mnistlib.explore.base import NARROW, Exploration, Picture, new_figure, row
from mnistlib.plots import RED


class TableExploration(Exploration):
    """A heat map in which one cell is chosen, with a click or with the two lists above it.

    Parameters
    ----------
    numbers : (rows, columns) array; nan leaves a cell white
    texts : (rows, columns) array of what stands in the cells
    row_names, column_names : pairs of a name and the list of its values, such as ("learning rate", [0.1, 1])
    cell : the row and the column that are chosen at first, counted from 0

    lists : the two ipywidgets.Dropdown; table : the Picture of the heat map
    """

    def __init__(
        self, numbers: np.ndarray, texts: np.ndarray, row_names: tuple, column_names: tuple,
        cell: Sequence,
    ):  # fmt: skip
        super().__init__()
        self._numbers, self._texts, self.names = numbers, texts, (row_names, column_names)
        self.lists = [
            ipywidgets.Dropdown(
                options=[(str(value), number) for number, value in enumerate(values)], value=int(chosen),
                description=name, style=NARROW, layout={"width": "auto"},
            )
            for (name, values), chosen in zip(self.names, cell, strict=True)
        ]  # fmt: skip
        for widget in self.lists:
            widget.observe(lambda change: self.cell_changed(), names="value")
        self.table = Picture()
        self.table.on_click(lambda x, y: self.choose_cell(round(y), round(x)))
        self.children = row(*self.lists), self.table, self._words, self._picture
        self._draw_table()

    @property
    def cell(self) -> tuple[int, int]:
        """The chosen cell's row and column, counted from 0."""
        return self.lists[0].value, self.lists[1].value

    def choose_cell(self, i: int, j: int) -> None:
        """Choose the cell in row i and column j, both counted from 0. ValueError if there is none."""
        for number, (name, values) in zip((i, j), self.names, strict=True):
            if number not in range(len(values)):
                raise ValueError(f"no {name} number {number!r}: there are those from 0 to {len(values) - 1}")
        self.lists[0].value, self.lists[1].value = int(i), int(j)

    def cell_changed(self) -> None:
        """Show what belongs to the cell that is chosen now."""
        self._draw_table()
        self._redraw()

    def pictures(self) -> list[Picture]:
        return [self.table, self._picture]

    def _draw_table(self):
        rows, columns = self._numbers.shape
        figure = new_figure((1.4 + 0.52 * max(columns, 7), 0.8 + 0.36 * max(rows, 4)))
        axes = figure.subplots()
        top = np.nanmax(self._numbers)
        axes.imshow(self._numbers, cmap="Blues", vmin=0, vmax=1.1 * top or 1, aspect="auto")
        for place, text in np.ndenumerate(self._texts):
            color = "white" if self._numbers[place] > 0.6 * top else "black"  # nan is not
            axes.text(place[1], place[0], text, ha="center", va="center", color=color, fontsize=9)
        i, j = self.cell
        axes.plot(np.array([-1, 1, 1, -1, -1]) / 2 + j, np.array([-1, -1, 1, 1, -1]) / 2 + i,
                  color=RED, linewidth=3, clip_on=False)  # fmt: skip
        (row_name, row_values), (column_name, column_values) = self.names
        axes.set_yticks(range(rows), row_values)
        axes.set_xticks(range(columns), column_values)
        axes.set(xlabel=column_name, ylabel=row_name)
        chosen = f"{row_name} {row_values[i]}, {column_name} {column_values[j]}: {self._texts[i, j] or 0}"
        alt = f"Table of {rows} rows ({row_name}) and {columns} columns ({column_name}). Chosen: {chosen}"
        self.table.show(figure, alt)
