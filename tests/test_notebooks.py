"""The notebooks as they are stored: a learner finds the way, and every output is clean."""

import re
from urllib.parse import unquote

import pytest
from course import NOTEBOOKS, ROOT, exercises, prose, read

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "data" / "README.md", *ROOT.glob("docs/*.md")]
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
PICTURE = re.compile(r"!\[([^\]]*)\]\(")
HTML_LINK = re.compile(r"<(?:a|img)\b[^>]*?\b(?:href|src)=\"([^\"]+)\"")
FENCED = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
IN_LINE_CODE = re.compile(r"`[^`\n]*`")
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:home|Users|root|work|tmp|mnt|private|usr|var)/\w|\b[A-Z]:\\+\w")
ADDRESS = re.compile(r"\bat 0x[0-9a-f]{6}")

each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)


def code_cells(path):
    return [cell for cell in read(path)["cells"] if cell["cell_type"] == "code"]


def outputs(path):
    """Pairs of a cell's number of execution and one of its outputs."""
    return [(cell["execution_count"], output) for cell in code_cells(path) for output in cell["outputs"]]


def text_of(output):
    """All that an output says in words."""
    parts = [output.get("text", "")]
    parts += [value for kind, value in output.get("data", {}).items() if kind.startswith("text/")]
    return "".join("".join(part) for part in parts)


def targets(markdown):
    """The relative links and pictures of a page, without the examples in its code."""
    plain = IN_LINE_CODE.sub("", FENCED.sub("", markdown))
    found = LINK.findall(plain) + HTML_LINK.findall(plain)
    return [unquote(link.split("#")[0]) for link in found if not re.match(r"[a-z]+:|#", link)]


# ---- the way through the course ---------------------------------------------------------------------------


def test_the_course_is_here():
    assert [path.name[:2] for path in NOTEBOOKS] == [f"{n:02}" for n in range(1, len(NOTEBOOKS) + 1)]
    assert NOTEBOOKS


@each_notebook
def test_opens_with_title_goal_needs_and_time(path):
    first = read(path)["cells"][0]
    assert first["cell_type"] == "markdown"
    assert re.match(rf"# {path.name[:2]} · \S", first["source"])
    assert re.search(r"^\*\*You will build\*\* \S", first["source"], re.MULTILINE)
    assert re.search(r"^\*\*You need\*\* \S", first["source"], re.MULTILINE)
    assert re.search(r"^\*\*Time\*\* about \d+ minutes", first["source"], re.MULTILINE)


@each_notebook
def test_has_one_title(path):
    assert len(re.findall(r"^# ", FENCED.sub("", prose(read(path))), re.MULTILINE)) == 1


@each_notebook
def test_ends_with_recap_what_is_missing_and_the_way_on(path):
    last = read(path)["cells"][-1]
    assert last["cell_type"] == "markdown"
    assert "## Recap\n" in last["source"]
    assert "**What we still can't do:**" in last["source"]
    place = NOTEBOOKS.index(path)
    way_on = NOTEBOOKS[(place + 1) % len(NOTEBOOKS)].name  # from the last one back to the first
    assert re.search(rf"→ [^\[]*\[[^\]]+\]\({way_on}\)", last["source"])
    if place > 0:
        assert re.search(rf"← \[[^\]]+\]\({NOTEBOOKS[place - 1].name}\)", last["source"])


@each_notebook
def test_links_lead_somewhere(path):
    missing = [link for link in targets(prose(read(path))) if not (path.parent / link).exists()]
    assert not missing


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_of_the_pages_lead_somewhere(page):
    missing = [
        link for link in targets(page.read_text(encoding="utf-8")) if not (page.parent / link).exists()
    ]
    assert not missing


def test_readme_leads_to_every_notebook():
    links = targets((ROOT / "README.md").read_text(encoding="utf-8"))
    assert {path.relative_to(ROOT).as_posix() for path in NOTEBOOKS} <= set(links)


# ---- what a learner sees ----------------------------------------------------------------------------------


@each_notebook
def test_folded_answers_are_closed_and_readable(path):
    for cell in read(path)["cells"]:
        if cell["cell_type"] == "markdown":
            source = cell["source"]
            folded = re.findall(r"<details>|</details>", source)
            assert folded == ["<details>", "</details>"] * (len(folded) // 2), source
            # Jupyter reads markdown inside only after an empty line.
            good = re.findall(r"<details><summary>[^<\n]+</summary>\n\n.*?\n\n</details>", source, re.DOTALL)
            assert len(good) == len(folded) // 2, source


@each_notebook
def test_exercises_have_a_folded_solution(path):
    found = exercises(path)
    assert 2 <= len(found) <= 4
    for exercise in found:
        assert exercise.solution, f"{exercise.function}: no folded solution before the next exercise"
        assert f"def {exercise.function}(" in exercise.stub
        assert f"def {exercise.function}(" in exercise.solution


@each_notebook
def test_every_picture_is_described(path):
    missing = [
        number
        for number, output in outputs(path)
        for kind in output.get("data", {})
        if kind.startswith("image/") and not output["metadata"].get(kind, {}).get("alt", "").strip()
    ]
    assert not missing, f"pictures without words below the cells {missing}"
    assert all(words.strip() for words in PICTURE.findall(prose(read(path))))


@each_notebook
def test_cells_are_short(path):
    long = [cell["source"] for cell in code_cells(path) if len(cell["source"].splitlines()) > 25]
    assert not long


# ---- clean files ------------------------------------------------------------------------------------------


@each_notebook
def test_was_run_once_from_top_to_bottom(path):
    counts = [cell["execution_count"] for cell in code_cells(path)]
    assert counts == list(range(1, len(counts) + 1))


@each_notebook
def test_no_stored_errors_and_warnings(path):
    bad = [
        (number, output)
        for number, output in outputs(path)
        if output["output_type"] == "error" or output.get("name") == "stderr"
    ]
    assert not bad


@each_notebook
def test_nothing_of_the_machine(path):
    texts = [cell["source"] for cell in read(path)["cells"]] + [
        text_of(output) for _, output in outputs(path)
    ]
    found = [
        match[0] for text in texts for pattern in (MACHINE_PATH, ADDRESS) for match in pattern.finditer(text)
    ]
    assert not found


@each_notebook
def test_metadata(path):
    notebook = read(path)
    assert notebook["nbformat"] == 4
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"
    assert "widgets" not in notebook["metadata"]
    ids = [cell["id"] for cell in notebook["cells"]]
    assert len(set(ids)) == len(ids)
