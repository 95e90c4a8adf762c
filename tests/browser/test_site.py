"""The website as `make site` builds it: every page is opened in Chromium, and every link looked up."""

import re
from urllib.parse import unquote, urldefrag, urljoin

import pytest
from course import PAGES

pytestmark = pytest.mark.site

PHONE = {"width": 360, "height": 740}
SETTLED = """async () => {
    await window.MathJax?.startup?.promise;
    for (const image of document.images) image.loading = 'eager';
    await Promise.all([...document.images].map((image) => image.decode()));
    const pads = document.querySelectorAll('.live-pad').length;
    while (document.querySelectorAll('.live-pad .mnist-pad[data-answered]').length < pads)
        await new Promise(done => setTimeout(done, 50));
}"""


@pytest.fixture
def page(browser):
    """A page of a phone's size."""
    context = browser.new_context(viewport=PHONE)
    context.set_default_timeout(120_000)  # milliseconds; on a busy machine a long page takes its time
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def pages(site):
    """{path within the site: (its links, what can be linked to on it)} of every page that Sphinx made."""
    from bs4 import BeautifulSoup  # the theme needs it as well

    found = {}
    for path in site.folder.rglob("*.html"):
        name = path.relative_to(site.folder)
        if name.parts[0] != "lite":
            page = BeautifulSoup(path.read_bytes(), "html.parser")
            links = [tag["href"] for tag in page.find_all("a", href=True)]
            found[name.as_posix()] = links, {tag["id"] for tag in page.find_all(id=True)}
    return found


def test_every_notebook_and_text_has_its_page(pages):
    expected = {f"notebooks/{path.stem}.html" for path in PAGES}
    assert expected | {"index.html", "docs/teaching.html", "docs/classroom.html"} <= set(pages)


def test_every_link_leads_somewhere(site, pages):
    broken = []
    for name, (links, _) in pages.items():
        for link in links:
            address, anchor = urldefrag(urljoin(name, link))
            if re.match(r"[a-z]+:", address):
                continue  # another site, and the reader's choice
            target = unquote(address.partition("?")[0])
            there = (site.folder / target).is_file() and not target.endswith((".ipynb", ".md"))
            if there and anchor and target in pages:
                there = unquote(anchor) in pages[target][1]
            if not there:
                broken.append((name, link))
    assert not broken


def test_every_page_on_a_phone(page, site, pages):
    """Nothing from elsewhere, nothing missing, no formula left raw, nothing wider than the screen."""
    foreign, failed, mistakes = [], [], []
    page.on("request", lambda request: foreign.append(request.url) if not site.own(request.url) else None)
    page.on("response", lambda reply: failed.append(reply.url) if reply.status >= 400 else None)
    page.on("pageerror", lambda error: mistakes.append(str(error)))
    formulas = 0
    for name in pages:
        page.goto(site.url + name)
        page.evaluate(SETTLED)
        formulas += page.locator("mjx-container").count()
        raw = page.locator(".math").count() - page.locator(".math mjx-container").count()
        if raw or page.locator("mjx-merror").count():
            mistakes.append(f"{name}: {raw} formulas were not set")
        unnamed = page.locator("article img:not([alt]), article img[alt='']").count()
        if unnamed:
            mistakes.append(f"{name}: {unnamed} pictures have no alternative text")
        width = page.evaluate("() => document.documentElement.scrollWidth")
        if width > PHONE["width"]:
            mistakes.append(f"{name}: {width} pixels wide")
    assert (foreign, failed, mistakes) == ([], [], [])
    assert formulas > 100  # otherwise MathJax was not there at all


def test_the_copy_button_and_the_search(page, site):
    page.goto(f"{site.url}search.html?q=softmax")
    page.locator("#search-results li a").first.wait_for()
    assert page.locator("#search-results li a[href*='07-softmax']").count() > 0
    page.goto(f"{site.url}notebooks/01-numpy-quickstart.html")
    assert page.locator("button.copybtn").count() > 10


def test_answers_are_folded(page, site):
    page.goto(f"{site.url}notebooks/04-naive-backpropagation.html")
    page.evaluate(SETTLED)
    answer = page.locator("article details").first
    assert answer.get_attribute("open") is None
    answer.locator("summary").click()
    assert answer.get_attribute("open") is not None
