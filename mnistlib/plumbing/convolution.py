"""The arrays in which ``train`` works out a convolutional network's gradients.

They hold what ``ConvNetwork.gradients`` computes, arranged in another way:

* **The image's number comes last.** Maps have the shape (side, side, channels, n), so that neighbours in
  memory are the same pixel of n images, and whatever is not a matrix product goes through memory in order.
* **Four answers at a time.** Pooling keeps the largest of 2 × 2 neighbouring answers. Together, these four
  see a *tile* of (size + 1) × (size + 1) pixels. One product of the tile with four shifted copies of the
  filters gives all four. It multiplies with some zeros (36 numbers instead of 25 for filters of 5 × 5), but
  copies one tile of 36 numbers where four patches of 25 would be.
"""

import functools
import math
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from mnistlib.plumbing.fast import Inputs, Workspace

# The four places in a block of 2 x 2, row by row.
CORNERS = ((0, 0), (0, 1), (1, 0), (1, 1))


class ConvStage:
    """One layer of filters, with ReLU and 2 × 2 max-pooling, for n images at a time.

    x : (side, side, channels, n), what the layer sees; filled before ``forward``
    maps : (half, half, filters, n), what the next layer sees; filled by ``forward``
    dx : the derivative of the loss by x; filled by ``backward``
    """

    def __init__(self, x: np.ndarray, W: np.ndarray, b: np.ndarray, size: int):
        side, _, channels, n = x.shape
        half, filters, tile = (side - size + 1) // 2, len(b), size + 1
        zeros = functools.partial(np.zeros, dtype=x.dtype)
        self.x, self.W, self.b, self.size = x, W.reshape(channels, size, size, filters), b, size

        windows = sliding_window_view(x, (tile, tile), axis=(0, 1))[: 2 * half : 2, : 2 * half : 2]
        self.windows = windows.transpose(2, 4, 5, 0, 1, 3)  # a view of x, in the order of ``tiles``
        self.tiles, self.d_tiles = zeros(self.windows.shape), zeros(self.windows.shape)
        self.copies, self.d_copies = (zeros((channels, tile, tile, 2, 2, filters)) for _ in range(2))
        self.answers = zeros((2, 2, filters, half, half, n))
        self.top, self.bottom, self.pooled = (zeros((filters, half, half, n)) for _ in range(3))
        self.mask = np.zeros(self.pooled.shape, bool)
        self.maps = zeros((half, half, filters, n))
        self.dx = zeros(x.shape)

        # The same arrays as matrices: (channels · tile², half² · n) etc.
        rows = channels * tile * tile
        self.tiles_2d, self.d_tiles_2d = self.tiles.reshape(rows, -1), self.d_tiles.reshape(rows, -1)
        self.copies_2d, self.d_copies_2d = self.copies.reshape(rows, -1), self.d_copies.reshape(rows, -1)
        self.answers_2d = self.answers.reshape(4 * filters, -1)

    def _copy(self, copies, i, j):
        """The filters shifted by (i, j): a view of ``copies``, (channels, size, size, filters)."""
        return copies[:, i : i + self.size, j : j + self.size, i, j]

    def forward(self) -> None:
        """Set ``maps`` from ``x``."""
        np.copyto(self.tiles, self.windows)
        for i, j in CORNERS:
            self._copy(self.copies, i, j)[...] = self.W
        np.dot(self.copies_2d.T, self.tiles_2d, out=self.answers_2d)
        a = self.answers
        np.maximum(a[0, 0], a[0, 1], out=self.top)
        np.maximum(a[1, 0], a[1, 1], out=self.bottom)
        np.maximum(self.top, self.bottom, out=self.pooled)
        # All four have the same bias, so it can be added to the one that is left.
        np.add(self.pooled, self.b[:, None, None, None], out=self.pooled)
        np.maximum(self.pooled, 0, out=self.maps.transpose(2, 0, 1, 3))

    def backward(self, delta: np.ndarray, dW: np.ndarray, db: np.ndarray, below: bool) -> None:
        """Set dW and db, and ``dx`` if ``below`` is true, from delta, the derivative by ``maps``.

        Only the largest of four answers had a say, so it alone gets the derivative; of several that are
        equally large, the first.
        """
        a, share = self.answers, self.pooled
        np.greater(self.pooled, 0, out=self.mask)
        np.multiply(delta.transpose(2, 0, 1, 3), self.mask, out=share)
        db[...] = share.reshape(len(db), -1).sum(axis=1)
        np.greater_equal(self.top, self.bottom, out=self.mask)
        np.multiply(share, self.mask, out=self.top)
        np.subtract(share, self.top, out=self.bottom)
        for i, share in enumerate((self.top, self.bottom)):
            np.greater_equal(a[i, 0], a[i, 1], out=self.mask)
            np.multiply(share, self.mask, out=a[i, 0])
            np.subtract(share, a[i, 0], out=a[i, 1])

        np.dot(self.tiles_2d, self.answers_2d.T, out=self.d_copies_2d)
        dW = dW.reshape(self.W.shape)
        dW[...] = 0
        for i, j in CORNERS:
            dW += self._copy(self.d_copies, i, j)
        if not below:
            return

        # What every tile passes back is added up at the pixels that the tile was taken from
        np.dot(self.copies_2d, self.answers_2d, out=self.d_tiles_2d)
        self.dx[...] = 0
        tile, half = self.size + 1, len(self.maps)
        for i in range(tile):
            for j in range(tile):
                # (half, half, channels, n)
                part = self.dx[i : i + 2 * half - 1 : 2, j : j + 2 * half - 1 : 2]
                np.add(part, self.d_tiles[:, i, j].transpose(1, 2, 0, 3), out=part)


class ConvWorkspace(Inputs):
    """What ``train`` asks a network for: the arrays of its layers of filters, and behind them the dense ones.

    network: a ConvNetwork; size: how many images at a time; image_dtype: in what they are stored.
    """

    def __init__(self, network: Any, size: int, image_dtype: np.dtype):
        super().__init__(size, network.sizes[0], network.dtype, image_dtype)
        side = math.isqrt(network.sizes[0])
        self.maps = x = np.zeros((side, side, 1, size), network.dtype)
        self.stages = []
        for W, b in network.parameters[: len(network.filters)]:
            self.stages.append(ConvStage(x, W, b, network.size))
            x = self.stages[-1].maps
        self.dense = Workspace(network, size, network.dtype)
        self.dense.x = x.reshape(-1, size).T  # (size, features): a view of the last maps
        self.loss = self.dense.loss
        self.W = network.dense[0][0]  # (features, n)
        self.delta = np.zeros(x.shape, network.dtype)

    def forward(self) -> None:
        """Set all maps, the hidden layers' activations, and the scores."""
        np.copyto(self.maps.reshape(self.x.shape[::-1]), self.x.T)
        for stage in self.stages:
            stage.forward()
        self.dense.forward()

    def backward(self, gradients: list) -> None:
        """Write the gradient into the arrays of ``gradients``, [(dW, db), ...], filters first."""
        delta = self.dense.backward(gradients[len(self.stages) :])  # (size, n)
        np.dot(self.W, delta.T, out=self.delta.reshape(len(self.W), -1))
        delta = self.delta
        for number, stage in reversed(list(enumerate(self.stages))):
            dW, db = gradients[number]
            stage.backward(delta, dW, db, below=number > 0)
            delta = stage.dx
