"""Files that are complete whenever somebody reads them."""

import os
import pathlib
from typing import Any


def replace(path: Any, content: bytes) -> None:
    """Writes bytes under another name, then renames them into place.

    Args:
        path: Path of the file; its directory is made if missing.
        content: Bytes.
    """
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".tmp")
    temporary.write_bytes(content)
    os.replace(temporary, path)
