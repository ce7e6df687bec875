import importlib.util
import sys

import keras
import numpy as np
import pytest

from keras_ganloss.callbacks import HistoryPlot
from keras_ganloss.callbacks import plot_history

pytest.importorskip("matplotlib")
Image = pytest.importorskip("PIL.Image")

BLUE, ORANGE = (42, 111, 176), (209, 96, 47)


def count(path, color):
    """Returns the number of pixels of exactly this color."""
    pixels = np.asarray(Image.open(path).convert("RGB"))
    return int((pixels == color).all(axis=-1).sum())


def test_both_players_are_drawn(tmp_path):
    path = tmp_path / "new" / "history.png"
    plot_history({"d_loss": [1.0, 2.0, 1.5], "g_loss": [2.0, 1.0, 1.0]}, path)
    assert count(path, BLUE) > 100
    assert count(path, ORANGE) > 100
    plot_history({"d_loss": [1.0, 2.0, 1.5]}, path)
    assert count(path, ORANGE) == 0
    assert [entry.name for entry in path.parent.iterdir()] == ["history.png"]


def strokes(path, color):
    """Returns into how many pieces the longest row of a color falls."""
    pixels = np.asarray(Image.open(path).convert("RGB")).astype(int)
    near = (abs(pixels - np.array(color)) < 40).all(axis=-1)
    row = near[near.sum(axis=1).argmax()]
    return int((row[1:] & ~row[:-1]).sum())


def test_validation_is_dashed(tmp_path):
    path = tmp_path / "history.png"
    plot_history({"d_loss": [0.0] * 5}, path)
    assert strokes(path, BLUE) == 1
    plot_history({"val_d_loss": [0.0] * 5}, path)
    assert strokes(path, BLUE) > 10


def test_many_logs_have_room(tmp_path):
    # Each panel is as large as one alone.
    path = tmp_path / "history.png"
    logs = {f"metric_{letter}": [1.0, 2.0] for letter in "abcdefghijklmnop"}
    plot_history(logs, path)
    large = Image.open(path).size
    plot_history({"metric_a": [1.0, 2.0]}, path)
    small = Image.open(path).size
    assert large == (3 * small[0], 6 * small[1])


@pytest.mark.parametrize("suffix", ["svg", "pdf"])
def test_formats(tmp_path, suffix):
    path = tmp_path / f"history.{suffix}"
    plot_history({"d_loss": [1.0, 2.0]}, path)
    start = {"svg": b"<?xml", "pdf": b"%PDF"}[suffix]
    assert path.read_bytes().startswith(start)


def test_pyplot_is_left_alone(tmp_path):
    before = "matplotlib.pyplot" in sys.modules
    plot_history({"d_loss": [1.0, 2.0]}, tmp_path / "history.png")
    assert ("matplotlib.pyplot" in sys.modules) == before


def test_callback_draws_what_fit_returns(tmp_path):
    class Late(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            if epoch:
                logs["g_loss"] = 0.5

    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    x = np.ones((4, 1), "float32")
    drawn, expected = tmp_path / "drawn.png", tmp_path / "expected.png"
    history = model.fit(
        x,
        x,
        epochs=3,
        verbose=0,
        validation_data=(x, x),
        callbacks=[Late(), HistoryPlot(drawn)],
    )
    assert len(history.history["g_loss"]) == 2
    plot_history(history, expected)
    assert drawn.read_bytes() == expected.read_bytes()


@pytest.mark.parametrize("history", [{}, {"d_loss": []}, [1.0, 2.0]])
def test_no_history(tmp_path, history):
    with pytest.raises(ValueError, match="Received: history="):
        plot_history(history, tmp_path / "history.png")


def test_no_suffix():
    with pytest.raises(ValueError, match="path='history'"):
        HistoryPlot("history")


def test_missing_package(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r"keras-ganloss\[examples\]"):
        HistoryPlot("history.png")
