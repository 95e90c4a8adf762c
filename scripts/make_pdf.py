"""The course as one PDF, build/course.pdf: all pages of the website in a row, printed by headless Chromium.

usage: python scripts/make_pdf.py        (after make_site.py; `make pdf` does both)

Answers and solutions, which are folded on the website, are open in it. Links between the pages lead to pages
of the PDF, and the reader's program shows its headings as an outline.
"""

from browser import chromium
from common import ROOT
from make_site import run_sphinx

PAGE, PDF = ROOT / "build" / "pdf", ROOT / "build" / "course.pdf"
PREPARE = """async () => {
    // Sphinx puts all pages into the last section of the first: take them out, and raise their headings.
    const article = document.querySelector('article section');
    const contents = document.createElement('nav');
    for (const pages of document.querySelectorAll('.toctree-wrapper')) {
        article.append(pages);
        for (const old of pages.querySelectorAll('h3, h4, h5, h6')) {
            const heading = document.createElement(`h${old.tagName[1] - 2}`);
            old.querySelector('.headerlink')?.remove();
            heading.append(...old.childNodes);
            old.replaceWith(heading);
            if (heading.tagName !== 'H1') continue;
            const link = document.createElement('a');
            contents.append(link, document.createElement('br'));
            link.href = `#${heading.closest('section').id}`;
            link.textContent = heading.textContent;
        }
    }
    contents.prepend(document.createElement('h2'));
    contents.firstChild.textContent = 'Contents';
    article.querySelector('section').before(contents);

    for (const details of document.querySelectorAll('details')) details.open = true;
    for (const link of [...document.links]) { // what only a web server has
        if (link.origin === location.origin && !link.hash) link.removeAttribute('href');
    }
    for (const image of document.images) image.loading = 'eager';
    await MathJax.startup.promise;
    await Promise.all([...document.images].map((image) => image.decode()));
    await document.fonts.ready;
}"""
FOOTER = """<div style="width: 100%; text-align: center; font: 8pt sans-serif">
    <span class="pageNumber"></span></div>"""


def main():
    run_sphinx(PAGE, "-b", "singlehtml")
    with chromium(PAGE, color_scheme="light") as page:
        page.set_default_timeout(300_000)  # milliseconds: it is one long page
        page.goto("index.html")
        page.evaluate(PREPARE)
        page.wait_for_timeout(2000)  # the pads have drawn their samples
        page.pdf(
            path=PDF,
            format="A4",
            margin={"top": "15mm", "bottom": "18mm", "left": "18mm", "right": "18mm"},
            display_header_footer=True,
            header_template="<span></span>",
            footer_template=FOOTER,
            print_background=True,
            outline=True,
            tagged=True,
        )
    print(f"{PDF.relative_to(ROOT)}: {PDF.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
