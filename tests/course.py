"""The notebooks as the tests read them: cells as plain dicts, exercises as stub and solution."""

import ast
import configparser
import json
import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))  # the lessons
EXTRA = sorted(set((ROOT / "notebooks").glob("*.ipynb")) - set(NOTEBOOKS))  # the bug hunt and the glossary
PAGES = [*NOTEBOOKS, *EXTRA]

CHECKED = re.compile(r"^check\.(\w+)\((\w+)\)$", re.MULTILINE)
SOLUTION = re.compile(r"<details><summary>Solution</summary>\n\n(.*?)\n</details>", re.DOTALL)
CODE = re.compile(r"```python\n(.*?)```", re.DOTALL)


class Exercise(NamedTuple):
    notebook: str  # the file's name
    check: str  # the name of the function in mnistlib.check
    function: str  # the name of the learner's function
    stub: str  # the source of the cell that the learner completes
    solution: str | None  # the folded solution's code, None if there is none before the next exercise
    helpers: dict  # {name: source} of the functions that the notebook defined above


def read(path):
    """A notebook's cells, each with its source as one string."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
    return notebook


def prose(notebook):
    """All text of a notebook, without its code."""
    return "\n\n".join(cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "markdown")


def functions(source):
    """{name: source} of the functions and classes that a cell defines at its top level."""
    kinds = ast.FunctionDef | ast.ClassDef
    definitions = [node for node in ast.parse(source).body if isinstance(node, kinds)]
    return {node.name: ast.get_source_segment(source, node) for node in definitions}


def with_helpers(code, helpers):
    """The code, preceded by those of the helpers that it calls, and by those that these call."""
    called = {node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)}
    others = {name: source for name, source in helpers.items() if name not in called}
    needed = [with_helpers(helpers[name], others) for name in helpers if name in called]
    return "\n\n".join([*needed, code])


def exercises(path):
    """The exercises of one notebook, in their order."""
    found, helpers = [], {}
    for cell in read(path)["cells"]:
        if cell["cell_type"] == "code":
            stubs = CHECKED.findall(cell["source"])
            for check, function in stubs:
                found.append(Exercise(path.name, check, function, cell["source"], None, dict(helpers)))
            if not stubs:
                helpers |= functions(cell["source"])
        elif found and found[-1].solution is None and (folded := SOLUTION.search(cell["source"])):
            code = "\n".join(CODE.findall(folded[1]))
            found[-1] = found[-1]._replace(solution=code)
    return found


def sanitised(text):
    """The text without what may differ from run to run, as nbval compares it: see nbval_sanitize.cfg."""
    rules = configparser.ConfigParser(interpolation=None)
    rules.read(ROOT / "tests" / "nbval_sanitize.cfg", encoding="utf-8")
    for rule in rules.sections():
        text = re.sub(rules[rule]["regex"], rules[rule]["replace"], text, flags=re.MULTILINE)
    return text
