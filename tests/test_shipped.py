"""The networks that come with the package."""

import numpy as np
import pytest
from unipen import PENS, read_unipen

from mnistlib import ConvNetwork, Network, load_data
from mnistlib.network import PRETRAINED, pretrained
from mnistlib.pen import rasterise, sample_strokes
from mnistlib.training import accuracy


@pytest.mark.parametrize(("name", "kind"), [("digits", Network), ("convolution", ConvNetwork)])
def test_it_is_small_and_has_a_card(name, kind):
    assert (PRETRAINED / f"{name}.npz").stat().st_size < 1_000_000
    network = pretrained(name)
    assert type(network) is kind
    card = (PRETRAINED / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert repr(network) in card
    assert f"{network.flat.size:,} parameters" in card


def test_each_call_gives_a_network_of_its_own():
    pretrained().flat[:] = 0
    assert pretrained().flat.any()


def test_it_reads_neat_digits():
    images = np.array([rasterise(sample_strokes(k % 10, seed=k)) for k in range(200)])
    assert accuracy(pretrained(), images, np.arange(200) % 10) >= 0.98


def test_the_network_of_notebook_10_reads_drawn_digits_which_it_never_saw():
    sample = load_data("sample")
    assert accuracy(pretrained("convolution"), sample.test_images, sample.test_labels) >= 0.95


@pytest.mark.mnist
def test_it_reads_mnist(mnist):
    assert accuracy(pretrained(), mnist.test_images, mnist.test_labels) >= 0.99


@pytest.mark.mnist
def test_the_network_of_notebook_10_reads_mnist_also_when_the_digits_have_moved(mnist):
    star = pretrained("convolution")
    room = np.pad(mnist.test_images, ((0, 0), (4, 4), (4, 4)))
    for rows, columns in ((0, 4), (8, 4), (4, 0), (4, 8)):  # down, up, to the right, to the left
        moved = room[:, rows : rows + 28, columns : columns + 28]
        assert accuracy(star, moved, mnist.test_labels) >= 0.98


@pytest.fixture(scope="module")
def unseen():
    """Digits of six writers whom neither network has seen: images and labels."""
    if not PENS.exists():
        pytest.skip("needs pendigits-orig.tra of the UCI pen digits")
    digits = [digit for digit in read_unipen(PENS) if digit.writer > 24]
    return np.array([rasterise(digit.strokes) for digit in digits]), np.array([d.label for d in digits])


@pytest.mark.parametrize(("name", "share"), [("digits", 0.98), ("beyond-99", 0.92)])  # 08's knows MNIST alone
def test_it_reads_the_pens_of_writers_it_never_saw(unseen, name, share):
    assert accuracy(pretrained(name), *unseen) >= share


def test_it_hardly_takes_a_1_for_a_7(unseen):
    images, labels = unseen
    sevens = pretrained().predict(images[labels == 1]) == 7
    assert sevens.mean() < 0.05  # a 1 with a flag is the classic mistake of networks that know MNIST alone
