"""Training: minibatch gradient descent with momentum, as fast as numpy allows.

The method is the one that notebooks 05 to 08 build: shuffle the images, take a batch, work out the mean
gradient, take a step, go on. What is different here is that nothing is allocated inside the loop. Every
array the loop needs is made once (see ``_Workspace``) and then written to again and again with ``out=``;
at batches of 100, asking the system for memory would otherwise cost as much as the matrix products.
"""

import contextlib
import functools
import operator
import signal
import threading
import time
from dataclasses import dataclass, field

import numpy as np

from mnistlib.network import split_parameters
from mnistlib.progress import progress as progress_bar

# Batches larger than this are walked in pieces whose gradients are added up. The sum is the same, and one
# piece's arrays stay small enough to remain in the processor's cache.
CHUNK = 1_000

# The progress bar is redrawn after this many seconds, not after every batch.
REDRAW = 0.2


class TrainingDiverged(FloatingPointError):
    """The loss stopped being a finite number. ``history`` holds the epochs that went well."""

    history = None


@dataclass(repr=False)
class History:
    """What happened in a training, epoch by epoch.

    loss : mean training loss over the epoch's batches, as seen while the weights were changing
        (without the L2 penalty, so that it compares with validation_loss)
    validation_loss, validation_accuracy : after the epoch; empty lists without validation data
    seconds : wall-clock time of the epoch, validation not included
    batch_loss : 1-D array, the mean loss of every batch, also of an epoch that was cut short
    interrupted : True if the training was stopped before its last epoch was through
    """

    loss: list = field(default_factory=list)
    validation_loss: list = field(default_factory=list)
    validation_accuracy: list = field(default_factory=list)
    seconds: list = field(default_factory=list)
    batch_loss: np.ndarray = field(default_factory=lambda: np.empty(0))
    interrupted: bool = False

    def __repr__(self):
        parts = [f"{len(self.loss)} epoch{'s' * (len(self.loss) != 1)}"]
        if self.loss:
            parts.append(self.summary())
        if self.interrupted:
            parts.append("interrupted")
        return f"History({', '.join(parts)})"

    def summary(self):
        """The last epoch in a few words, such as "loss 0.0312, validation 97.90 %"."""
        text = f"loss {self.loss[-1]:.4f}"
        if self.validation_accuracy:
            text += f", validation {100 * self.validation_accuracy[-1]:.2f} %"
        return text


def linear_decay(start, end=0.0):
    """A learning rate that falls in a straight line from ``start`` to ``end`` over the training.

    Returns a function of the progress, 0 at the first batch and 1 after the last, for ``train``.
    """
    return functools.partial(_on_line, start, end)


def _on_line(start, end, progress):
    return start + (end - start) * progress


def accuracy(network, images, labels):
    """Return the fraction of the images, 0 to 1, that the network sorts into the class of their label."""
    predicted = np.atleast_1d(network.predict(images))
    return float(np.mean(predicted == network.checked_labels(labels, len(predicted))))


def train(
    network,
    images,
    labels,
    *,
    epochs,
    batch_size,
    learning_rate,
    momentum=0.9,
    l2=0.0,
    augment=None,
    validation=None,
    seed=0,
    progress=True,
):
    """Train the network in place by minibatch gradient descent with momentum; return its History.

    Each batch changes a velocity v and the parameters w:  v = momentum · v + learning_rate · gradient,
    w = w − v  (Polyak 1964, "Some methods of speeding up the convergence of iteration methods").

    Parameters
    ----------
    network : Network
    images, labels : the training set, in any form that Network accepts; uint8 is fastest and smallest
    epochs : int
        How many times to go through all images, in a new random order each time.
    batch_size : int or None
        Images per step; the last batch of an epoch takes what is left. None means all of them: one step
        per epoch, with the exact gradient of the loss.
    learning_rate : float, or a function of the progress (0 to 1) that returns one
        For example ``linear_decay(0.1)``.
    momentum : float from 0 up to, not including, 1
    l2 : float
        Adds l2/2 · Σ W² to the loss that is minimised. Biases are left out.
    augment : callable, optional
        ``augment(images, rng)`` gets a batch (n, side, side) in the training images' dtype (rows (n, n_in)
        if the inputs are no square) and a numpy Generator. It returns a changed batch of the same shape:
        uint8, or floats in the network's scale, 0 to 1. It may write into the batch it was given.
        ``mnistlib.augment.Distorter`` is one.
    validation : (images, labels), optional
        Scored after each epoch and never trained on.
    seed : int
        Fixes the shuffling and what ``augment`` draws: the same seed, the same training.
    progress : bool
        Show a progress bar.

    Ctrl-C, or a notebook's stop button, ends the training after the current batch: the network keeps what
    it has learnt and the history so far is returned, with ``interrupted`` set. A second Ctrl-C raises
    KeyboardInterrupt as usual. Signals only reach a program's main thread; a training that runs in another
    thread is not stopped by them.

    Raises ValueError or TypeError for arguments that make no sense, before anything is changed, and
    TrainingDiverged when the loss stops being finite; the network is then put back to where it was after
    the last whole epoch.
    """
    images, labels = _checked_set(network, images, labels)
    n = len(images)
    epochs = _checked_count("epochs", epochs)
    batch_size = n if batch_size is None else min(_checked_count("batch_size", batch_size), n)
    if not callable(learning_rate):
        rate = learning_rate
        learning_rate = lambda progress: rate  # noqa: E731
    _checked_rate(learning_rate(0.0))
    if not 0 <= momentum < 1:
        raise ValueError(f"momentum must be at least 0 and below 1, not {momentum!r}")
    if not 0 <= l2 < float("inf"):
        raise ValueError(f"l2 must be 0 or a positive number, not {l2!r}")
    if validation is not None:
        validation = _checked_set(network, *validation)

    shuffle_rng, augment_rng = np.random.default_rng(seed).spawn(2)
    work = _Workspace(network, images, labels, min(batch_size, CHUNK), augment, augment_rng)
    velocity = np.zeros_like(network.flat)
    starts = range(0, n, batch_size)
    total = epochs * len(starts)
    losses = np.empty(total)
    history = History()
    good = network.flat.copy()
    bar = progress_bar(total, unit="batch") if progress else _NoBar()

    done = 0
    # A diverging training overflows before it is noticed, at the next batch's loss: one clear error then,
    # instead of numpy's warnings.
    with contextlib.closing(bar), _StopSign() as stop, np.errstate(all="ignore"):
        for _ in range(epochs):
            begin = redrawn = time.perf_counter()
            drawn = done
            order = shuffle_rng.permutation(n) if batch_size < n else None
            for start in starts:
                stop_at = min(start + batch_size, n)
                rate = _checked_rate(learning_rate(done / total))
                loss = work.gradient(order, start, stop_at, rate, l2)
                if not loss < float("inf"):  # also true for NaN
                    _diverged(network, good, history, losses[:done])

                # The step. The gradient already carries the learning rate.
                np.multiply(velocity, momentum, out=velocity)
                np.add(velocity, work.total, out=velocity)
                np.subtract(network.flat, velocity, out=network.flat)

                losses[done] = loss
                done += 1
                if time.perf_counter() - redrawn > REDRAW:
                    bar.update(done - drawn)
                    redrawn, drawn = time.perf_counter(), done
                if stop.requested:
                    break
            bar.update(done - drawn)
            if not np.isfinite(network.flat).all():
                _diverged(network, good, history, losses[:done])
            if start + batch_size < n:  # the epoch was cut short
                break
            history.seconds.append(time.perf_counter() - begin)
            history.loss.append(float(losses[done - len(starts) : done].mean()))
            if validation is not None:
                history.validation_loss.append(network.loss(*validation))
                history.validation_accuracy.append(accuracy(network, *validation))
            bar.set_postfix_str(history.summary())
            good[...] = network.flat
            if stop.requested:
                break
    history.batch_loss = losses[:done].copy()
    history.interrupted = done < total
    return history


class _Workspace:
    """All arrays that the loop needs, made once, and the gradient worked out in them."""

    def __init__(self, network, images, labels, size, augment, rng):
        self.network, self.images, self.labels = network, images, labels
        self.augment, self.rng = augment, rng
        self.total = np.empty_like(network.flat)

    def gradient(self, order, start, stop, rate, l2):
        network, n = self.network, stop - start
        self.total[...] = 0
        loss = 0.0
        side = round(network.sizes[0] ** 0.5)
        for first in range(start, stop, CHUNK):
            part = slice(first, min(first + CHUNK, stop))
            rows = part if order is None else order[part]
            batch, labels = self.images[rows], self.labels[rows]
            share = len(labels) / n
            if self.augment is not None:
                shape = batch.shape
                if side * side == shape[1]:
                    batch = batch.reshape(-1, side, side)
                batch = self.augment(batch, self.rng).reshape(shape)
            piece_loss, gradients = network.gradients(batch, labels)
            loss += piece_loss * share
            for (dW, db), (tW, tb) in zip(
                gradients, split_parameters(self.total, network.sizes), strict=True
            ):
                tW += (rate * share) * dW
                tb += (rate * share) * db
        for (W, _), (tW, _) in zip(
            network.parameters, split_parameters(self.total, network.sizes), strict=True
        ):
            tW += (rate * l2) * W
        return loss


def _diverged(network, good, history, losses):
    network.flat[...] = good
    history.batch_loss = losses.copy()
    error = TrainingDiverged(
        f"the training diverged: after {len(losses)} batches the loss is no longer a finite number. The "
        f"network is back where it was after {len(history.loss)} whole epochs. Try a learning rate three "
        f"to ten times lower, or check that the pixels are scaled to 0..1."
    )
    error.history = history
    raise error


class _StopSign:
    """While in force, Ctrl-C sets ``requested``; only a second one raises KeyboardInterrupt."""

    def __enter__(self):
        self.requested = False
        self.previous = None
        # Python lets only the main thread set signal handlers. Where Ctrl-C is ignored, it stays ignored.
        if threading.current_thread() is threading.main_thread():
            previous = signal.getsignal(signal.SIGINT)
            if callable(previous):
                self.previous = previous
                signal.signal(signal.SIGINT, self._on_signal)
        return self

    def _on_signal(self, number, frame):
        self.requested = True
        self._restore()

    def _restore(self):
        if self.previous is not None:
            signal.signal(signal.SIGINT, self.previous)
            self.previous = None

    def __exit__(self, *_):
        self._restore()


class _NoBar:
    """Stands in for the progress bar when none is wanted."""

    def update(self, n):
        pass

    def set_postfix_str(self, text):
        pass

    def close(self):
        pass


def _checked_set(network, images, labels):
    """Return images as contiguous rows (N, n_in) and labels (N,), or raise what Network would."""
    images = np.asarray(images)
    shape = network.row_shape(images)
    if len(shape) != 2:
        raise ValueError(f"images have shape {images.shape}: one image is not a set, expected ({'N'}, ...)")
    # numpy.take copies its whole source, every time, if that is not contiguous
    images = np.ascontiguousarray(images, dtype=images.dtype.newbyteorder("=")).reshape(shape)
    if images.dtype != np.uint8 and not (np.isfinite(images.min()) and np.isfinite(images.max())):
        raise ValueError("the images contain NaN or infinity: every value must be a finite number")
    return images, network.checked_labels(labels, len(images)).astype(np.intp)


def _checked_count(name, value):
    try:
        count = operator.index(value)
    except TypeError:
        raise ValueError(f"{name} must be a whole number, not {value!r}") from None
    if count < 1:
        raise ValueError(f"{name} must be 1 or more, not {value!r}")
    return count


def _checked_rate(rate):
    if not 0 <= rate < float("inf"):
        raise ValueError(f"the learning rate must be 0 or a positive number, not {rate!r}")
    return float(rate)
