"""Gradient descent in a valley that can be drawn: what the learning rate does to the path downhill."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from mnistlib.explore.base import Exploration, Slider, new_figure
from mnistlib.plots import BAD, BLUE, GREY

REACH = (5.0, 2.4)  # the picture goes from −REACH to REACH, for the first weight and for the second
STARTS = (-4.0, 1.8)

MEANINGS = {
    "too small": "It points the right way and crawls.",
    "steady": "It walks down without a leap, and less than a hundredth of the cost is left.",
    "leaping": "Each step leaps over the valley's floor to the other side.",
    "lost": "Each step lands higher up than the last, and it never comes back.",
}


class Valley(Exploration):
    """Gradient descent with a slider for the rate, on the cost C = ½ Σ cᵢ wᵢ², of one or two weights.

    The slope for weight i is cᵢ wᵢ, so a step multiplies that weight by 1 − rate · cᵢ: below 0 it leaps to
    the other side, below −1 it lands further away than it was.

    Parameters
    ----------
    steepness : one or two positive numbers, the cᵢ
        One: a curve, with the path on it. Two: a map with lines of equal cost, seen from above.
    rate : float
        Where the slider stands: from 0.05 to 2.4, divided by the largest cᵢ. It can be set.
    steps : int

    ValueError for what does not fit.
    """

    rate = Slider("learning rate", 0.05, 2.4, 0.05, readout_format=".3f")  # for a largest cᵢ of 1

    def __init__(self, steepness: Sequence[float] = (1.0, 10.0), rate: float | None = None, steps: int = 30):
        super().__init__()
        self.steepness, self.steps = _checked_steepness(steepness), steps
        slider, unit = self.knobs["rate"], 0.05 / self.steepness.max()
        with slider.hold_trait_notifications():
            slider.min, slider.max, slider.step, slider.value = unit, 48 * unit, unit, unit
        if rate is not None:
            self.rate = rate
        self.draw()

    def __repr__(self) -> str:
        count = len(self.steepness)
        return f"Valley({count} weight{'s' * (count > 1)}, learning rate {self.rate:.3f}: {self.verdict})"

    @property
    def path(self) -> np.ndarray:
        """The weights before the first step and after each, (steps + 1, number of weights)."""
        return descent(self.steepness, self.rate, self.steps)

    @property
    def verdict(self) -> str:
        """What the learning rate is: "too small", "steady", "leaping" or "lost"."""
        return judge(self.steepness, self.rate, self.steps)

    def draw(self) -> None:
        first, last = cost(self.steepness, self.path[[0, -1]])
        left = f"{last:.4f}" if last < 100 else f"{last:,.0f}"  # next to nothing, or grown large
        self.says = (
            f"Learning rate {self.rate:.3f}: {self.verdict}. {MEANINGS[self.verdict]} "
            f"After {self.steps} steps the cost has gone from {first:.1f} to {left}."
        )
        figure = new_figure((6.6, 3.5))
        draw_valley(figure.subplots(), self.steepness, self.rate, self.steps)
        kind = "curve" if len(self.steepness) == 1 else "map"
        self.show(figure, f"The {kind} of a valley with the path downhill. {self.says}")


def cost(steepness: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """½ Σ cᵢ wᵢ² for weights of shape (…, number of weights)."""
    return 0.5 * (np.asarray(steepness) * np.asarray(weights) ** 2).sum(axis=-1)


def descent(steepness: np.ndarray, rate: float, steps: int) -> np.ndarray:
    """The path of gradient descent from the left edge, (steps + 1, number of weights)."""
    steepness = np.asarray(steepness, float)
    path = [np.array(STARTS[: len(steepness)])]
    for _ in range(steps):
        path.append(path[-1] - rate * steepness * path[-1])
    return np.array(path)


def judge(steepness: np.ndarray, rate: float, steps: int) -> str:
    """ "too small", "steady", "leaping" or "lost": one word for what a learning rate does."""
    factors = 1 - rate * np.asarray(steepness, float)  # what a step multiplies each weight by
    if (factors < -1).any():
        return "lost"
    if (factors < 0).any():
        return "leaping"
    # a tenth of the way left is a hundredth of the cost
    return "too small" if (factors**steps > 0.1).any() else "steady"


def draw_valley(axes: Axes, steepness: Any, rate: float, steps: int = 30) -> None:
    """Draw the valley and the path: a curve for one weight, a map with lines of equal cost for two."""
    steepness = _checked_steepness(steepness)
    path, verdict = descent(steepness, rate, steps), judge(steepness, rate, steps)
    axes.set(title=f"Rate {rate:g}: {verdict}", xlim=(-REACH[0], REACH[0]))
    if len(steepness) == 1:
        line = np.linspace(-REACH[0], REACH[0], 201)[:, None]
        top = cost(steepness, line[:1])[0]
        axes.plot(line[:, 0], cost(steepness, line), color=GREY, alpha=0.5, linewidth=3)
        spots = np.column_stack([path[:, 0], cost(steepness, path)])
        axes.set(ylim=(-0.04 * top, 1.02 * top), xlabel="weight", ylabel="cost")
    else:
        grid = np.meshgrid(*(np.linspace(-reach, reach, 101) for reach in REACH))
        heights = np.sqrt(cost(steepness, np.stack(grid, axis=-1)))  # so that the lines are evenly apart
        axes.contourf(*grid, heights, 14, cmap="Greys", alpha=0.5)
        axes.plot(0, 0, "+", color="black", markersize=12)
        spots = path
        axes.set(ylim=(-REACH[1], REACH[1]), xlabel="weight 1", ylabel="weight 2", aspect="equal")
    outside = (np.abs(path) > REACH[: len(steepness)]).any(axis=1)
    if outside.any():  # the step that leaves the picture is the last one drawn
        spots = spots[: outside.argmax() + 1]
    axes.plot(*spots.T, "o-", color=BAD if verdict == "lost" else BLUE, markersize=4, linewidth=1.2)
    axes.plot(*spots[0], "s", color="black", markersize=7)


def _checked_steepness(steepness):
    found = np.asarray(steepness, float)
    if found.shape not in ((1,), (2,)) or not (np.isfinite(found).all() and (found > 0).all()):
        raise ValueError(f"steepness is {steepness!r}: expected one or two positive numbers")
    return found
