import sys
import types

import keras
import numpy as np
import pytest
from keras import layers

from keras_ganloss import SupervisedGAN
from keras_ganloss.callbacks import Report
from keras_ganloss.callbacks import SampleGrid
from keras_ganloss.callbacks.report import thin
from keras_ganloss.metrics import FrechetDistance
from keras_ganloss.penalties import R1
from keras_ganloss.report import explanations
from tests.helpers import image_games

pytest.importorskip("PIL")
pytest.importorskip("matplotlib")

IMAGES = np.random.default_rng(0).normal(size=(16, 2, 2, 1)).astype("float32")


def train(game, report, epochs, **kwargs):
    return game.fit(
        IMAGES,
        epochs=epochs,
        batch_size=8,
        verbose=0,
        callbacks=[*kwargs.pop("before", []), report],
        **kwargs,
    )


@pytest.fixture
def undrawn(monkeypatch):
    """Leaves curves out, which take longest, where pictures are looked at."""
    module = sys.modules["keras_ganloss.report.page"]
    monkeypatch.setattr(module, "_curves", lambda run: [])


def test_page_of_a_run(tmp_path):
    path = tmp_path / "new" / "report.html"
    finding = (2, "mode_collapse", "little variety", "Add R2.")
    limit = ("d_accuracy", "above", 0.9, "overpowering_discriminator")
    monitor = types.SimpleNamespace(findings=[], limits=[limit])

    class Late(keras.callbacks.Callback):
        """Sees the page after the first epoch."""

        def on_epoch_end(self, epoch, logs=None):
            if epoch == 0:
                pages.append(path.read_text())
                monitor.findings.append(finding)

    pages = []
    report = Report(path, monitor=monitor, title="My run")
    history = game_history(report, Late())
    text = path.read_text()
    assert "Running: epoch 1 of 3" in pages[0]
    assert "Nothing so far." in pages[0]
    assert "Finished: epoch 3 of 3" in text
    assert "Epoch 2: mode collapse" in text and "Add R2." in text
    assert "<h1>My run</h1>" in text
    assert "neither the level nor the direction says" in text
    assert "Above 0.9 the monitor looks for overpowering" in text
    last = history.history["val_d_loss"][-1]
    assert f"<b>{last:.4g}</b>" in text
    assert text.count("<img ") == 3  # By default, a grid of samples.
    assert "SGD(learning_rate=0.1)" in text
    assert [entry.name for entry in path.parent.iterdir()] == ["report.html"]


def game_history(report, late):
    return image_games.mirror().fit(
        IMAGES,
        epochs=3,
        batch_size=8,
        verbose=0,
        validation_data=IMAGES,
        callbacks=[report, late],
    )


def test_frames_are_thinned():
    frames = []
    for epoch in range(1, 101):
        frames.append((epoch, None))
        thin(frames, 5)
        assert len(frames) <= 5
    epochs = [epoch for epoch, _ in frames]
    assert (epochs[0], epochs[-1]) == (1, 100)
    gaps = np.diff(epochs)
    # As even as can be where nobody knows when it will end.
    assert gaps.max() <= 3 * np.median(gaps)


def test_pictures_of_every_other_epoch(tmp_path, undrawn):
    grid = SampleGrid(tmp_path / "grid", num=4, columns=2, every=2)
    report = Report(tmp_path / "report.html", pictures=[grid], num_frames=2)
    train(image_games.mirror(), report, epochs=6, before=[grid])
    text = (tmp_path / "report.html").read_text()
    assert text.count("<img ") == 2
    assert "Samples of the same latents, epoch 2" in text
    assert "Samples of the same latents, epoch 6" in text
    assert len(list((tmp_path / "grid").iterdir())) == 3


def test_a_second_run_has_pictures_of_its_own(tmp_path, undrawn):
    path = tmp_path / "report.html"
    report = Report(path, pictures=[SampleGrid(num=4, columns=2)])
    game = image_games.mirror()
    pages = []
    for _ in range(2):
        train(game, report, epochs=1)
        pages.append(path.read_text())
    first, second = (
        text.split('src="data:image/png;base64,')[1].split('"')[0]
        for text in pages
    )
    assert first != second


def test_conditional_game_has_no_pictures_by_itself(tmp_path, undrawn):
    path = tmp_path / "report.html"
    game = image_games.conditional_mirror()
    labels = np.arange(16.0, dtype="float32")[:, None]
    game.fit(IMAGES, labels, verbose=0, callbacks=[Report(path)])
    assert "<img " not in path.read_text()


def test_other_games_and_subclassed_networks(tmp_path):
    class Network(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(1)

        def call(self, inputs):
            return self.dense(keras.ops.concatenate(inputs, axis=-1))

    path = tmp_path / "report.html"
    x = np.ones((8, 3), "float32")
    unet, judge = keras.Sequential([layers.Dense(1)]), Network()
    judge([unet(x), x])
    game = SupervisedGAN(unet, judge)
    game.compile(loss="mae", d_loss="hinge")
    game.fit(x, x[:, :1], verbose=0, callbacks=[Report(path)])
    text = path.read_text()
    assert '<th scope="row">loss</th><td>mae</td>' in text
    # Four weights each: three inputs and a bias; an answer, three inputs.
    assert "4 parameters, 4 of them trainable. In: 3; out: 1." in text
    assert "5 parameters, 5 of them trainable. In: not known" in text


def test_stopped_run(tmp_path, undrawn):
    path = tmp_path / "report.html"
    game = image_games.mirror()
    stop = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: setattr(game, "stop_training", True)
    )
    train(game, Report(path), epochs=5, before=[stop])
    assert "Stopped: epoch 1 of 5" in path.read_text()


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"path": "report"}, "path='report'"),
        ({"pictures": ["samples"]}, "Received: 'samples'"),
        ({"monitor": object()}, "`findings`"),
        ({"num_frames": 1}, "num_frames=1"),
    ],
)
def test_errors(arguments, message):
    with pytest.raises(ValueError, match=message):
        Report(**{"path": "report.html", **arguments})


def test_other_models(tmp_path):
    model = keras.Sequential([keras.Input((1,)), layers.Dense(1)])
    report = Report(tmp_path / "report.html")
    report.set_model(model)
    with pytest.raises(ValueError, match="a game of this package"):
        report.on_train_begin()


def test_metrics_are_explained_by_themselves():
    game = image_games.mirror()
    game.compile(d_loss="hinge", metrics=[FrechetDistance("samples")])
    texts = explanations.of_game(game)
    assert texts["frechet_distance"] == (
        "Fréchet distance between the features of real and of made samples."
    )
    assert texts["losses"].startswith("What each player minimizes")


def test_penalties_and_terms_are_explained():
    x = keras.Input((3,))
    judge = keras.Model([x, x], layers.Dense(1)(x))
    game = SupervisedGAN(keras.Model(x, layers.Dense(3)(x)), judge)
    game.compile(loss="mae", d_loss="hinge", penalties=[R1(1.0)])
    texts = explanations.of_game(game)
    assert "a part of the discriminator's loss" in texts["r1"]
    assert "explicit loss" in texts["supervised"]
