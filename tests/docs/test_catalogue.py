"""The page of all classes is the one that the docstrings give."""

from docs.generators import catalogue


def test_page_is_what_the_docstrings_say():
    message = "Run `python docs/generators/catalogue.py`."
    assert catalogue.PAGE.read_text() == catalogue.page(), message


def test_every_paper_is_a_link():
    for title, _, classes in catalogue.sections():
        for entry in classes:
            papers = catalogue.papers(entry)
            assert not papers or "](http" in papers, (title, entry)
