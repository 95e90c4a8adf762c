"""What the tests of the checks share."""

import pytest
from learners import CHECKS


@pytest.fixture
def verdict(capsys):
    """Function of a check's name and a learner's function: what is printed, without the name, on one line."""

    def ask(check_name, function):
        capsys.readouterr()
        assert CHECKS[check_name](function) is None
        printed = capsys.readouterr()
        assert printed.err == ""
        first, *findings = printed.out.splitlines()
        assert all(finding.startswith("  - ") for finding in findings)
        assert not findings or not first.endswith(": right!")
        return "".join([first.split(": ", 1)[1], *findings])

    return ask
