"""An extension of griffe: lines of `>>>` in docstrings are code on the site.

Docstrings do not indent their examples, and Markdown would quote them.
"""

import re

import griffe

PARAGRAPH = re.compile(r"^>>> (?:.+\n?)+", re.MULTILINE)


class Examples(griffe.Extension):
    def on_object(self, *, obj, **others):
        if obj.docstring:
            obj.docstring.value = PARAGRAPH.sub(fenced, obj.docstring.value)


def fenced(paragraph):
    return f"```pycon\n{paragraph[0].rstrip()}\n```\n"
