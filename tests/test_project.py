"""The project's own files: packages, imports, commands, and what must never be in the repository."""

import ast
import fnmatch
import importlib.metadata
import itertools
import os
import re
import shutil
import subprocess
import sys
import tomllib
import types

import pytest
import yaml
from course import ROOT
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

import mnistlib

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]
PACKAGE = ROOT / "mnistlib"
FIRST = "01-numpy-quickstart.ipynb"


@pytest.fixture(scope="module")
def tracked():
    """The files under version control, as paths."""
    if not shutil.which("git") or not (ROOT / ".git").exists():
        pytest.skip("this copy of the project is not a git checkout")
    command = ["git", "-C", str(ROOT), "ls-files", "-z"]
    names = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\0")
    return [ROOT / name for name in names if name and (ROOT / name).exists()]


# ---- packages ---------------------------------------------------------------------------------------------


def specifiers(lines):
    """{name: version specifier} of requirements."""
    return {canonicalize_name(Requirement(line).name): Requirement(line).specifier for line in lines}


def required(*extras):
    """The same of the core and of some extras in pyproject.toml."""
    lists = [PROJECT["dependencies"], *(PROJECT["optional-dependencies"][extra] for extra in extras)]
    return specifiers(itertools.chain(*lists))


def test_environment_yml_has_the_packages_of_pyproject():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    names = [entry for entry in environment["dependencies"] if isinstance(entry, str)]
    python = names.pop(0)
    assert re.fullmatch(r"python=3\.\d+", python)
    assert Requirement(f"python{PROJECT['requires-python']}").specifier.contains(python.split("=")[1])
    names.remove("pip")
    assert specifiers(names) == required("test")
    assert [entry for entry in environment["dependencies"] if isinstance(entry, dict)] == [
        {"pip": ["--editable ."]}
    ]


def test_every_direct_dependency_has_a_lower_bound_that_its_pin_meets():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    lines = [line for line in lines if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.]*", line) for line in lines)
    pins = specifiers(lines)
    assert len(pins) == len(lines)
    extras = set(PROJECT["optional-dependencies"]) - {"benchmark"}  # PyTorch, to compare with
    for name, specifier in required(*extras).items():
        assert [part.operator for part in specifier] == [">="], name
        (pin,) = pins[name]
        assert specifier.contains(pin.version), f"{name}{pin} is not {specifier}"


def test_the_pinned_packages_suit_the_oldest_python_that_is_promised():
    """Debian 12 has 3.11.2, and there are packages that ask for 3.11.5."""
    oldest = PROJECT["requires-python"].removeprefix(">=") + ".0"
    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8").lower().splitlines()
    installed = {f"{one.name}=={one.version}".lower(): one for one in importlib.metadata.distributions()}
    needs = {pin: installed[pin].metadata.get("Requires-Python") for pin in pins if pin in installed}
    assert len(needs) > 50
    assert [pin for pin, need in needs.items() if not SpecifierSet(need or "").contains(oldest)] == []


def test_package_holds_every_file_of_mnistlib(tracked):
    setuptools = PYPROJECT["tool"]["setuptools"]
    folders = {path.parent.relative_to(ROOT) for path in PACKAGE.rglob("__init__.py")}
    assert sorted(setuptools["packages"]) == sorted(".".join(folder.parts) for folder in folders)
    globs = setuptools["package-data"]["mnistlib"]
    globs += [(folder.relative_to("mnistlib") / "*.py").as_posix() for folder in folders]
    packed = {path for pattern in globs for path in PACKAGE.glob(pattern)}
    assert {path for path in tracked if path.is_relative_to(PACKAGE)} <= packed


# ---- what the repository must not hold --------------------------------------------------------------------

REGISTRY = re.compile(
    r"pypi[.]org|pythonhosted[.]org|npmjs[.]|anaconda[.](?:org|com)|proxy[.]golang|index[-_]url|artif[a]ctory",
    re.I,
)
MACHINE_PATH = re.compile(r"(?<![\w.~])/(?:home|Users|root|work|tmp|mnt|private)/\w|\b[A-Z]:\\+Users")
STORED_PICTURE = re.compile(r'"image/png": "[^"]*"')


def test_no_registry_host_and_no_machine_path(tracked):
    found = []
    for path in tracked:
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a picture, digits or weights
        for number, line in enumerate(STORED_PICTURE.sub("", text).splitlines(), 1):
            if match := REGISTRY.search(line) or MACHINE_PATH.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {match[0]}")
    assert not found


def test_digits_under_version_control_are_only_the_sample(tracked):
    names = [path.relative_to(ROOT).as_posix() for path in tracked]
    digits = [name for name in names if fnmatch.fnmatch(name, "*ubyte*")]
    assert digits
    assert all(name.startswith("data/sample/") for name in digits)


# ---- the rooms --------------------------------------------------------------------------------------------


@pytest.mark.maintain
def test_rooms_import_one_way(monkeypatch):
    """The contracts in pyproject.toml, by import-linter."""
    cli = pytest.importorskip("importlinter.cli", reason="needs import-linter, of the extra 'maintain'")
    monkeypatch.chdir(ROOT)
    assert cli.lint_imports(no_cache=True) == cli.EXIT_STATUS_SUCCESS


def test_table_of_rooms_in_contributing_is_the_tree():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = re.findall(r"^\| `([\w/]+(?:\.py)?)` \|", text, re.MULTILINE)
    files = [path.name for path in PACKAGE.glob("*.py") if path.name != "__init__.py"]
    folders = [f"{path.name}/" for path in PACKAGE.iterdir() if path.is_dir() and path.name[0] != "_"]
    assert sorted(named) == sorted(files + folders)


def test_the_front_is_what_notebooks_built():
    """Each file at the front says in which notebook it was built."""
    for path in PACKAGE.glob("*.py"):
        if path.name != "__init__.py":
            head = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
            assert re.search(r"[Bb]uilt in notebooks? \d\d|Used in all notebooks", head), path.name


def test_no_function_is_over_sixty_lines():
    """Without its docstring, in the package, scripts and benchmarks."""
    for folder in ("mnistlib", "scripts", "benchmarks"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    first = node.body[1] if ast.get_docstring(node) and len(node.body) > 1 else node.body[0]
                    assert node.end_lineno - first.lineno < 60, f"{path.name}: {node.name}"


def test_public_names():
    promised = {"read_idx", "write_idx", "IdxError", "load_data", "Network", "train", "accuracy"}
    promised |= {"rasterise", "synthetic_digits", "SketchPad", "pretrained"}
    assert promised <= set(mnistlib.__all__)
    assert sorted(mnistlib.__all__) == sorted(set(mnistlib.__all__))
    for name in mnistlib.__all__:
        assert getattr(mnistlib, name).__doc__, name
    for name, value in vars(mnistlib).items():
        if not name.startswith("_") and hasattr(value, "__doc__") and not isinstance(value, types.ModuleType):
            assert name in mnistlib.__all__


# ---- commands ---------------------------------------------------------------------------------------------


def make(*arguments, **options):
    """What `make` with these arguments says."""
    if not shutil.which("make"):
        pytest.skip("make is not installed")
    command = ["make", "-C", str(ROOT), "--no-print-directory", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, **options).stdout


@pytest.mark.parametrize(
    ("goal", "script"), [("lab", "sh scripts/lab.sh .venv/bin"), ("test", ".venv/bin/python scripts/test.py")]
)
def test_make_sets_up_when_something_changed_and_runs_a_script(goal, script):
    lines = make("-n", "-W", "pyproject.toml", goal).splitlines()
    assert lines[0] == "sh scripts/setup.sh .venv"
    assert lines[-1].split() == script.split()
    assert (ROOT / script.split()[1]).exists()


def test_make_passes_on_an_absolute_data_folder():
    show = "show:\n\t@echo $$MNIST_DATA_DIR\n"
    environment = {**os.environ, "MNIST_DATA_DIR": "../digits"}
    found = make("-f", "Makefile", "-f", "-", "show", input=show, env=environment).strip()
    assert found == str(ROOT.parent / "digits")


def test_a_notebook_that_is_not_there_is_told():
    command = [sys.executable, str(ROOT / "scripts" / "test.py"), "--lax", "01", "77"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode != 0
    assert "no notebook begins with 77" in result.stderr


@pytest.fixture
def run_script(tmp_path):
    """Function: run a script of ours in a folder whose programs, {name: shell script}, alone are in sight."""
    if not os.path.exists("/bin/sh"):
        pytest.skip("needs a shell")
    for tool in ("rm", "mkdir", "cp"):
        (tmp_path / tool).symlink_to(shutil.which(tool))

    def run(name, *arguments, programs, **variables):
        for program, lines in programs.items():
            (tmp_path / program).write_text(f"#!/bin/sh\n{lines}\n")
            (tmp_path / program).chmod(0o755)
        command = ["/bin/sh", str(ROOT / "scripts" / name), *arguments]
        environment = {"PATH": str(tmp_path), **variables}
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )

    return run


@pytest.mark.parametrize(
    ("user", "screen", "said", "options"),
    [
        (1000, {"DISPLAY": ":0"}, None, set()),
        (0, {"WAYLAND_DISPLAY": "wayland-0"}, "that is all right here", {"--allow-root"}),
        (1000, {}, "Open the address", {"--no-browser", f"--LabApp.default_url=/lab/tree/{FIRST}"}),
    ],
    ids=["usual", "root", "no screen"],
)
def test_lab_opens_the_first_notebook_and_says_what_is_special(run_script, user, screen, said, options):
    programs = {"jupyter": 'echo "started:" "$@"', "uname": "echo Linux", "id": f"echo {user}"}
    result = run_script("lab.sh", ".", "--port=9000", programs=programs, **screen)
    *words, started = result.stdout.splitlines()
    assert [said in line for line in words] == [True] * bool(said)
    assert set(started.split()) == {"started:", "lab", "--port=9000", f"notebooks/{FIRST}", *options}
    assert (ROOT / "notebooks" / FIRST).exists()


# ---- set-up -----------------------------------------------------------------------------------------------


def python_of_version(*version):
    """A shell script that answers `python -c code` as that version would."""
    return (
        f"""exec "{sys.executable}" -c 'import sys; sys.version_info = {version}; exec(sys.argv[1])' "$2" """
    )


NEW = """case "$1 $2" in
    "-m venv") mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
    "-m pip") [ "$3" = --version ] ;;
    -c*) ;;
    *) echo Python 3.13.1 ;;
esac"""
NO_PYTHON = "Set-up failed: no Python 3.11 or newer was found."


@pytest.mark.parametrize(
    ("fakes", "words", "advice"),
    [
        ({}, NO_PYTHON, "make lab PYTHON="),
        ({"python3": python_of_version(3, 10, 14), "oldest": "exit 1"}, NO_PYTHON, "make lab PYTHON="),
        ({"python3": NEW.replace("mkdir -p", "false")}, "not make a virtual environment", "python3-venv"),
        ({"python3": NEW}, "pip could not install the packages", "HTTPS_PROXY"),
    ],
    ids=["no Python", "an old one", "no venv", "no packages"],
)
def test_a_set_up_that_fails_says_what_to_do(run_script, tmp_path, fakes, words, advice):
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "mine").touch()
    variables = {"PYTHON": "oldest"} if "oldest" in fakes else {}
    result = run_script("setup.sh", ".venv", programs=fakes, **variables)
    assert result.returncode != 0
    assert words in result.stderr
    assert advice in result.stderr
    if words == NO_PYTHON:  # nothing was touched
        assert os.listdir(tmp_path / ".venv") == ["mine"]


def test_set_up_takes_the_next_python_that_is_new_enough(run_script):
    install = NEW.replace('[ "$3" = --version ]', 'echo "pip $*"')
    fakes = {"python3": python_of_version(3, 9, 0), "python3.12": install}
    result = run_script("setup.sh", ".venv", programs=fakes)
    assert result.returncode == 0, result.stderr
    assert "install" in result.stdout
    assert "--constraint constraints.txt --editable .[test]" in result.stdout


# ---- the habits of a project that others carry on ---------------------------------------------------------

GITHUB = ROOT / ".github"
SCHEMAS = {
    "vendor.github-workflows": sorted(GITHUB.glob("workflows/*.yml")),
    "vendor.dependabot": [GITHUB / "dependabot.yml"],
    "vendor.github-issue-config": [GITHUB / "ISSUE_TEMPLATE" / "config.yml"],
    "vendor.github-issue-forms": sorted(
        path for path in GITHUB.glob("ISSUE_TEMPLATE/*.yml") if path.name != "config.yml"
    ),
    "vendor.citation-file-format": [ROOT / "CITATION.cff"],
}


@pytest.mark.maintain
@pytest.mark.parametrize("schema", SCHEMAS)
def test_files_for_other_programs_follow_their_published_schema(schema):
    check = pytest.importorskip("check_jsonschema", reason="needs check-jsonschema, of the extra 'maintain'")
    from click.testing import CliRunner

    assert SCHEMAS[schema]
    result = CliRunner().invoke(check.main, ["--builtin-schema", schema, *map(str, SCHEMAS[schema])])
    assert result.exit_code == 0, result.output


def test_actions_are_pinned_by_hash():
    for path in SCHEMAS["vendor.github-workflows"]:
        used = re.findall(r"uses: (\S+)", path.read_text(encoding="utf-8"))
        assert used
        assert [name for name in used if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", name)] == []


def test_windows_workflow_runs_what_readme_says():
    """README's steps without make, but for JupyterLab, which waits."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    steps = re.search(r"(?s)the same by hand:\n\n(.*?)\n\n", readme)[1].splitlines()
    promised = [re.sub(r"\s{2,}\(.*", "", step.strip()) for step in steps][:-1]
    workflow = yaml.safe_load((GITHUB / "workflows" / "ci.yml").read_text(encoding="utf-8"))
    (run,) = [s["run"] for s in workflow["jobs"]["newcomer"]["steps"] if s.get("shell") == "cmd"]
    assert [line.removeprefix("call ") for line in run.splitlines()][: len(promised)] == promised


def test_version_is_the_same_everywhere():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert citation["version"] == PROJECT["version"] == re.search(r"(?m)^## ([\d.]+)", changes)[1]
