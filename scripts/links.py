"""The front doors: write the links to Binder and Colab, and Colab's first cell, from one setting.

usage: python scripts/links.py [--check]

The setting is [tool.course] in pyproject.toml: `repository`, this repository's address, and `branch`. From it
come README's links and `git clone` line, and two cells that stand below the head of every notebook: one with
its links, and one that fetches the course where Google Colab has opened the notebook alone. As long as
`repository` is empty no links are written, and "<this repository>" stands for the address. --check writes
nothing, names the files that are not up to date, and fails if there are any.
"""

import json
import os
import re
import sys
import tomllib
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parent.parent
PLACEHOLDER = "<this repository>"
START, END = "<!-- from here to the next mark: scripts/links.py -->\n", "<!-- end -->\n"
CELLS = ("front-doors", "colab")  # the ids of the two cells

# Colab has a Jupyter of its own; another version beside it would do harm.
COLABS_OWN = {"jupyterlab", "ipywidgets"}

COLAB_CELL = """\
# For Google Colab only: fetches the rest of the course
import os
import subprocess
import sys

if "google.colab" in sys.modules and not os.path.isdir("../mnistlib"):
    fetch = "test -d course || git clone --quiet --depth 1 {branch} '{repository}' course"
    install = "pip install --quiet {packages}"
    subprocess.run(f"{{fetch}} && {{install}}", shell=True, check=True)
    os.chdir("course/notebooks")
    sys.path.insert(0, os.path.abspath(".."))"""


def settings(root):
    """(repository, branch) as set in pyproject.toml; repository is "" as long as it is not known."""
    course = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["course"]
    repository, branch = course["repository"].removesuffix("/").removesuffix(".git"), course["branch"]
    if repository and not re.fullmatch(r"https://[\w.-]+(:\d+)?(/[\w.~-]+){2,}", repository):
        sys.exit(f"pyproject.toml: repository = {repository!r} is not like https://github.com/owner/name")
    if not re.fullmatch(r"[\w.-]+(/[\w.-]+)*", branch):
        sys.exit(f"pyproject.toml: branch = {branch!r} is not the name of a branch")
    return repository, branch


def colab_packages(root):
    """The names of mnistlib's dependencies that pip may install in Colab, where it lacks them."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = [re.match(r"[\w.-]+", line)[0] for line in project["dependencies"]]
    return [name for name in names if name not in COLABS_OWN]


def binder_link(repository, branch, page):
    """The address at which Binder starts JupyterLab with a page of this repository."""
    host, path = repository.removeprefix("https://").split("/", 1)
    if host == "github.com":
        source = f"gh/{path}"
    elif host == "gitlab.com":
        source = f"gl/{quote(path, safe='')}"
    else:
        source = f"git/{quote(repository, safe='')}"
    lab = quote(f"lab/tree/{page}", safe="")
    return f"https://mybinder.org/v2/{source}/{quote(branch, safe='')}?urlpath={lab}"


def colab_link(repository, branch, page):
    """The address at which Colab opens a notebook of this repository; None if it is not on GitHub."""
    if not repository.startswith("https://github.com/"):
        return None
    path = repository.removeprefix("https://github.com/")
    return f"https://colab.research.google.com/github/{path}/blob/{branch}/{page}"


def head_cells(name, root):
    """The two cells of the notebook of that file name, as the dicts that are stored."""
    repository, branch = settings(root)
    page = f"notebooks/{name}"
    words = "*Only Google Colab needs the next cell: it fetches the course. Anywhere else it does nothing.*"
    if repository:
        links = [f"[Binder]({binder_link(repository, branch, page)})"]
        if colab_link(repository, branch, page):
            links.append(f"[Colab]({colab_link(repository, branch, page)})")
        words = f"Open this notebook in {' or '.join(links)}. {words}"
    code = COLAB_CELL.format(
        repository=repository or PLACEHOLDER,
        branch=f"--branch {branch}",
        packages=" ".join(colab_packages(root)),
    )
    # Folded in JupyterLab and Notebook 7: it is no part of the lesson.
    return [
        {"cell_type": "markdown", "id": CELLS[0], "metadata": {}, "source": lines(words)},
        {
            "cell_type": "code",
            "execution_count": None,
            "id": CELLS[1],
            "metadata": {"jupyter": {"source_hidden": True}},
            "outputs": [],
            "source": lines(code),
        },
    ]


def lines(text):
    """A cell's source as it is stored: a list of lines."""
    return text.splitlines(keepends=True)


def with_head_cells(notebook, name, root):
    """The notebook, as a dict, with its two cells below the first one. One that has run keeps its number."""
    cells = head_cells(name, root)
    rest = [cell for cell in notebook["cells"] if cell.get("id") not in CELLS]
    for old in notebook["cells"]:
        if old.get("id") == CELLS[1] and old["source"] == cells[1]["source"]:
            cells[1]["execution_count"] = old["execution_count"]
    return {**notebook, "cells": [rest[0], *cells, *rest[1:]]}


def with_readme_links(text, root):
    """README's text with the links, and with the address in its `git clone` line."""
    repository, branch = settings(root)
    pages = [f"notebooks/{path.name}" for path in notebooks(root)]
    if not repository:
        block = (
            "Links to Binder and Google Colab stand here once this repository's address is known:\n"
            "`scripts/links.py` writes them.\n"
        )
    else:
        block = "In the browser, with nothing to install: "
        block += f"[the course on Binder]({binder_link(repository, branch, pages[0])})"
        colab = [f"[{Path(page).name[:2]}]({colab_link(repository, branch, page)})" for page in pages]
        if colab_link(repository, branch, pages[0]):
            block += ",\nor one notebook at a time in Google Colab:\n" + " ·\n".join(colab)
        block += ".\n"
    before, _, rest = text.partition(START)
    _, end, after = rest.partition(END)
    if not end:
        sys.exit(f"README.md: the marks {START.strip()} and {END.strip()} are missing")
    before, after = (
        re.sub(r"(?m)^( +git clone ).*( mnist-from-scratch)$", rf"\1{repository or PLACEHOLDER}\2", part)
        for part in (before, after)
    )
    return before + START + block + END + after


def notebooks(root):
    """The lessons' paths."""
    return sorted((root / "notebooks").glob("[0-9]*.ipynb"))


def with_code(root):
    """The paths of the pages that run code of the course: all but the glossary, which is only read."""
    return [path for path in sorted((root / "notebooks").glob("*.ipynb")) if path.name != "glossary.ipynb"]


def up_to_date(root):
    """{path: text} of the files as they should be."""
    readme = root / "README.md"
    texts = {readme: with_readme_links(readme.read_text(encoding="utf-8"), root)}
    for path in with_code(root):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        notebook = with_head_cells(notebook, path.name, root)
        texts[path] = json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
    return texts


def main(arguments):
    changed = [
        (path, text) for path, text in up_to_date(ROOT).items() if path.read_text(encoding="utf-8") != text
    ]
    for path, text in changed:
        print(f"{path.relative_to(ROOT)}: {'not up to date' if '--check' in arguments else 'written'}")
        if "--check" not in arguments:
            temporary = path.with_suffix(".tmp")
            temporary.write_text(text, encoding="utf-8")
            os.replace(temporary, path)
    if changed and "--check" in arguments:
        sys.exit("run scripts/links.py")


if __name__ == "__main__":
    main(sys.argv[1:])
