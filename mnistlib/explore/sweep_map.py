"""The results of a sweep as a table to click in."""

from typing import Any

import numpy as np

from mnistlib.explore.base import new_figure
from mnistlib.explore.table import TableExploration
from mnistlib.plots import BLUE, RED
from mnistlib.sweep import Result, best


class SweepMap(TableExploration):
    """A heat map of a sweep's validation accuracies; a click on a cell shows the run behind it.

    Parameters
    ----------
    results : list of sweep.Result
        One for each combination of the two parameters.
    rows, columns : str
        The names of the two parameters, such as "sizes" and "learning_rate".

    ValueError if a combination is missing or occurs twice, or if no run has a score.
    """

    def __init__(self, results: list[Result], rows: str = "sizes", columns: str = "learning_rate"):
        self._best = best(results)
        self._parameters, runs = (rows, columns), {}
        for run in results:
            pair = self._values_of(run)
            if pair in runs:
                raise ValueError(f"two runs with the same {rows} and {columns}: {run}")
            runs[pair] = run
        row_values, column_values = (list(dict.fromkeys(values)) for values in zip(*runs, strict=True))
        if len(runs) != len(row_values) * len(column_values):
            shape = f"{len(row_values)} × {len(column_values)}"
            raise ValueError(f"{len(results)} results: expected {shape}, one for each pair")
        self._values = row_values, column_values
        self._runs = [[runs[row, column] for column in column_values] for row in row_values]
        self.scores = np.array([[run.validation_accuracy for run in line] for line in self._runs], float)
        texts = np.where(np.isnan(self.scores), "failed", np.char.mod("%.1f%%", 100 * self.scores))
        names = [name.replace("_", " ") for name in self._parameters]
        of_rows, of_columns = zip(names, (list(map(_short, values)) for values in self._values), strict=True)
        super().__init__(self.scores, texts, of_rows, of_columns, self._place(*self._values_of(self._best)))
        self.draw()

    def __repr__(self) -> str:
        return f"SweepMap({self.scores.size} runs)"

    def choose(self, *values: Any) -> None:
        """Show the run with these two values, as in choose((784, 64, 10), 0.2); ValueError without one."""
        self.choose_cell(*self._place(*values))

    @property
    def chosen(self) -> Result:
        """The run that is shown: a sweep.Result."""
        i, j = self.cell
        return self._runs[i][j]

    def _place(self, *values):
        place = []
        for name, known, value in zip(self._parameters, self._values, values, strict=True):
            if value not in known:
                raise ValueError(f"no run with {name} = {value!r}: there are {', '.join(map(str, known))}")
            place.append(known.index(value))
        return place

    def _values_of(self, run):
        """A run's values of the two parameters."""
        try:
            return tuple(run.parameters[name] for name in self._parameters)
        except KeyError as error:
            known = ", ".join(run.parameters)
            raise ValueError(f"the runs have no parameter {error}, but {known}") from None

    def draw(self) -> None:
        run = self.chosen
        what = ", ".join(
            f"{name} {values[n]}" for (name, values), n in zip(self.names, self.cell, strict=True)
        )
        if run.error is not None:
            self.says = f"{what}: failed. {run.error}"
        else:
            gap = 100 * (np.nanmax(self.scores) - self.scores[self.cell])
            behind = "the best of all" if gap == 0 else f"{gap:.1f} points behind the best"
            self.says = (
                f"{what}: {run.validation_accuracy:.1%} of the validation images right, {behind}. "
                f"Training loss {run.train_loss:.3f}, validation loss {run.validation_loss:.3f}."
            )
        # Two cuts through the table at the chosen cell: along its row, and along its column.
        i, j = self.cell
        figure = new_figure((6.6, 2.3))
        cuts = (self.scores[i], j), (self.scores[:, j], i)
        for axes, (scores, chosen), (name, values) in zip(
            figure.subplots(1, 2, sharey=True), cuts, self.names[::-1], strict=True
        ):
            axes.plot(100 * scores, ".-", color=BLUE)
            axes.plot(chosen, 100 * scores[chosen], "o", color=RED, markersize=9)
            axes.set_xticks(range(len(values)), values, fontsize=8)
            axes.set_xlabel(name)
            axes.grid(alpha=0.3)
        figure.axes[0].set(ylabel="validation accuracy (%)", ylim=(-3, 103))
        self.show(figure, f"Validation accuracy along the chosen row and the chosen column. {self.says}")


def _short(value):
    return "-".join(map(str, value)) if isinstance(value, tuple) else str(value)
