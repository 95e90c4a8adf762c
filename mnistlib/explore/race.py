"""Trainings with different learning rates and batch sizes, raced against each other."""

from collections.abc import Callable

import numpy as np

from mnistlib.explore.base import BackgroundExploration, Picture, new_figure, rarely
from mnistlib.network import Network
from mnistlib.plots import BLUE, GREEN, ORANGE, PURPLE
from mnistlib.training import TrainingDiverged, accuracy, train

STYLES = ((BLUE, "-"), (ORANGE, "--"), (GREEN, "-."), (PURPLE, ":"))  # told apart without colours, too
POINTS = 40  # of each curve: more would only show the batches' noise


class Race(BackgroundExploration):
    """Copies of one network, trained with different settings, and their losses over the images seen.

    Parameters
    ----------
    network : Network
        Every runner starts as a copy of it; the network itself stays untrained.
    images, labels, validation : as `train` takes them
    settings : list of two to four pairs (learning rate, batch size); a batch size of None means all images
    epochs : int

    The runners train one after the other, so that each has the computer for itself, and every race ends
    with the same figures. ``start()``, ``stop()`` and ``wait()`` do what the buttons do.

    results : list, for each runner that has finished a dict with "learning_rate", "batch_size", "accuracy"
        (on the validation images; None if its loss became infinite) and "steps"
    """

    def __init__(
        self, network: Network, images: np.ndarray, labels: np.ndarray, *, validation: tuple, settings: list,
        epochs: int = 1, momentum: float = 0.0, seed: int = 1,
    ):  # fmt: skip
        if not 2 <= len(settings) <= len(STYLES):
            raise ValueError(f"{len(settings)} settings: a race has two to {len(STYLES)} runners")
        for pair in settings:
            if np.shape(pair) != (2,):
                raise ValueError(f"{pair!r} is not a pair of learning rate and batch size")
        self._network, self._images, self._labels = network.copy(), images, labels
        self._validation, self.settings = validation, [tuple(pair) for pair in settings]
        self._options = {"epochs": epochs, "momentum": momentum, "seed": seed, "progress": False}
        self.results: list[dict] = []
        self._curves: list[list[float]] = []
        super().__init__(label="Start the race")
        self.children = self.children[0], self._picture, self._words
        self.draw()

    def __repr__(self) -> str:
        return f"Race({self._network}, {len(self.settings)} runners)"

    def pictures(self) -> list[Picture]:
        return [self._picture] if self._curves else []  # empty axes are no picture

    def work(self, stopping: Callable[[], bool]) -> str:
        """Let all run, one after the other."""
        self.results, self._curves = [], []
        redraw = rarely(self._redraw)
        for number, setting in enumerate(self.settings, start=1):
            self.status.text = f"{_in_words(setting)} is training, {number} of {len(self.settings)} …"
            self._train(setting, redraw, stopping)
            self._redraw()
            if stopping():
                return "Stopped."
        return "All have arrived."

    def _train(self, setting, redraw, stopping):
        network, losses = self._network.copy(), []
        self._curves.append(losses)

        def after_batch(batches, loss):
            losses.append(loss)
            redraw()
            return stopping()

        result = dict(zip(("learning_rate", "batch_size"), setting, strict=True))
        options = {"callback": after_batch, **result, **self._options}
        try:
            history = train(network, self._images, self._labels, **options)
            if history.interrupted:
                return
            score = accuracy(network, *self._validation)
        except TrainingDiverged:
            score = None
        self.results.append({**result, "accuracy": score, "steps": len(losses)})

    def draw(self) -> None:
        figure = new_figure((6.6, 3.2))
        axes = figure.subplots()
        count = len(self._images)
        for setting, losses, (colour, style) in zip(self.settings, self._curves, STYLES, strict=False):
            seen, mean = _smoothed(losses, min(setting[1] or count, count))
            axes.plot(seen, mean, style, color=colour, label=_in_words(setting), linewidth=2)
        axes.set(xlabel="training images seen", ylabel="loss of the batches")
        axes.set_xlim(0, self._options["epochs"] * count)
        axes.grid(alpha=0.3)
        if self._curves:
            axes.legend()
        arrived = []
        for rate, size, score, steps in map(dict.values, self.results):
            outcome = "lost: its loss became infinite" if score is None else f"{score:.0%} right"
            arrived.append(f"{_in_words((rate, size))}: {outcome} after {steps:,} steps.")
        self.says = "\n".join(arrived) or "Nobody has arrived yet."
        self.show(figure, f"Loss of each runner over the images seen. {self.says}")


def _in_words(setting):
    rate, size = setting
    return f"rate {rate}, {'all images' if size is None else f'batches of {size}'}"


def _smoothed(losses, size):
    """The mean loss of each of POINTS stretches of the training: images seen, and loss, two arrays."""
    losses = np.array(losses, float)
    stretch = max(1, len(losses) // POINTS)
    count = len(losses) // stretch
    mean = losses[: count * stretch].reshape(count, stretch).mean(axis=1)
    return (np.arange(count) + 1) * stretch * size, mean
