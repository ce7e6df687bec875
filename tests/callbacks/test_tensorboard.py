import keras
import numpy as np
import pytest
from keras import ops

from keras_ganloss import GAN
from keras_ganloss import CycleGAN
from keras_ganloss.callbacks import SampleGrid
from keras_ganloss.callbacks import TensorBoard
from keras_ganloss.callbacks.tensorboard import outputs
from keras_ganloss.callbacks.tensorboard import tagged_variables
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


def test_numbers_of_the_monitor_are_a_group(tmp_path):
    board = TensorBoard(tmp_path, every=9)
    board.set_model(image_games.mirror())
    board.on_train_begin()
    numbers = {"fake_coverage": 0.5, "copied": 0.5, "held_out_accuracy": 0.5}
    board.on_epoch_end(0, {"d_loss": 1.0, "r1": 0.5, **numbers})
    board.on_train_end()
    assert set(read(tmp_path / "train").Tags()["scalars"]) == {
        "losses/d_loss",
        "r1/r1",
        *(f"monitor/{name}" for name in numbers),
    }


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


def test_networks_of_one_function_have_histograms_of_their_own(tmp_path):
    def network(factor):
        layer = keras.layers.Dense(
            2, kernel_initializer=keras.initializers.Identity(factor)
        )
        return keras.Sequential([keras.Input((2,)), layer], name="net")

    game = CycleGAN(*map(network, (1.0, 2.0, 3.0, 4.0)), seed=0)
    game.compile(keras.optimizers.SGD(0.0), keras.optimizers.SGD(0.0))
    samples = np.ones((4, 2), "float32")
    board = TensorBoard(tmp_path)
    game.fit(samples, samples, verbose=0, callbacks=[board])
    train = read(tmp_path / "train")
    kernels = {
        tag.split("/")[0]: train.Histograms(tag)[-1].histogram_value.sum
        for tag in train.Tags()["histograms"]
        if tag.endswith("kernel")
    }
    names = ("x_to_y", "y_to_x", "x_discriminator", "y_discriminator")
    # The sum of a multiple of the identity of size 2.
    assert kernels == {name: 2.0 * (i + 1) for i, name in enumerate(names)}


def test_layers_of_one_name_have_histograms_of_their_own():
    class Twins(keras.Model):
        def __init__(self):
            super().__init__(name="twins")
            self.first, self.second = [
                keras.layers.Dense(2, name="dense", use_bias=False)
                for _ in range(2)
            ]

        def call(self, inputs):
            return self.second(self.first(inputs))

    twins = Twins()
    twins(np.ones((1, 2), "float32"))
    critic = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    game = GAN(twins, critic, latent_shape=2)
    tagged = tagged_variables(game)
    assert [tag for tag, _ in tagged][:2] == [
        "generator/twins/dense/kernel",
        "generator/twins/dense/kernel (2)",
    ]
    assert [id(variable) for _, variable in tagged] == [
        id(variable)
        for network in (twins, critic)
        for variable in network.trainable_variables
    ]


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
