"""The arrays of the training loop, made once and then written to again and again with ``out=``.

`train` does what the notebooks do: take a batch, forward, loss, backward, step. Written plainly, each of
these makes new arrays, which costs about two fifths of the time at batches of 100. Here hardly anything is
allocated; the matrix products, which nothing can save, are most of what is left.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

# The velocity of a weight behind a pixel that is hardly ever inked shrinks by the factor ``momentum`` with
# every batch, until it reaches the numbers below 1e-38 that float32 can only just represent ("subnormals").
# Processors take many times longer over those: with batches of 32, the epochs after the first take half as
# long again. So, every SWEEP batches, velocities too small to change any weight are set to 0.
SWEEP = 100
NEGLIGIBLE = 1e-25


def sweep_out(velocity: np.ndarray) -> None:
    """Set velocities that are too small to change anything to 0."""
    velocity[np.abs(velocity) < NEGLIGIBLE] = 0


class Inputs:
    """The images of a piece, as floats: ``x`` (size, n_in), of the given dtype.

    size: how many images; image_dtype: in what they are stored.
    """

    def __init__(self, size: int, n_in: int, dtype: np.dtype, image_dtype: np.dtype):
        self.pixels = np.zeros((size, n_in), image_dtype)
        self.x = self.pixels if image_dtype == dtype else np.zeros((size, n_in), dtype)
        self.unit = dtype.type(1 / 255)

    def take(self, images: np.ndarray, rows: np.ndarray, augment: Callable | None = None) -> None:
        """Set x: fetch these rows (size,) of the images (N, n_in), distort them if asked, make them floats.

        augment: a function of the fetched rows (size, n_in), in which it may write.
        """
        # mode="clip" lets take write straight into ``out``; the rows are in range anyway
        pixels = images.take(rows, axis=0, out=self.pixels, mode="clip")
        if augment is not None:
            pixels = augment(pixels)
        if pixels is not self.x:
            np.copyto(self.x, pixels)
        if pixels.dtype == np.uint8:
            np.multiply(self.x, self.unit, out=self.x)


class Workspace(Inputs):
    """Backpropagation through a network's fully connected layers, for ``size`` images at a time.

    network: of any kind, its layers are ``dense``; image_dtype: what the images are stored in.

    It computes what ``Network.gradients`` does. What differs is where the results go (``out=``), and the
    output layer's arrays, which are (classes, size) instead of (size, classes): a sum or maximum over the
    ten classes then runs through memory in ten long strides instead of ``size`` short ones.
    """

    def __init__(self, network: Any, size: int, image_dtype: np.dtype):
        self.layers, dtype = network.dense, network.dtype
        super().__init__(size, len(self.layers[0][0]), dtype, image_dtype)
        *hidden, classes = (len(b) for _, b in self.layers)
        self.relu = network.activation == "relu"
        self.softmax = network.output == "softmax"
        self.hidden = [np.zeros((size, n), dtype) for n in hidden]
        self.deltas = [np.zeros((size, n), dtype) for n in hidden]
        # What the slope of an activation needs: a truth value for each neuron for ReLU, a number for sigmoid
        self.slopes = [np.zeros((size, n), bool if self.relu else dtype) for n in hidden]
        self.scores = np.zeros((classes, size), dtype)
        self.spare = np.zeros((classes, size), dtype)
        self.columns = np.arange(size)
        self.right = np.empty(size, np.intp)
        self.tops, self.sums, self.ones = np.zeros(size, dtype), np.zeros(size, dtype), np.ones(size, dtype)
        self.zero = dtype.type(0)  # numpy takes its own numbers sooner than Python's

    def forward(self) -> None:
        """Set the hidden layers' activations, each (size, n), and the scores (classes, size)."""
        below = self.x
        for h, (W, b) in zip(self.hidden, self.layers, strict=False):
            np.dot(below, W, out=h)
            np.add(h, b, out=h)
            if self.relu:
                np.maximum(h, self.zero, out=h)
            else:
                _sigmoid_in_place(h)
            below = h
        W, b = self.layers[-1]
        np.dot(W.T, below.T, out=self.scores)
        np.add(self.scores, b[:, None], out=self.scores)

    def loss(self, labels: np.ndarray, scale: np.floating) -> float:
        """Return the sum of the losses; turn the scores into scale × the derivative of that sum by them."""
        z = self.scores
        flat = z.reshape(-1)
        # Where each image's right class stands in ``flat``: row ``label``, column number of the image
        np.multiply(labels, len(labels), out=self.right)
        np.add(self.right, self.columns, out=self.right)

        if self.softmax:
            np.maximum.reduce(z, axis=0, out=self.tops)
            np.subtract(z, self.tops, out=z)
            picked = flat[self.right]
            np.exp(z, out=z)
            np.add.reduce(z, axis=0, out=self.sums)
            np.divide(scale, self.sums, out=self.tops)
            np.multiply(z, self.tops, out=z)  # scale · p
            flat[self.right] -= scale  # scale · (p − y): y is 1 at the label, 0 elsewhere
            np.log(self.sums, out=self.sums)
            np.subtract(self.sums, picked, out=self.sums)  # log Σ exp(z) − z[label]
            return float(np.add.reduce(self.sums))

        _sigmoid_in_place(z)
        np.multiply(z, z, out=self.spare)
        np.subtract(z, self.spare, out=self.spare)  # a · (1 − a)
        flat[self.right] -= 1  # a − y
        loss = 0.5 * float(np.dot(flat, flat))
        np.multiply(z, self.spare, out=z)
        np.multiply(z, scale, out=z)
        return loss

    def backward(self, gradients: list) -> np.ndarray:
        """Write the gradient into the arrays of ``gradients``, [(dW, db), ...], from the last layer down.

        Returns the derivative by the first layer's sums, (size, n), for a network that goes on below it.
        """
        below = [self.x, *self.hidden]
        dW, db = gradients[-1]
        np.add.reduce(self.scores, axis=1, out=db)
        delta = self.scores.T  # (size, classes)
        np.dot(below[-1].T, delta, out=dW)
        for i in reversed(range(len(self.hidden))):
            W_above, _ = self.layers[i + 1]
            h, slope = self.hidden[i], self.slopes[i]
            delta = np.dot(delta, W_above.T, out=self.deltas[i])  # (size, n_out) @ (n_out, n_in)
            if self.relu:
                np.greater(h, self.zero, out=slope)
            else:
                np.multiply(h, h, out=slope)
                np.subtract(h, slope, out=slope)  # a · (1 − a)
            np.multiply(delta, slope, out=delta)
            dW, db = gradients[i]
            np.dot(self.ones, delta, out=db)  # the sum over the images, by way of the fast matrix product
            np.dot(below[i].T, delta, out=dW)  # (n_in, size) @ (size, n_out)
        return delta


def _sigmoid_in_place(z):
    """1 / (1 + exp(−z)) written as ½ + ½ tanh(z/2): the same function, and tanh never overflows."""
    np.multiply(z, 0.5, out=z)
    np.tanh(z, out=z)
    np.multiply(z, 0.5, out=z)
    np.add(z, 0.5, out=z)
