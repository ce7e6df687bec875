"""`MirroredStrategy`: two replicas equal one device.

The cases stand in `mirrored_cases.py`, which one process of its own runs: the
number of devices is fixed once TensorFlow has started.
"""

import os
import pathlib
import subprocess
import sys
import xml.etree.ElementTree

import pytest

from tests.helpers import limits

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent

pytestmark = limits.TF_DISTRIBUTE.marker


def names():
    """The names of the test functions in `mirrored_cases.py`."""
    lines = (HERE / "mirrored_cases.py").read_text().splitlines()
    return [
        line.removeprefix("def ").partition("(")[0]
        for line in lines
        if line.startswith("def test_")
    ]


@pytest.fixture(scope="module")
def failures(tmp_path_factory):
    """Runs all cases; returns a dict of name to the messages of failures."""
    report = tmp_path_factory.mktemp("mirrored") / "report.xml"
    path = os.pathsep.join(
        [str(HERE), *filter(None, [os.environ.get("PYTHONPATH")])]
    )
    run = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", HERE / "mirrored_cases.py"),
            f"--junit-xml={report}",
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
    )
    assert report.exists(), run.stdout + run.stderr
    found = {}
    for case in xml.etree.ElementTree.parse(report).iter("testcase"):
        messages = found.setdefault(case.get("name").partition("[")[0], [])
        messages += [outcome.text for outcome in case]
    return found


@pytest.mark.parametrize("name", names())
def test_two_replicas(failures, name):
    assert name in failures, "The case did not run."
    assert not failures[name], "\n".join(failures[name])
