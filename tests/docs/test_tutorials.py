"""The tutorials are the examples, as they are, and CI runs these."""

import pytest

from docs.generators import tutorials


@pytest.mark.parametrize("script", tutorials.scripts(), ids=lambda it: it.stem)
def test_page_is_the_script(script):
    message = "Run `python docs/generators/tutorials.py`."
    page = tutorials.page_path(script).read_text()
    assert page == tutorials.page(script), message


@pytest.mark.parametrize("script", tutorials.scripts(), ids=lambda it: it.stem)
def test_no_line_of_the_script_is_lost(script):
    page = tutorials.page(script)
    body = script.read_text().split('"""', 2)[2]
    lines = [line for line in body.splitlines() if line.strip(' "')]
    assert [line for line in lines if line not in page] == []


def test_ci_runs_them():
    runs = (tutorials.ROOT / ".ci" / "run").read_text()
    for name in tutorials.TUTORIALS:
        assert name in runs, name
