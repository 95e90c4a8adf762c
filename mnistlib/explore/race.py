"""Trainings with different learning rates and batch sizes, raced against each other."""

import numpy as np
from IPython.display import Image, display

from mnistlib.explore.base import Exploration, Picture, Runner, Words, at_most_every, new_figure
from mnistlib.plots import BLUE, GREEN, ORANGE, PURPLE
from mnistlib.training import TrainingDiverged, accuracy, train

STYLES = ((BLUE, "-"), (ORANGE, "--"), (GREEN, "-."), (PURPLE, ":"))  # told apart without colours, too
REDRAW = 0.3  # seconds between two pictures
POINTS = 40  # of each curve: more would only show the batches' noise


class Race(Exploration):
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

    def __init__(self, network, images, labels, *, validation, settings, epochs=1, momentum=0.0, seed=1):
        if not 2 <= len(settings) <= len(STYLES):
            raise ValueError(f"{len(settings)} settings: a race has two to {len(STYLES)} runners")
        for pair in settings:
            if np.shape(pair) != (2,):
                raise ValueError(f"{pair!r} is not a pair of learning rate and batch size")
        self._network, self._images, self._labels = network.copy(), images, labels
        self._validation, self.settings = validation, [tuple(pair) for pair in settings]
        self._options = {"epochs": epochs, "momentum": momentum, "seed": seed, "progress": False}
        self.results, self._curves = [], []
        self._runner = Runner(self._race, label="Start the race")
        self._picture, self._words = Picture(), Words()
        super().__init__(self._runner, self._picture, self._words)
        self._draw()

    def __repr__(self):
        return f"Race({self._network}, {len(self.settings)} runners)"

    def start(self):
        """Run the race from the beginning, in the background."""
        self._runner.start()

    def stop(self):
        """Ask the race to end after the current batch."""
        self._runner.stop()

    def wait(self, timeout=None):
        """Wait until the race is over; raises what went wrong in it, and TimeoutError."""
        self._runner.wait(timeout)

    @property
    def running(self):
        """Whether the race is on."""
        return self._runner.running

    @property
    def says(self):
        """How the race stands, in words."""
        return self._words.text

    def picture(self):
        """Show the picture as it is now, as a plain figure that also stays where no kernel runs."""
        details = {"alt": self._picture.alt, "width": round(self._picture._width)}
        display(Image(self._picture._png), metadata={"image/png": details})

    def _race(self, stopping):
        """The work of the start button; it says in words how it ended."""
        with self.lock:
            self.results, self._curves = [], []
        due = at_most_every(REDRAW)
        for number, setting in enumerate(self.settings):
            self._runner.says = f"{_in_words(setting)} is training, {number + 1} of {len(self.settings)} …"
            self._train(setting, due, stopping)
            self._draw()
            if stopping():
                return "Stopped."
        return "All have arrived."

    def _train(self, setting, due, stopping):
        rate, batch_size = setting
        network, losses = self._network.copy(), []
        with self.lock:
            self._curves = [*self._curves, (losses, min(batch_size or len(self._images), len(self._images)))]

        def after_batch(batches, loss):
            losses.append(loss)
            if due():
                self._draw()
            return stopping()

        options = {"learning_rate": rate, "batch_size": batch_size, "callback": after_batch, **self._options}
        try:
            history = train(network, self._images, self._labels, **options)
            score = accuracy(network, *self._validation)
        except TrainingDiverged:
            history, score = None, None
        if history is None or not history.interrupted:
            found = {"learning_rate": rate, "batch_size": batch_size, "accuracy": score, "steps": len(losses)}
            with self.lock:
                self.results = [*self.results, found]

    def _draw(self):
        with self.lock:
            figure = new_figure(6.6, 3.2)
            axes = figure.subplots()
            for setting, (losses, size), (colour, style) in zip(
                self.settings, self._curves, STYLES, strict=False
            ):
                seen, mean = _smoothed(losses, size)
                axes.plot(seen, mean, style, color=colour, label=_in_words(setting), linewidth=2)
            axes.set_xlim(0, self._options["epochs"] * len(self._images))
            axes.set_xlabel("training images seen")
            axes.set_ylabel("loss of the batches")
            axes.grid(alpha=0.3)
            if self._curves:
                axes.legend()
            self._words.text = self._standing()
            self._picture.show(figure, f"Loss of each runner over the images seen. {self.says}")

    def _standing(self):
        if not self.results:
            return "Nobody has arrived yet."
        lines = []
        for result in self.results:
            name = _in_words((result["learning_rate"], result["batch_size"]))
            score = result["accuracy"]
            outcome = "lost: its loss became infinite" if score is None else f"{score:.0%} right"
            lines.append(f"{name}: {outcome} after {result['steps']:,} steps.")
        return "\n".join(lines)


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
