import numpy as np
import pytest
from keras import ops

from keras_ganloss.callbacks import SampleGrid
from keras_ganloss.callbacks import TensorBoard
from keras_ganloss.callbacks.tensorboard import outputs
from tests.helpers import image_games

accumulator = pytest.importorskip(
    "tensorboard.backend.event_processing.event_accumulator"
)

IMAGES = np.random.default_rng(0).normal(size=(16, 2, 2, 1)).astype("float32")


def read(directory):
    reader = accumulator.EventAccumulator(str(directory))
    reader.Reload()
    return reader


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run of two epochs: its game, history, and what was written."""
    directory = tmp_path_factory.mktemp("logs")
    game = image_games.mirror()
    grid = SampleGrid(num=4, columns=2)
    board = TensorBoard(directory, pictures=[grid], data=IMAGES)
    history = game.fit(
        IMAGES,
        epochs=2,
        batch_size=8,
        verbose=0,
        validation_data=IMAGES,
        callbacks=[board],
    )
    train, validation = (read(directory / n) for n in ("train", "validation"))
    return game, history.history, grid, train, validation


def test_every_log_is_a_scalar(run):
    _, history, _, train, validation = run
    tags = {
        "d_loss": "losses/d_loss",
        "g_loss": "losses/g_loss",
        "d_accuracy": "discriminator accuracy/d_accuracy",
        "real_output": "mean outputs/real_output",
        "fake_output": "mean outputs/fake_output",
    }
    assert set(train.Tags()["scalars"]) == set(tags.values())
    for name, tag in tags.items():
        for reader, prefix in ((train, ""), (validation, "val_")):
            points = reader.Scalars(tag)
            assert [point.step for point in points] == [1, 2]
            np.testing.assert_allclose(
                [point.value for point in points],
                history[prefix + name],
                rtol=1e-6,
            )


def test_weights_are_histograms(run):
    game, _, _, train, _ = run
    tags = train.Tags()["histograms"]
    variables = {
        f"{player.name}/{variable.path}": variable
        for player in (game.g_player, game.d_player)
        for variable in player.variables
    }
    assert set(tags) == {*variables, "outputs/real", "outputs/fake"}
    for tag, variable in variables.items():
        last = train.Histograms(tag)[-1].histogram_value
        values = image_games.numpy(variable)
        assert last.num == values.size
        assert last.sum == pytest.approx(values.sum(), abs=1e-5)


def test_outputs_are_those_of_the_discriminator(run):
    game, _, _, train, _ = run
    expected = game.discriminator.predict(IMAGES, verbose=0)
    real = outputs(game, IMAGES)["real"]
    np.testing.assert_allclose(real, expected.ravel(), rtol=1e-5)
    last = train.Histograms("outputs/real")[-1].histogram_value
    assert last.num == 16
    assert last.sum == pytest.approx(expected.sum(), rel=1e-5)
    assert train.Histograms("outputs/fake")[-1].histogram_value.num == 16


def test_pictures_and_settings(run):
    _, _, grid, train, _ = run
    images = train.Images("samples")
    assert [image.step for image in images] == [1, 2]
    assert images[1].encoded_image_string == grid.png(2)
    (settings,) = train.Tensors("settings")
    text = settings.tensor_proto.string_val[0].decode()
    assert "| d_loss | ModifiedMinimax() |" in text
    assert "| ema | 0.5 |" in text


def test_outputs_leave_the_random_state(run):
    game = run[0]
    before = image_games.numpy(game.seed_generator.state)
    first = outputs(game, IMAGES)
    second = outputs(game, IMAGES)
    after = image_games.numpy(game.seed_generator.state)
    np.testing.assert_array_equal(before, after)
    np.testing.assert_array_equal(first["fake"], second["fake"])


def test_conditional_outputs():
    game = image_games.conditional_mirror()
    labels = np.arange(16.0, dtype="float32")[:, None]
    found = outputs(game, (IMAGES, labels))["real"]
    expected = game.discriminator([IMAGES, labels], training=False)
    np.testing.assert_allclose(
        found, ops.convert_to_numpy(expected).ravel(), rtol=1e-5
    )


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"pictures": [1]}, "Received: 1"),
        ({"every": 0}, "every=0"),
    ],
)
def test_errors(arguments, message):
    with pytest.raises(ValueError, match=message):
        TensorBoard("logs", **arguments)


def test_other_models(tmp_path):
    board = TensorBoard(tmp_path)
    board.set_model(object())
    with pytest.raises(ValueError, match="keras.callbacks.TensorBoard"):
        board.on_train_begin()
