"""The pad on the website, which has no kernel: it must say what Python says, on the same strokes."""

import io
import json
import zipfile

import numpy as np
import pytest
from conftest import Hand

from mnistlib import Network, load_data, pretrained
from mnistlib.pad import SketchPad
from mnistlib.pad.sketchpad import in_words
from mnistlib.pen import rasterise, sample_strokes

pytestmark = pytest.mark.site

CANVAS = 280
SETTINGS = [(box, centre) for box in (True, False) for centre in (True, False)]
PENS = (2.5, 1.2, 3.7)


@pytest.fixture(scope="module")
def page(browser, site):
    page = browser.new_context(viewport={"width": 1280, "height": 1200}).new_page()
    page.set_default_timeout(120_000)  # milliseconds
    page.mistakes = []
    page.on("pageerror", lambda error: page.mistakes.append(str(error)))
    page.goto(f"{site.url}index.html")
    yield page
    assert page.mistakes == []
    page.context.close()


@pytest.fixture(scope="module")
def hand(page):
    return Hand(page)


def drawings(count, seed=0):
    """Lists of strokes in the pad's units: samples, every third one shrunk, displaced and shaken."""
    rng = np.random.default_rng(seed)
    made = []
    for n in range(count):
        strokes = [np.round(stroke, 1) for stroke in sample_strokes(n % 10, seed=1000 + n)]
        if n % 3 == 2:
            scale, place = rng.uniform(0.2, 0.7), rng.uniform(-20, 120, 2)
            strokes = [np.round(s * scale + place + rng.normal(0, 2, s.shape), 1) for s in strokes]
        made.append([stroke.tolist() for stroke in strokes])
    return made


ODD = {
    "nothing": [],
    "only empty strokes": [[], []],
    "a dot": [[[140, 140]]],
    "two dots": [[[10, 10]], [[270, 200]]],
    "a point twice": [[[50, 60], [50, 60]]],
    "a straight line": [[[20, 140], [260, 140]]],
    "far outside": [[[-1e6, 140], [1e6, 150]]],
    "beside the paper": [[[400, 400], [500, 500]]],
    "a scribble of over 20,000 spots": [np.random.default_rng(0).uniform(0, 280, (900, 2)).tolist()],
}


def test_images_are_pythons_to_the_byte(page):
    """50 drawings and all odd ones, with every setting of the two switches, with three pens."""
    named = {f"drawing {number}": strokes for number, strokes in enumerate(drawings(50))} | ODD
    cases = [
        (name, strokes, {"box": box, "centre": centre, "width": pen})
        for name, strokes in named.items()
        for box, centre in SETTINGS
        for pen in PENS
    ]
    script = """async (cases) => {
        const { rasterise } = await import("./_static/pen.js");
        return cases.map(([name, ...argument]) => [...rasterise(...argument)]);
    }"""
    for (name, strokes, options), theirs in zip(cases, page.evaluate(script, cases), strict=True):
        ours = rasterise(strokes, canvas=CANVAS, **options)
        assert theirs == ours.ravel().tolist(), (name, options)


def test_probabilities_and_words_are_pythons(page):
    images = np.array([rasterise(strokes) for strokes in drawings(200, seed=1)])
    ours = pretrained().probabilities(images)
    rng = np.random.default_rng(3)  # words for every degree of certainty
    more = [p for power in (1, 3, 9, 27) for p in rng.dirichlet(np.ones(10) / power, 50)]
    script = """async ([images, more]) => {
        const { Network } = await import("./_static/network.js");
        const { inWords } = await import("./_static/pad-model.js");
        const file = await fetch("./_static/digits.npz");
        const network = Network.fromNpz(await file.arrayBuffer());
        const answers = images.map((image) => network.activations(image).at(-1));
        return [answers, [...answers, ...more].map(inWords)];
    }"""
    theirs, words = page.evaluate(script, [images.reshape(-1, 784).tolist(), np.array(more).tolist()])
    np.testing.assert_allclose(theirs, ours, atol=1e-5, rtol=0)
    assert words == [in_words(p) for p in (*ours, *more)]
    assert {says.split()[0] for says in words} == {"This", "Probably", "Hard"}


def test_a_saved_network_is_read(page, tmp_path):
    """Sigmoid layers and float32, as learners save theirs."""
    network = Network((784, 12, 10), activation="sigmoid", output="sigmoid", seed=4)
    network.save(tmp_path / "mine.npz")
    images = np.array([rasterise(strokes) for strokes in drawings(10)])
    script = """async ([bytes, images]) => {
        const { Network } = await import("./_static/network.js");
        const network = Network.fromNpz(new Uint8Array(bytes).buffer);
        return images.map((image) => [...network.activations(image).at(-1)]);
    }"""
    argument = [list((tmp_path / "mine.npz").read_bytes()), images.reshape(-1, 784).tolist()]
    np.testing.assert_allclose(page.evaluate(script, argument), network.probabilities(images), atol=1e-5)


def test_drawn_with_the_mouse_it_says_what_the_notebooks_pad_says(hand):
    pad = SketchPad(pretrained(), save_to=None)
    for digit in (2, 7, 5):
        hand.clear()
        hand.draw(sample_strokes(digit, seed=9))
        hand.settle()
        pad.strokes = hand.page.evaluate(
            """() => [...document.querySelectorAll('.mnist-pad-ink path')].map((path) =>
                path.getAttribute('d').slice(1).split('L').map((point) => point.split(' ').map(Number)))"""
        )
        assert hand.says() == pad.says
        assert hand.image() == pad.image.ravel().tolist()
    hand.press("8")
    assert hand.digit() == 8


def test_the_slopes_under_the_pointer(page):
    """What a neuron looks for is the slope of its sum: measured here by changing one pixel at a time."""
    script = """async () => {
        const { Network } = await import("./_static/network.js");
        const { NetworkPicture } = await import("./_static/network-picture.js");
        const layer = (n, m, k) => ({
            W: Float32Array.from({ length: n * m }, (_, i) => 3 * Math.sin(k * (i + 1))),
            b: Float32Array.from({ length: m }, (_, j) => Math.cos(k * j) / 4),
        });
        const network = new Network({ layers: [layer(16, 12, 1), layer(12, 11, 2), layer(11, 10, 3)] });
        const image = Uint8Array.from({ length: 16 }, (_, i) => (i * 97) % 256);
        const last = network.layers.at(-1);
        const sum = (image) => last.b[4] + network.activations(image).at(-2)
            .reduce((total, x, i) => total + x * last.W[10 * i + 4], 0);
        const measured = [...image.keys()].map((i) => {
            const other = (change) => Array.from(image, (ink, j) => ink + (i === j ? change : 0));
            return (sum(other(1)) - sum(other(-1))) / 2 * 255;
        });
        const model = { network, on() {}, get: () => ({ activations: network.activations(image) }) };
        const picture = new NetworkPicture(document.createElement("div"), model);
        return [measured, [...picture.slopes(3, 4)]];
    }"""
    measured, slopes = page.evaluate(script)
    assert np.abs(measured).max() > 0.5
    np.testing.assert_allclose(slopes, measured, atol=0.01)


def test_pointing_at_a_neuron_and_walking_with_the_arrow_keys(page, hand):
    hand.press("3")
    hand.settle()
    words, picture = page.locator(".network-words"), page.locator(".network-picture")
    picture.scroll_into_view_if_needed()
    box = picture.bounding_box()
    page.mouse.move(box["x"] + 0.4 * box["width"], box["y"] + 0.6 * box["height"])
    assert "of hidden layer 1 gives" in words.inner_text()
    page.mouse.move(box["x"], box["y"] + box["height"] + 50)
    assert "Point at one" in words.inner_text()
    picture.focus()
    page.keyboard.press("ArrowRight")
    assert words.inner_text().startswith("Neuron 1 of hidden layer 1")
    page.keyboard.press("PageDown")
    page.keyboard.press("PageDown")
    page.keyboard.press("ArrowRight")
    assert words.inner_text().startswith("The output for 1 gives")


def test_kept_digits_survive_a_reload_and_load_data_reads_them(page, hand, tmp_path):
    page.evaluate("() => localStorage.clear()")
    page.reload()
    expected = []
    for digit, label in ((3, 3), (5, 5), (3, 3), (8, 1)):
        hand.press("Escape", str(digit))
        hand.settle()
        expected.append((label, hand.image()))
        hand.pad.locator(f"[data-label='{label}']").click()
    hand.button("Take back").click()
    expected.pop()
    page.reload()
    assert "3 digits kept in this browser." in hand.text("kept")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Take them along").click()
    with zipfile.ZipFile(io.BytesIO(waiting.value.path().read_bytes())) as file:
        assert file.testzip() is None
        file.extractall(tmp_path)

    digits = load_data(tmp_path)
    assert digits.train_labels.tolist() == [3, 5]
    assert digits.test_labels.tolist() == [3]
    found = [*digits.train_images, *digits.test_images]
    assert [image.ravel().tolist() for image in found] == [image for _, image in expected]
    assert SketchPad(save_to=tmp_path).collected[1].tolist() == [3, 5, 3]  # and drawings.json
    assert json.loads((tmp_path / "drawings.json").read_text())["drawings"][0]["label"] == 3
