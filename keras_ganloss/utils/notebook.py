"""Pictures that appear in a notebook, under the cell that trains."""

import sys
from collections.abc import Callable


def inline() -> Callable[[bytes], None]:
    """Returns a function that shows a picture in place of its last one.

    It takes the bytes of a PNG file. Outside of Jupyter it does nothing, and
    IPython is not imported there.
    """
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    # The shell of a terminal, which shows no pictures, has another name.
    if type(shell).__name__ != "ZMQInteractiveShell":
        return lambda png: None
    display = sys.modules["IPython.display"]
    shown = []

    def show(png):
        image = display.Image(png)
        if shown:
            shown[0].update(image)
        else:
            shown.append(display.display(image, display_id=True))

    return show
