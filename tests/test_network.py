import pickle
import zipfile
from itertools import product

import numpy as np
import pytest

from mnistlib import ConvNetwork, train
from mnistlib.network import Network, cross_entropy, sigmoid, softmax

ACTIVATIONS = ("relu", "sigmoid")
OUTPUTS = ("softmax", "sigmoid")
KINDS = tuple(product(ACTIVATIONS, OUTPUTS))


def with_biases(network):
    """The network, whose biases are no longer zero."""
    rng = np.random.default_rng(0)
    for _, b in network.parameters:
        b[...] = rng.normal(0, 0.3, b.shape)
    return network


def small_network(sizes=(6, 5, 4, 3), activation="relu", output="softmax", dtype=np.float64):
    return with_biases(Network(sizes, activation, output, dtype=dtype))


@pytest.fixture(params=["dense", "filters"])
def new_network(request):
    """Function of Network's options: a small network of either kind for 28 x 28 pixels."""

    def make(**options):
        dense = request.param == "dense"
        return with_biases(
            Network((784, 20, 10), **options) if dense else ConvNetwork((2, 3), (4,), **options)
        )

    return make


def small_set(n=7, n_in=6, classes=3, seed=1):
    """Images of which half is exactly zero and one pixel always is, as in digits, and labels."""
    rng = np.random.default_rng(seed)
    images = rng.random((n, n_in)) * rng.integers(0, 2, (n, n_in))
    images[:, 0] = 0
    return images, rng.integers(0, classes, n)


def flatten(gradients):
    return np.concatenate([array.ravel() for layer in gradients for array in layer])


def central_differences(network, images, labels, l2, places, step=1e-5):
    """d loss / d parameter, (loss(p + step) − loss(p − step)) / 2 step, at these places of ``flat``."""
    start, slopes = network.flat.copy(), []
    for i in places:
        moved = []
        for direction in (1, -1):
            network.flat[i] = start[i] + direction * step
            moved.append(network.loss(images, labels, l2))
        network.flat[i] = start[i]
        slopes.append((moved[0] - moved[1]) / (2 * step))
    return np.array(slopes)


def check_gradients(network, images, labels, l2):
    """Compare up to 30 numbers of every array of ``gradients`` with measured slopes."""
    loss, gradients = network.gradients(images, labels, l2)
    assert loss == pytest.approx(network.loss(images, labels, l2), rel=1e-12)
    exact, start, rng = flatten(gradients), 0, np.random.default_rng(2)
    for pair, slopes in zip(network.parameters, gradients, strict=True):
        assert [array.shape for array in slopes] == [array.shape for array in pair]
        for array in pair:
            places = start + rng.permutation(array.size)[:30]
            measured = central_differences(network, images, labels, l2, places)
            np.testing.assert_allclose(measured, exact[places], rtol=1e-6, atol=1e-8)
            start += array.size


# ---- gradients --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("hidden", [(), (5,), (5, 4)], ids=["no hidden", "one hidden", "two hidden"])
@pytest.mark.parametrize("l2", [0.0, 0.1])
@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradients_are_those_of_the_loss(activation, output, l2, hidden):
    check_gradients(small_network((6, *hidden, 3), activation, output), *small_set(), l2)


def test_gradients_are_fresh_arrays():
    network = small_network()
    images, labels = small_set()
    _, first = network.gradients(images, labels)
    kept = flatten(first)
    _, second = network.gradients(images, labels[::-1])
    assert not np.array_equal(flatten(second), kept)
    np.testing.assert_array_equal(flatten(first), kept)
    assert not any(np.shares_memory(array, network.flat) for layer in first for array in layer)


# ---- forward and loss -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("activation", "output"), KINDS)
def test_forward_is_the_formula_written_out(activation, output):
    network = small_network((4, 3, 2), activation, output)
    x = np.random.default_rng(2).random((5, 4))
    layers = network.activations(x)
    (W1, b1), (W2, b2) = network.parameters
    for i in range(5):
        z1 = [sum(x[i, k] * W1[k, j] for k in range(4)) + b1[j] for j in range(3)]
        h = [max(z, 0) if activation == "relu" else 1 / (1 + np.exp(-z)) for z in z1]
        z2 = np.array([sum(h[k] * W2[k, j] for k in range(3)) + b2[j] for j in range(2)])
        expected = np.exp(z2) / np.exp(z2).sum() if output == "softmax" else 1 / (1 + np.exp(-z2))
        np.testing.assert_allclose(network.forward(x)[i], expected)
        np.testing.assert_allclose(network.forward(x[i]), expected)
        for layer, row in zip(layers, (x[i], h, expected), strict=True):
            np.testing.assert_allclose(layer[i], row)


def test_losses_are_the_formulas_written_out():
    images, labels = small_set()
    network = small_network()
    p = network.forward(images)
    expected = -np.log(p[range(7), labels]).mean()
    assert network.loss(images, labels) == pytest.approx(expected)
    squares = sum((W**2).sum() for W, _ in network.parameters)
    assert network.loss(images, labels, 0.5) == pytest.approx(expected + 0.25 * squares)
    network = small_network(output="sigmoid")
    errors = network.forward(images) - np.eye(3)[labels]
    assert network.loss(images, labels) == pytest.approx((0.5 * (errors**2).sum(axis=1)).mean())


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_huge_scores_neither_overflow_nor_lose_the_loss(dtype):
    """RuntimeWarning is an error in the tests: an overflow in exp would end this one."""
    z = np.array([[1e4, 0, -1e4], [-1e4, -1e4, 1e4]], dtype)
    np.testing.assert_array_equal(softmax(z), [[1, 0, 0], [0, 0, 1]])
    np.testing.assert_array_equal(sigmoid(z), [[1, 0.5, 0], [0, 0, 1]])
    np.testing.assert_allclose(cross_entropy(z, np.array([2, 2])), [2e4, 0])
    assert softmax(z).dtype == sigmoid(z).dtype == dtype

    for activation, output in KINDS:
        network = small_network(activation=activation, output=output, dtype=dtype)
        network.flat[...] *= 1e5
        images, labels = small_set()
        loss, gradients = network.gradients(images, labels)
        assert np.isfinite(loss)
        assert np.isfinite(flatten(gradients)).all()


# ---- prediction -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("output", OUTPUTS)
def test_probabilities_add_up_to_one_and_agree_with_predict(output):
    network = small_network(output=output, dtype=np.float32)
    images, _ = small_set(50)
    p = network.probabilities(images)
    assert p.shape == (50, 3)
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_array_equal(network.predict(images), p.argmax(axis=1))
    np.testing.assert_allclose(network.probabilities(images[0]), p[0], rtol=1e-5)
    assert network.predict(images[0]) == network.predict(images)[0]
    network.flat[...] = 0
    network.parameters[-1][1][...] = -1e4  # a sigmoid network now says no to everything
    np.testing.assert_allclose(network.probabilities(images), 1 / 3)


def test_many_images_are_scored_as_few_are(new_network):
    """Large sets are walked through in pieces; the seams must not show."""
    network = new_network(dtype=np.float64)
    images, labels = small_set(network.at_once + 45, 784, 10)
    few = [network.probabilities(image) for image in images]
    np.testing.assert_allclose(network.probabilities(images), few, rtol=1e-11)
    losses = [network.loss(image, label) for image, label in zip(images, labels, strict=True)]
    assert network.loss(images, labels) == pytest.approx(np.mean(losses))
    assert network.gradients(images, labels)[0] == pytest.approx(np.mean(losses))


# ---- the forms that images may have -----------------------------------------------------------------------


def test_every_form_of_the_same_images_gives_the_same_answer(new_network):
    rng = np.random.default_rng(5)
    stored = rng.integers(0, 256, (6, 28, 28)).astype(np.uint8)
    network = new_network()
    expected = network.forward(stored)
    assert expected.shape == (6, 10)
    single = (stored / 255).astype(np.float32)
    for form in (stored.reshape(6, 784), stored / 255, single.reshape(6, 784), np.asfortranarray(stored)):
        np.testing.assert_allclose(network.forward(form), expected, rtol=1e-4)
    for one in (stored[2], stored[2].ravel(), stored[2] / 255, stored[2].ravel() / 255):
        assert network.forward(one).shape == network.probabilities(one).shape == (10,)
        np.testing.assert_allclose(network.forward(one), expected[2], rtol=1e-4)
    assert network.inputs(stored).max() == 1  # of 255
    np.testing.assert_array_equal(network.inputs(stored - 100.0), stored.reshape(6, 784) - 100.0)


@pytest.mark.parametrize(
    ("images", "error", "message"),
    [
        (np.zeros((3, 28, 27)), ValueError, r"\(3, 28, 27\).*\(N, 28, 28\)"),
        (np.zeros((3, 785)), ValueError, r"\(3, 785\).*\(N, 784\)"),
        (np.zeros((3, 1, 28, 28)), ValueError, r"\(3, 1, 28, 28\)"),
        (np.zeros((784, 3)), ValueError, r"\(784, 3\)"),
        (np.zeros(()), ValueError, r"\(\)"),
        (np.zeros((0, 28, 28), np.uint8), ValueError, "no images"),
        (np.zeros((3, 784), int), TypeError, "int64.*uint8"),
        (np.zeros((3, 784), bool), TypeError, "bool.*uint8"),
        (np.full((3, 784), "1"), TypeError, "uint8"),
        (np.full((3, 784), np.nan), ValueError, "NaN"),
        (np.full((3, 784), np.inf), ValueError, "infinity"),
        (np.full((3, 784), -1e300), ValueError, "from -1e[+]300 to -1e[+]300: scale them to 0..1"),
    ],
)
def test_images_that_do_not_fit_get_an_error_that_names_what_does(new_network, images, error, message):
    network, labels = new_network(), np.zeros(3, int)
    for call in (
        lambda: network.forward(images),
        lambda: network.predict(images),
        lambda: network.probabilities(images),
        lambda: network.activations(images),
        lambda: network.loss(images, labels),
        lambda: network.gradients(images, labels),
        lambda: train(network, images, labels, epochs=1, batch_size=2, learning_rate=0.1, progress=False),
    ):
        with pytest.raises(error, match=message):
            call()


@pytest.mark.parametrize(
    ("labels", "error", "message"),
    [
        ([0, 1], ValueError, r"\(2,\), expected \(3,\)"),
        ([[0], [1], [2]], ValueError, r"\(3, 1\), expected \(3,\)"),
        (np.eye(3)[[0, 1, 2]], ValueError, "argmax"),
        ([0, 1, 3], ValueError, "0 to 3.*classes 0 to 2"),
        ([0, -1, 2], ValueError, "-1 to 2"),
        ([0.0, 1.0, 2.0], TypeError, "float64.*integers"),
        ([True, False, True], TypeError, "bool"),
        (["0", "1", "2"], TypeError, "integers"),
    ],
)
def test_labels_that_do_not_fit_get_an_error_that_names_what_does(labels, error, message):
    network = small_network((6, 3))
    images, _ = small_set(3)
    with pytest.raises(error, match=message):
        network.loss(images, labels)
    with pytest.raises(error, match=message):
        network.gradients(images, labels)


# ---- construction -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("network", "factors"),
    [
        (Network((300, 400, 200, 50), seed=7), (2, 2, 1)),
        (Network((300, 400, 200, 50), "sigmoid", seed=7), (1, 1, 1)),
        (ConvNetwork((100, 50), (300,), seed=7), (2, 2, 2, 1)),
    ],
    ids=repr,
)
def test_initial_weights_have_the_variance_that_keeps_signals_alive(network, factors):
    for factor, (W, b) in zip(factors, network.parameters, strict=True):
        expected = factor / len(W)
        assert W.var() == pytest.approx(expected, rel=0.05)
        assert abs(W.mean()) < 0.05 * np.sqrt(expected)
        assert not b.any()


def test_the_seed_fixes_the_weights_in_either_precision():
    one, same, other = Network((5, 4, 3), seed=1), Network((5, 4, 3), seed=1), Network((5, 4, 3), seed=2)
    np.testing.assert_array_equal(one.flat, same.flat)
    assert not np.array_equal(one.flat, other.flat)
    double = Network((5, 4, 3), seed=1, dtype=np.float64)
    assert double.flat.dtype == double.forward(np.ones(5)).dtype == np.float64
    assert one.flat.dtype == one.forward(np.ones(5)).dtype == np.float32
    np.testing.assert_array_equal(double.flat.astype(np.float32), one.flat)


def test_repr_is_short_and_fixed():
    assert repr(Network((784, 128, 10))) == "Network(784-128-10, relu, softmax)"
    assert repr(Network([5, 2], "sigmoid", "sigmoid")) == "Network(5-2, sigmoid, sigmoid)"
    assert repr(ConvNetwork()) == "ConvNetwork(8-16 filters of 5 x 5, 128-10)"
    assert repr(ConvNetwork([3], (), size=3)) == "ConvNetwork(3 filters of 3 x 3, 10)"


def test_copies_and_pickles_go_their_own_way(new_network):
    network = new_network()
    images, _ = small_set(4, 784)
    expected = network.forward(images)
    for twin in (network.copy(), pickle.loads(pickle.dumps(network))):
        np.testing.assert_array_equal(twin.forward(images), expected)
        assert (type(twin), repr(twin), twin.dtype) == (type(network), repr(network), network.dtype)
        twin.flat[...] = 0  # must reach the twin's own weights, and only those
        assert not any(W.any() for W, _ in twin.parameters)
        np.testing.assert_array_equal(network.forward(images), expected)


NO_SIZES = [(), (784,), (784, 0, 10), (784, -3, 10), (784, 1), (784, 2.5, 10), "784", 784, (784, "10"), None]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        *(({"sizes": sizes}, r"sizes must .*784, 128, 10") for sizes in NO_SIZES),
        ({"activation": "tanh"}, "activation must be one of 'relu', 'sigmoid', not 'tanh'"),
        ({"output": "linear"}, "output must be one of 'softmax', 'sigmoid', not 'linear'"),
        ({"dtype": np.float16}, "dtype must be float32 or float64"),
        ({"dtype": "nonsense"}, "dtype must be float32 or float64"),
    ],
)
def test_options_that_make_no_sense_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        Network(**{"sizes": (4, 3)} | options)


# ---- files ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_saved_network_comes_back_exactly(tmp_path, dtype):
    for network in (*(small_network((9, 8, 7), *kind, dtype) for kind in KINDS), ConvNetwork(dtype=dtype)):
        network.save(tmp_path / "net.npz")
        for kind in (Network, ConvNetwork):  # whichever loads, it is what was saved
            loaded = kind.load(tmp_path / "net.npz")
            np.testing.assert_array_equal(loaded.flat, network.flat)
            assert (type(loaded), repr(loaded)) == (type(network), repr(network))
            assert loaded.dtype == loaded.flat.dtype == dtype
    assert list(tmp_path.iterdir()) == [tmp_path / "net.npz"]


def test_half_precision_halves_the_file_and_loads_as_float32(tmp_path):
    network = Network((50, 40, 10))
    network.save(tmp_path / "whole.npz")
    network.save(str(tmp_path / "half.npz"), dtype=np.float16)
    loaded = Network.load(str(tmp_path / "half.npz"))
    assert loaded.dtype == np.float32
    np.testing.assert_array_equal(loaded.flat, network.flat.astype(np.float16))
    assert (tmp_path / "half.npz").stat().st_size < 0.7 * (tmp_path / "whole.npz").stat().st_size
    network.flat[3] = 1e6
    with pytest.raises(ValueError, match="infinite"):
        network.save(tmp_path / "half.npz", dtype=np.float16)


def test_a_file_with_some_numbers_too_large_for_float32_loads_as_float64(whole, tmp_path):
    path = tmp_path / "mixed.npz"
    changed(W1=np.ones((4, 3), np.float32), W2=np.full((3, 2), 1e300))(whole, path)
    loaded = Network.load(path)
    assert loaded.dtype == np.float64
    assert loaded.flat.max() == 1e300


def test_saved_again_it_is_the_same_file_and_a_failed_save_leaves_it_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "net.npz"
    network = small_network()
    network.save(path)
    before = path.read_bytes()
    network.save(path)
    assert path.read_bytes() == before

    def fill_the_disk(file, **_):
        file.write(b"half of it")
        raise OSError("no space left on device")

    monkeypatch.setattr(np, "savez", fill_the_disk)
    with pytest.raises(OSError, match="no space"):
        network.save(path)
    network.flat[0] = np.nan
    with pytest.raises(ValueError, match="NaN"):
        network.save(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


class Bomb:
    """Unpickling this would raise ZeroDivisionError: code from the file had run."""

    def __reduce__(self):
        return (eval, ("1 / 0",))


@pytest.fixture
def whole(tmp_path):
    """The file of a small network."""
    small_network((4, 3, 2)).save(tmp_path / "whole.npz")
    return tmp_path / "whole.npz"


def changed(network=None, **changes):
    """A function that writes a network's file with some arrays replaced, or left out if None."""

    def write(whole, path):
        if network:
            network.save(whole)
        with np.load(whole) as file:
            arrays = dict(file) | changes
        np.savez(path, **{name: array for name, array in arrays.items() if array is not None})

    return write


def holding(content):
    """A function that writes a file of these bytes."""
    return lambda _, path: path.write_bytes(content)


def cut_short(whole, path):
    path.write_bytes(whole.read_bytes()[:-200])


def bit_flipped(whole, path):
    content = bytearray(whole.read_bytes())
    weights = small_network((4, 3, 2)).parameters[0][0].tobytes()
    content[content.index(weights) + 5] ^= 1
    path.write_bytes(content)


def zip_of_text(_, path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "hello")


def petabytes_claimed(_, path):
    header = {"descr": "<f8", "fortran_order": False, "shape": (10**9, 10**6)}
    with zipfile.ZipFile(path, "w") as archive, archive.open("W1.npy", "w") as file:
        np.lib.format.write_array_header_1_0(file, header)


FILTERS = ConvNetwork((2, 3), (4,))


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (holding(pickle.dumps(Bomb())), "not an .npz"),
        (changed(W1=np.array([Bomb()], object)), "allow_pickle|[Oo]bject arrays"),
        (holding(b"\x93NUMPY"), "not an .npz"),
        (holding(b""), "not an .npz"),
        (holding(b"<html>not found</html>"), "not an .npz"),
        (holding(b"PK\x03\x04, but nothing else"), "damaged"),
        (cut_short, "damaged"),
        (bit_flipped, "damaged"),
        (zip_of_text, "readme.txt is not an array"),
        (petabytes_claimed, "damaged"),
        (changed(sizes=None), "'sizes' is missing"),
        (changed(output=None), "'output' is missing"),
        (changed(W2=None), "missing arrays.*W2"),
        (changed(b3=np.zeros(2)), "unexpected arrays.*b3"),
        (changed(b1=np.zeros((3, 1))), r"b1 has shape \(3, 1\), expected \(3,\)"),
        (changed(W1=np.zeros((4, 3), int)), "W1 has dtype int64"),
        (changed(b2=np.array([0, np.nan])), "b2 contains NaN"),
        (changed(sizes=np.array([4, 3])), "unexpected arrays.*W2"),
        (changed(sizes=np.array([4.0, 3.0, 2.0])), "whole numbers"),
        (changed(sizes=np.full(10**6, 3)), "more than 1,000 layers"),
        (changed(sizes=np.array([10**9, 10**9, 2])), "W1 has shape"),
        (changed(activation=np.array("tanh")), "'tanh'"),
        (changed(output=np.array(3)), "output must"),
        (changed(FILTERS, size=None), "'size' is missing"),
        (changed(FILTERS, W1=np.zeros((5, 5, 1, 2))), r"W1 has shape \(5, 5, 1, 2\), expected \(25, 2\)"),
        (changed(FILTERS, filters=np.array([2, 0])), "filters must be whole numbers from 1 up"),
        (changed(FILTERS, filters=np.array([2, 10**9])), "W2 has shape"),
        (changed(FILTERS, size=np.array("five")), "size must be a whole number"),
    ],
)
def test_a_file_that_is_no_whole_network_is_refused_by_name(whole, write, message):
    path = whole.with_name("broken.npz")
    write(whole, path)
    with pytest.raises(ValueError, match=rf"(?s)broken\.npz.*({message})"):
        Network.load(path)


def test_a_file_that_is_not_there_is_an_oserror(tmp_path):
    with pytest.raises(FileNotFoundError):
        Network.load(tmp_path / "nowhere.npz")
