"""A convolutional network: filters that look at neighbouring pixels, then layers as in ``Network``.

Built in notebook 10. The idea and the arrangement are those of LeCun, Bottou, Bengio and Haffner (1998,
"Gradient-based learning applied to document recognition"); ReLU and the maximum came later (Ranzato, Huang,
Boureau and LeCun 2007, "Unsupervised learning of invariant feature hierarchies").

Images have the shape (N, side, side, channels): a grey image has one channel, and what a layer of F filters
makes of it has F, which are called its maps. A patch of size × size pixels with all its channels, written as
a row, has n_in = channels · size · size numbers; a layer of F filters has weights W (n_in, F) and biases b
(F,), a filter to a column. So ``x @ W + b`` serves here as well, with a row for each place of each image.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import DTypeLike

from mnistlib.network import Layer, Network, checked_count, checked_counts, relu
from mnistlib.plumbing.convolution import ConvWorkspace


def patches(images: np.ndarray, size: int) -> np.ndarray:
    """Return every patch of size × size pixels as a row of numbers.

    images: (N, side, side, channels). The result is (N, places, places, channels · size · size) with places =
    side - size + 1, a copy: as a row, each pixel stands in up to size² patches.
    """
    # (N, places, places, channels, size, size)
    windows = sliding_window_view(images, (size, size), axis=(1, 2))
    return windows.reshape(*windows.shape[:3], -1)


def add_patches(rows: np.ndarray, images: np.ndarray, size: int) -> None:
    """The way back from ``patches``: add every row's numbers to the pixels that they were taken from.

    rows: (N, places, places, channels · size · size); images: (N, side, side, channels), changed in place.
    """
    n, places, _, _ = rows.shape
    rows = rows.reshape(n, places, places, -1, size, size)
    for i in range(size):
        for j in range(size):
            images[:, i : i + places, j : j + places] += rows[..., i, j]


def blocks(maps: np.ndarray) -> np.ndarray:
    """Return the blocks of 2 × 2 that pooling looks at: (N, half, half, channels, 4), a copy.

    maps: (N, places, places, channels); an odd last row or column is left out.
    """
    half = maps.shape[1] // 2
    maps = maps[:, : 2 * half, : 2 * half].reshape(len(maps), half, 2, half, 2, -1)
    return maps.transpose(0, 1, 3, 5, 2, 4).reshape(len(maps), half, half, -1, 4)


def pool(maps: np.ndarray) -> np.ndarray:
    """Keep the largest number of each block of 2 × 2 of the maps: (N, half, half, channels)."""
    return blocks(maps).max(axis=-1)


def unpool(delta: np.ndarray, maps: np.ndarray) -> np.ndarray:
    """The derivative by ``maps``, (N, places, places, channels), from the derivative by ``pool(maps)``.

    Only the largest of each block had a say, so it alone gets the block's derivative; of several that are
    equally large, the first.
    """
    first = blocks(maps).argmax(axis=-1)
    spread = np.zeros_like(maps)
    half = delta.shape[1]
    for corner in range(4):
        i, j = divmod(corner, 2)
        spread[:, i : 2 * half : 2, j : 2 * half : 2] = delta * (first == corner)
    return spread


class ConvNetwork(Network):
    """A network whose first layers are filters, each followed by ReLU and 2 × 2 max-pooling.

    Parameters
    ----------
    filters : how many filters each of the first layers has
    hidden : units in each of the dense hidden layers behind them; () for none
    size : height and width of a filter, in pixels
    seed, dtype : as in Network

    It takes images of 28 × 28 pixels, sorts them into ten classes, and has everything that ``Network`` has,
    with ReLU and softmax. In ``parameters``, the layers of filters come first, their W of shape
    (channels · size · size, filters).

    Attributes: ``filters``, ``hidden``, ``size``; ``sizes``, which for this network names the pixels, the
    numbers that reach the first dense layer, and the layers from there on; and Network's.

    Raises ValueError for filters, units or sizes that make no sense, or leave nothing of the image.
    """

    SIDE, CLASSES = 28, 10
    DESCRIPTION = ("filters", "hidden", "size")

    def __init__(
        self,
        filters: Sequence[int] = (8, 16),
        hidden: Sequence[int] = (128,),
        *,
        size: int = 5,
        seed: int | None = 0,
        dtype: DTypeLike = np.float32,
    ):
        shapes = self._layer_shapes(filters, hidden, size)
        self.filters, self.hidden, self.size = tuple(map(int, filters)), tuple(map(int, hidden)), int(size)
        self.sizes = (self.SIDE**2, *(n_in for n_in, _ in shapes[len(self.filters) :]), self.CLASSES)
        self.activation, self.output = "relu", "softmax"
        self._make_parameters(shapes, seed, dtype)

    @classmethod
    def _layer_shapes(cls, filters, hidden, size):
        filters = checked_counts("filters", filters, "(8, 16)")
        hidden = checked_counts("hidden", hidden, "(128,)")
        if not filters:
            raise ValueError("filters must name at least one layer, such as (8, 16)")
        side, channels, size, shapes = cls.SIDE, 1, checked_count("size", size), []
        for count in filters:
            shapes.append((channels * size**2, count))
            side, channels = (side - size + 1) // 2, count
            if side < 1:
                what = f"{len(filters)} layers of {size} x {size} filters leave nothing of 28 x 28 pixels"
                raise ValueError(f"{what}: take fewer layers or smaller filters")
        return [*shapes, *pairwise((side * side * channels, *hidden, cls.CLASSES))]

    def __repr__(self) -> str:
        filters, dense = ("-".join(map(str, units)) for units in (self.filters, (*self.hidden, self.CLASSES)))
        return f"ConvNetwork({filters} filters of {self.size} x {self.size}, {dense})"

    @property
    def dense(self) -> list[Layer]:
        """Those of ``parameters`` behind the layers of filters."""
        return self.parameters[len(self.filters) :]

    def _layers(self, x):
        maps = x.reshape(-1, self.SIDE, self.SIDE, 1)
        layers = [x]
        for W, b in self.parameters[: len(self.filters)]:
            maps = relu(pool(patches(maps, self.size) @ W + b))
            layers.append(maps)  # (N, half, half, filters)
        rows = maps.reshape(*x.shape[:-1], -1)  # (N, features), or (features,) for one image
        return layers + super()._layers(rows)[1:]

    def _backward(self, layers, delta, l2):
        number = len(self.filters)
        (images, *maps), hidden = layers[: number + 1], layers[number + 1 :]
        below = [images.reshape(-1, self.SIDE, self.SIDE, 1), *maps[:-1]]  # what each layer of filters sees

        rows = maps[-1].reshape(len(images), -1)  # (N, features)
        gradients, delta = super()._backward([rows, *hidden], delta, l2)
        delta = (delta @ self.dense[0][0].T).reshape(maps[-1].shape)
        stages = list(zip(self.parameters, below, maps, strict=False))
        for (W, b), x, h in reversed(stages):
            seen = patches(x, self.size)  # (N, places, places, n_in)
            delta = unpool(delta * (h > 0), seen @ W + b)  # (N, places, places, filters)
            dW = seen.reshape(-1, len(W)).T @ delta.reshape(-1, len(b)) + l2 * W
            gradients.insert(0, (dW, delta.sum(axis=(0, 1, 2))))
            if x is not below[0]:
                passed_back = np.zeros_like(x)
                add_patches(delta @ W.T, passed_back, self.size)
                delta = passed_back
        return gradients, delta

    at_once = 100  # the patches of 500 images would take hundreds of megabytes

    def workspace(self, size: int, image_dtype: np.dtype) -> ConvWorkspace:
        return ConvWorkspace(self, size, image_dtype)
