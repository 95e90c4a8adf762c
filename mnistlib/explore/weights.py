"""The first layer's weights as small pictures, changing while the network learns."""

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from mnistlib.explore.base import LOCK, BackgroundExploration, Choice, Slider, new_figure, rarely
from mnistlib.network import Network
from mnistlib.plots import SIGNED
from mnistlib.training import accuracy, train

MOST, COLUMNS = 24, 8  # neurons that are shown, and how many of them in a row
GAP = 3  # pixels between two of them


class FirstLayer(BackgroundExploration):
    """The weights of the first layer's neurons, each folded into an image, while a network is trained.

    Snapshots are taken at the start, after 1, 2, 4, 8, … batches, and at the end; a slider leads through
    them.

    Parameters
    ----------
    network : Network with square images as inputs
        Every training starts from a copy of it as it is now; the network itself stays untrained.
    images, labels, validation : as `train` takes them
    options : all other arguments of `train`, such as epochs=2, batch_size=100, learning_rate=0.1

    ``start()``, ``stop()`` and ``wait()`` do what the buttons do. `snapshot` and `view` can be set.

    shown : the numbers in the picture, (n_in, n_hidden)
    """

    snapshot = Slider("Snapshot", 0, 0, readout=False)
    view = Choice(["weights", "changes"])

    def __init__(
        self,
        network: Network,
        images: np.ndarray,
        labels: np.ndarray,
        *,
        validation: tuple | None = None,
        **options: Any,
    ):
        side = round(network.sizes[0] ** 0.5)
        if len(network.sizes) < 3 or side**2 != network.sizes[0]:
            raise ValueError(f"{network}: expected a hidden layer behind inputs that form a square image")
        # A missing or misspelt option is an error here, and not later in the thread.
        inspect.signature(train).bind(network, images, labels, progress=False, callback=None, **options)
        self._network, self._side = network.copy(), side
        self._images, self._labels, self._validation = images, labels, validation
        self._options = options
        self.snapshots = [self._snapshot(self._network, 0, None)]

        super().__init__()
        self._words._live = False  # they change with every snapshot
        self.draw()

    def __repr__(self) -> str:
        return f"FirstLayer({self._network}, {len(self.snapshots)} snapshots)"

    def work(self, stopping: Callable[[], bool]) -> str:
        """Train a copy of the network from the beginning."""
        network, losses = self._network.copy(), []
        draw = rarely(lambda *moment: self.draw(self._snapshot(*moment, score=False)))
        with LOCK:
            self.snapshots = self.snapshots[:1]
            self.snapshot = self.knobs["snapshot"].max = 0

        def after_batch(batches, loss):
            losses.append(loss)
            if batches & (batches - 1) == 0:  # a power of 2: a single 1 among its binary digits
                self._keep(network, batches, loss)
            draw(network, batches, loss)
            return stopping()

        train(network, self._images, self._labels, progress=False, callback=after_batch, **self._options)
        if self.snapshots[-1]["batches"] < len(losses):
            self._keep(network, len(losses), losses[-1])
        self.snapshot = len(self.snapshots) - 1
        self._redraw()
        return f"{'Stopped' if stopping() else 'Finished'} after {len(losses):,} batches."

    def _snapshot(self, network, batches, loss, *, score=True):
        """What is kept of a moment: weights (n_in, n_hidden), loss of the batch, validation accuracy."""
        score = score and self._validation is not None
        return {
            "batches": batches,
            "weights": network.parameters[0][0].copy(),
            "loss": loss,
            "accuracy": accuracy(network, *self._validation) if score else None,
        }

    def _keep(self, *moment):
        snapshot = self._snapshot(*moment)
        with LOCK:
            self.snapshots = [*self.snapshots, snapshot]
            self.knobs["snapshot"].max = len(self.snapshots) - 1

    def draw(self, snapshot: dict | None = None) -> None:
        """Show the chosen snapshot, or another moment."""
        with LOCK:
            snapshot = snapshot or self.snapshots[self.snapshot]
            self.says = in_words(snapshot)
            start = self.snapshots[0]["weights"] if self.view == "changes" else 0
            self.shown = snapshot["weights"] - start
            images = self.shown.T[:MOST].reshape(-1, self._side, self._side)
            rows = -(-len(images) // COLUMNS)  # rounded up
            figure = new_figure((6.8, 6.8 * rows / COLUMNS), layout=None)
            draw_weights(figure.add_axes((0, 0, 1, 1)), images)
            self.show(figure, f"{len(images)} neurons, each a small image of its {self.view}. {self.says}")


def draw_weights(axes: Axes, images: np.ndarray, columns: int = COLUMNS) -> None:
    """Draw images (n, side, side) of weights on axes, in rows of `columns`, all in one scale.

    Blue is above 0, white is 0, red is below.
    """
    # One large image, with white gaps, is drawn ten times as fast as many small ones.
    side = images.shape[1] + GAP
    rows = -(-len(images) // columns)  # rounded up
    sheet = np.full((rows * columns, side, side), np.nan)  # nan: nothing is drawn there
    sheet[: len(images), :-GAP, :-GAP] = images
    sheet = sheet.reshape(rows, columns, side, side).swapaxes(1, 2).reshape(rows * side, columns * side)
    limit = np.percentile(np.abs(images), 99.5) or 1
    axes.imshow(sheet, cmap=SIGNED, interpolation="nearest", vmin=-limit, vmax=limit)
    axes.axis("off")


def in_words(snapshot: dict) -> str:
    """A snapshot's number of batches, loss and validation accuracy, as far as they are known."""
    batches = snapshot["batches"]
    text = f"After {batches:,} batch{'es' * (batches != 1)}" if batches else "Before the training"
    if snapshot["loss"] is not None:
        text += f": loss of the batch {snapshot['loss']:.3f}"
    if snapshot["accuracy"] is not None:
        text += f"{',' if batches else ':'} {100 * snapshot['accuracy']:.1f} % of the validation images right"
    return text + "."
