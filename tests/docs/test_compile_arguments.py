"""The docstrings of `compile`: in groups, whole, and read in five minutes."""

import inspect
import re

import pytest

from keras_ganloss import GAN
from keras_ganloss.models.supervised_model import SupervisedModel

WORDS_A_MINUTE = 200


def named(text):
    """Names between backticks, each once, in their order."""
    return list(dict.fromkeys(re.findall(r"`(\w+)`", text)))


@pytest.mark.parametrize("cls", [GAN, SupervisedModel])
def test_arguments_stand_in_their_groups(cls):
    parameters = inspect.signature(cls.compile).parameters.values()
    names = [one.name for one in parameters if one.kind is not one.VAR_KEYWORD]
    assert names.pop(0) == "self"
    text = inspect.getdoc(cls.compile)
    groups, _, rest = text.partition("\nArgs:\n")
    assert named(groups) == names
    arguments, _, _ = rest.partition("\nRaises:\n")
    # A line each, or neither editors nor the site find its text.
    items = re.findall(r"^    (\*{0,2}\w+): ", arguments, flags=re.MULTILINE)
    assert items[:-1] == names
    # A blank line between groups.
    blocks = [re.findall(r"^    (\w+): ", block, flags=re.MULTILINE)
              for block in arguments.split("\n\n")]  # fmt: skip
    listed = [named(group) for group in re.split(r";\s", groups)]
    if cls is GAN:
        assert blocks == listed
    assert len(text.split()) <= 5 * WORDS_A_MINUTE
