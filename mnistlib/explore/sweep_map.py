"""The results of a sweep as a table to click in."""

import numpy as np

from mnistlib.explore.base import Exploration, new_figure
from mnistlib.explore.table import Table
from mnistlib.plots import BLUE, RED
from mnistlib.sweep import best


class SweepMap(Exploration):
    """A heat map of a sweep's validation accuracies; a click on a cell shows the run behind it.

    Parameters
    ----------
    results : list of sweep.Result
        One for each combination of the two parameters.
    rows, columns : str
        The names of the two parameters, such as "sizes" and "learning_rate".

    ValueError if a combination is missing or occurs twice, or if no run has a score.
    """

    def __init__(self, results: list, rows: str = "sizes", columns: str = "learning_rate"):
        self._best = best(results)
        self._names = rows, columns
        self._values = [_values(results, name) for name in self._names]
        shape = tuple(map(len, self._values))
        self._runs = np.full(shape, None, object)
        for result in results:
            place = self._place(*(result.parameters[name] for name in self._names))
            if self._runs[place] is not None:
                raise ValueError(f"two runs with the same {rows} and {columns}: {result}")
            self._runs[place] = result
        if (self._runs == None).any():  # noqa: E711 - for each element
            raise ValueError(f"{len(results)} results: expected {shape[0]} × {shape[1]}, one for each pair")
        self.scores = np.array([[_score(run) for run in line] for line in self._runs])

        texts = np.array([[_in_per_cent(score) for score in line] for line in self.scores])
        names = [(name.replace("_", " "), [_short(value) for value in values])
                 for name, values in zip(self._names, self._values, strict=True)]  # fmt: skip
        self._table = Table(self.scores, texts, *names, self._redraw)
        super().__init__()
        self.children = self._table, self._words, self._picture
        self._table.choose(*self._place(*(self._best.parameters[name] for name in self._names)))
        self.draw()

    def __repr__(self):
        return f"SweepMap({self.scores.size} runs)"

    def choose(self, *values):
        """Show the run with these two values, as in choose((784, 64, 10), 0.2); ValueError without one."""
        self._table.choose(*self._place(*values))

    @property
    def chosen(self):
        """The run that is shown: a sweep.Result."""
        return self._runs[self._table.chosen]

    def pictures(self):
        return [self._table.picture, self._picture]

    def _place(self, *values):
        place = []
        for name, known, value in zip(self._names, self._values, values, strict=True):
            if value not in known:
                raise ValueError(f"no run with {name} = {value!r}: there are {', '.join(map(str, known))}")
            place.append(known.index(value))
        return tuple(place)

    def draw(self):
        run = self.chosen
        what = ", ".join(f"{name.replace('_', ' ')} {_short(run.parameters[name])}" for name in self._names)
        if run.error is not None:
            self.says = f"{what}: failed. {run.error}"
        else:
            gap = 100 * (self._best.validation_accuracy - run.validation_accuracy)
            behind = "the best of all" if gap == 0 else f"{gap:.1f} points behind the best"
            self.says = (
                f"{what}: {run.validation_accuracy:.1%} of the validation images right, {behind}. "
                f"Training loss {run.train_loss:.3f}, validation loss {run.validation_loss:.3f}."
            )
        self._draw_cuts()

    def _draw_cuts(self):
        """Two cuts through the table at the chosen cell: along its row, and along its column."""
        i, j = self._table.chosen
        figure = new_figure(6.6, 2.3)
        left, right = figure.subplots(1, 2, sharey=True)
        for axes, along, scores, chosen in ((left, 1, self.scores[i], j), (right, 0, self.scores[:, j], i)):
            labels = [_short(value) for value in self._values[along]]
            axes.plot(100 * scores, ".-", color=BLUE)
            axes.plot(chosen, 100 * scores[chosen], "o", color=RED, markersize=9)
            axes.set_xticks(range(len(labels)), labels, fontsize=8)
            axes.set_xlabel(self._names[along].replace("_", " "))
            axes.grid(alpha=0.3)
        figure.axes[0].set_ylabel("validation accuracy (%)")
        figure.axes[0].set_ylim(-3, 103)
        alt = f"Validation accuracy along the chosen row and the chosen column. {self.says}"
        self.show(figure, alt)


def _values(results, name):
    """The different values of a parameter, in the order in which they come."""
    try:
        return list(dict.fromkeys(result.parameters[name] for result in results))
    except KeyError:
        known = ", ".join(results[0].parameters)
        raise ValueError(f"the runs have no parameter {name!r}, but {known}") from None


def _short(value):
    return "-".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _score(run):
    return np.nan if run.error is not None else run.validation_accuracy


def _in_per_cent(score):
    return "failed" if np.isnan(score) else f"{score:.1%}"
