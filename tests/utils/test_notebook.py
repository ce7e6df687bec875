"""Pictures under the cell that trains, and nothing of it elsewhere."""

import sys
import types

import keras
import numpy as np
import pytest

from keras_ganloss import GAN
from keras_ganloss.callbacks import HistoryPlot
from keras_ganloss.callbacks import SampleGrid
from keras_ganloss.utils import notebook


class Display:
    """Stands for `IPython.display`: keeps what is shown, and replaced."""

    def __init__(self):
        self.places = []

    def Image(self, png):
        return png

    def display(self, image, display_id):
        assert display_id is True
        self.places.append([image])
        place = self.places[-1]
        return types.SimpleNamespace(update=place.append)


@pytest.fixture
def ipython(monkeypatch):
    """A process that runs the shell of the name that is asked for."""

    def start(shell):
        display = Display()
        module = types.SimpleNamespace(
            get_ipython=lambda: type(shell, (), {})(),
            version_info=(9, 0),  # Matplotlib looks at it.
        )
        monkeypatch.setitem(sys.modules, "IPython", module)
        monkeypatch.setitem(sys.modules, "IPython.display", display)
        return display

    return start


def train(tmp_path):
    game = GAN(
        keras.Sequential(
            [
                keras.Input((2,)),
                keras.layers.Dense(16),
                keras.layers.Reshape((4, 4, 1)),
            ]
        ),
        keras.Sequential(
            [
                keras.Input((4, 4, 1)),
                keras.layers.Flatten(),
                keras.layers.Dense(1),
            ]
        ),
    )
    game.compile()
    callbacks = [
        SampleGrid(tmp_path / "samples", num=4, columns=2),
        HistoryPlot(tmp_path / "history.png"),
    ]
    images = np.zeros((8, 4, 4, 1), "float32")
    game.fit(images, epochs=3, verbose=0, callbacks=callbacks)


def test_one_place_for_each_callback(ipython, tmp_path):
    pytest.importorskip("matplotlib")
    display = ipython("ZMQInteractiveShell")
    train(tmp_path)
    grids, curves = display.places
    files = sorted((tmp_path / "samples").glob("*.png"))
    assert grids == [path.read_bytes() for path in files]
    assert len(curves) == 3
    assert curves[-1] == (tmp_path / "history.png").read_bytes()


@pytest.mark.parametrize("shell", ["TerminalInteractiveShell", "NoneType"])
def test_nothing_elsewhere(ipython, shell):
    display = ipython(shell)
    notebook.inline()(b"png")
    assert display.places == []
