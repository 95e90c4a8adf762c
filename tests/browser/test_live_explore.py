"""Explorations on the website, which has no kernel: they must say and draw what Python does."""

import numpy as np
import pytest

from mnistlib.explore import Neuron, Softmax, Steps, Valley
from mnistlib.explore.base import Picture

pytestmark = pytest.mark.site

MODULE = "../_static/live-explore.js"
CALL = """async ([module, name, cases]) => {
    const it = await import(module);
    return cases.map((argument) => it[name](argument));
}"""
PAGE = {Neuron: "03-random-network", Softmax: "07-softmax-cross-entropy", Steps: "04-naive-backpropagation"}


@pytest.fixture(scope="module")
def page(browser, site):
    page = browser.new_context(viewport={"width": 1280, "height": 1000}).new_page()
    page.set_default_timeout(120_000)  # milliseconds
    page.mistakes = []
    page.on("pageerror", lambda error: page.mistakes.append(str(error)))
    yield page
    assert page.mistakes == []
    page.context.close()


def visit(page, site, notebook, kind):
    """Open a notebook's page and its folded outputs; the exploration of a kind, once it is alive."""
    page.goto(f"{site.url}notebooks/{notebook}.html")
    page.evaluate("() => document.querySelectorAll('details').forEach((it) => { it.open = true; })")
    found = page.locator(f".live-exploration[data-kind='{kind}'][data-alive]")
    found.wait_for()
    return found


@pytest.fixture
def unseen(monkeypatch):
    """Python's explorations without the time that their pictures take."""
    monkeypatch.setattr(Picture, "show", lambda self, figure, alt: setattr(self, "alt", alt))


def places(knobs, reach):
    """Where sliders may stand: the ends, the middle, equal ones, and by chance; (n, knobs) in tenths."""
    chance = np.random.default_rng(1).integers(-10 * reach, 10 * reach + 1, (80, knobs)) / 10
    corners = np.stack(np.meshgrid(*[[-reach, 0.0, reach]] * knobs), axis=-1).reshape(-1, knobs)
    return np.vstack([chance, corners]).tolist()


@pytest.mark.parametrize(("kind", "knobs", "reach"), [(Neuron, 3, 4), (Softmax, 4, 6)])
def test_the_words_are_pythons(page, site, unseen, kind, knobs, reach):
    visit(page, site, PAGE[kind], kind.__name__)
    cases = places(knobs, reach)
    theirs = page.evaluate(CALL, [MODULE, f"{kind.__name__.lower()}InWords", cases])
    assert theirs == [kind(*case).says for case in cases]


def test_a_neurons_slider_moves_its_words_and_its_dot(page, site):
    live = visit(page, site, PAGE[Neuron], "Neuron")
    assert live.locator(".mnist-words").inner_text() == Neuron(-2, 3, 0).says
    live.locator("input").nth(2).focus()
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    neuron = Neuron(-2, 3, 1)
    assert live.locator(".mnist-words").inner_text() == neuron.says
    for svg, picture in zip(live.locator("svg[role]").all(), neuron.pictures(), strict=True):
        assert svg.get_attribute("aria-label") == picture.alt
    # In the sigmoid's picture x goes from 40 to 290 for −4 to 4, a from 215 to 30 for −0.1 to 1.1.
    dot = live.locator(".dot").first
    x, a = float(dot.get_attribute("cx")), float(dot.get_attribute("cy"))
    assert (x - 40) / 250 * 8 - 4 == pytest.approx(1)
    assert (215 - a) / 185 * 1.2 - 0.1 == pytest.approx(neuron.outputs["sigmoid"])


def test_softmaxs_bars_are_the_probabilities(page, site):
    live = visit(page, site, PAGE[Softmax], "Softmax")
    live.locator("input").nth(1).press("End")
    softmax = Softmax(2, 6, 0, -3)
    assert live.locator(".mnist-words").inner_text() == softmax.says
    widths = [float(bar.get_attribute("width")) / 500 for bar in live.locator("rect").all()]
    np.testing.assert_allclose(widths[0::2], softmax.probabilities, rtol=1e-6)
    np.testing.assert_allclose(widths[1::2], Softmax(2, 1, 0, -3).probabilities, rtol=1e-6)


def test_the_steps_are_walked_through(page, site):
    live = visit(page, site, PAGE[Steps], "steps")
    words, picture = live.locator(".mnist-words").first, live.locator("img")
    assert words.inner_text().startswith("8 of 8")
    assert live.get_by_role("button", name="Next").is_disabled()
    seen = [picture.get_attribute("src")]
    for number in range(7, 0, -1):
        live.get_by_role("button", name="Back").click()
        assert words.inner_text().startswith(f"{number} of 8")
        assert live.locator("table").is_visible()
        seen.append(picture.get_attribute("src"))
    assert len(set(seen)) == 8
    assert live.get_by_role("button", name="Back").is_disabled()


@pytest.mark.parametrize(
    ("notebook", "kind", "steepness"),
    [("04-naive-backpropagation", "valley-2", (1, 10)), ("06-architecture-tuning", "valley-1", (1,))],
)
def test_a_valleys_rate_is_turned(page, site, unseen, notebook, kind, steepness):
    live = visit(page, site, notebook, kind)
    words, slider = live.locator(".mnist-words").first, live.locator("input")
    assert words.inner_text() == Valley(steepness, rate=float(live.locator("output").inner_text())).says
    for key, rate in (("Home", 0.1), ("End", 2.4)):
        slider.press(key)
        valley = Valley(steepness, rate=rate / max(steepness))
        assert words.inner_text() == valley.says
        assert valley.says in live.locator("img").get_attribute("alt")
