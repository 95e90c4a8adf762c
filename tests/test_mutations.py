"""scripts/mutate.py, which tests the tests: its faults fit the code as it is, and it tells what survives."""

import sys

import mutate
import pytest
from course import ROOT

posix = pytest.mark.skipif(sys.platform == "win32", reason="needs process groups")
each_fault = pytest.mark.parametrize("fault", mutate.FAULTS, ids=lambda fault: fault.name)


def test_every_fault_has_a_name_of_its_own():
    names = [fault.name for fault in mutate.FAULTS]
    assert len(set(names)) == len(names)
    assert len(names) >= 110


@each_fault
def test_the_place_of_the_fault_is_still_there_and_the_changed_file_is_still_python(fault):
    source = (ROOT / "mnistlib" / fault.file).read_text(encoding="utf-8")
    changed = mutate.mutated(fault, source)
    assert compile(changed, fault.file, "exec").co_code
    assert changed != source
    for path in mutate.test_files(fault):
        assert (ROOT / path).is_file()


def test_a_fault_whose_place_is_gone_or_not_the_only_one_is_refused():
    fault = mutate.Fault("sign", "steps.py", "w - dw", "w + dw", "test_steps")
    assert mutate.mutated(fault, "w = w - dw") == "w = w + dw"
    for source in ("w -= dw", "w - dw, w - dw"):
        with pytest.raises(ValueError, match=r"'sign': mnistlib/steps.py has \d places"):
            mutate.mutated(fault, source)


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A small project with a test that looks at one of two functions only, and one that looks at nothing."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # each pytest begins faster
    (tmp_path / "mnistlib").mkdir()
    (tmp_path / "tests").mkdir()
    (tmp_path / "mnistlib" / "__init__.py").write_text("")
    (tmp_path / "mnistlib" / "steps.py").write_text("def down(w):\n    return w - 1\n\n\nSIZE = 3\n")
    test = "from mnistlib.steps import down\n\n\ndef test_down():\n    assert down(3) == 2\n"
    (tmp_path / "tests" / "test_other.py").write_text(test)
    (tmp_path / "tests" / "test_steps.py").write_text("def test_nothing():\n    pass\n")
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n    browser\n    mnist\n")
    return tmp_path


@posix
def test_it_tells_what_is_caught_and_what_survives_and_mends_the_file(project):
    before = (project / "mnistlib" / "steps.py").read_text()
    sign = mutate.Fault("sign", "steps.py", "w - 1", "w + 1", "test_other")
    size = mutate.Fault("size", "steps.py", "SIZE = 3", "SIZE = 4", "test_steps")
    assert mutate.caught_by(project, sign) == "test_other.py::test_down"
    assert mutate.caught_by(project, size) == ""
    assert (project / "mnistlib" / "steps.py").read_text() == before


@posix
def test_a_project_that_cannot_be_imported_proves_nothing(project):
    (project / "mnistlib" / "steps.py").write_text("SIZE = ")
    with pytest.raises(RuntimeError, match="pytest did not run"):
        mutate.run_tests(project, ["tests"])


@posix
def test_a_test_that_hangs_ends_with_its_children(project, monkeypatch):
    test = "import subprocess\n\n\ndef test_wait():\n    subprocess.run(['sleep', '60'])\n"
    (project / "tests" / "test_steps.py").write_text(test)
    monkeypatch.setattr(mutate, "LONGEST", 3)
    assert mutate.run_tests(project, ["tests/test_steps.py"]) == "no end after 3 s"


def test_it_lists_its_faults(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["mutate.py", "--list"])
    mutate.main()
    assert len(capsys.readouterr().out.splitlines()) == len(mutate.FAULTS)
