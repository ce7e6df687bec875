"""The notebook runs, for an epoch, and shows its pictures."""

import pytest

from tests.helpers import limits
from tests.helpers.page_blocks import DOCS

nbformat = pytest.importorskip("nbformat")
nbclient = pytest.importorskip("nbclient")
pytest.importorskip("ipykernel")


@limits.only("tensorflow", "the kernel is a process of its own, and slow")
def test_first_gan(tmp_path):
    book = nbformat.read(DOCS / "first_gan.ipynb", as_version=4)
    for cell in book.cells:
        cell.source = cell.source.replace("epochs=30", "epochs=2")
    client = nbclient.NotebookClient(
        book, timeout=300, resources={"metadata": {"path": str(tmp_path)}}
    )
    client.execute()
    pictures = [
        output
        for cell in book.cells
        for output in cell.get("outputs", [])
        if "image/png" in output.get("data", {})
    ]
    assert len(pictures) == 2  # A grid and curves, each in one place.
    (text,) = [
        output.data["text/plain"]
        for cell in book.cells
        for output in cell.get("outputs", [])
        if output.output_type == "execute_result"
    ]
    assert text.startswith("<GAN")
    assert (tmp_path / "gan.keras").is_file()
