"""The atlas has every loss, in its table or among those left out."""

import pathlib
import re

from keras_ganloss import losses

DOCS = pathlib.Path(__file__).parents[2] / "docs"


def test_every_loss_has_its_place():
    page = (DOCS / "reference/atlas.md").read_text()
    named = set(re.findall(r"[a-z_]+", " ".join(re.findall("`([^`]*)`", page))))
    assert set(losses.CLASSES) <= named


def test_pictures_are_there():
    for name in ("reference/atlas.md", "how-to/how_to_choose_a_loss.md"):
        text = (DOCS / name).read_text()
        links = re.findall(r"\]\((\.\./images/[^)]*)\)", text)
        assert links
        for link in links:
            assert (DOCS / "reference" / link).is_file(), link
