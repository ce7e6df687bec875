"""Grids of models whose every answer is known."""

import types

import keras
import numpy as np
import pytest
from keras import layers

from keras_ganloss import CycleGAN
from keras_ganloss import SupervisedGAN
from keras_ganloss.callbacks import AnswerGrid
from keras_ganloss.callbacks import Report
from keras_ganloss.callbacks import TensorBoard
from keras_ganloss.callbacks.answer_grid import pick
from keras_ganloss.utils.images import to_pixels
from tests.helpers.image_games import Offset
from tests.helpers.image_games import numpy

Image = pytest.importorskip("PIL.Image")

HEAD = 24  # Height of the headings, in pixels.
SIDE = 360  # Of the images, so that none is enlarged.
SHAPE = (SIDE, SIDE, 1)


def images(num, *shape, low=-1.0, seed=0):
    generator = np.random.default_rng(seed)
    return generator.uniform(low, 1.0, (num, *shape)).astype("float32")


def identity(shape=SHAPE):
    x = keras.Input(shape)
    return keras.Model(x, layers.Identity()(x))


def draw(grid, model):
    """Returns the picture of the first epoch, without the headings."""
    grid.set_model(model)
    grid.on_train_begin()
    grid.on_epoch_end(0, {})
    grid.on_train_end()
    picture = np.asarray(Image.open(grid.directory / "epoch_0001.png"))
    assert (picture[:HEAD] < 128).any() and (picture[0] == 255).all()
    return picture[HEAD:]


def side_by_side(*columns):
    rows = [np.concatenate(row, axis=1) for row in zip(*columns)]
    return np.concatenate(rows).squeeze()


def critic(*shapes):
    inputs = [keras.Input(shape) for shape in shapes]
    flat = [layers.Flatten()(tensor) for tensor in inputs]
    both = layers.Concatenate()(flat) if len(flat) > 1 else flat[0]
    hidden = layers.Dropout(0.3, seed=4)(layers.Dense(4)(both))
    return keras.Model(
        inputs if len(inputs) > 1 else inputs[0], layers.Dense(1)(hidden)
    )


# What is where.


def test_every_pixel_of_a_known_model(tmp_path):
    x, y = images(3, *SHAPE), images(3, *SHAPE, seed=1)
    grid = AnswerGrid(tmp_path, x, y)
    first, second = to_pixels(x, (-1, 1)), to_pixels(y, (-1, 1))
    np.testing.assert_array_equal(
        draw(grid, identity()), side_by_side(first, first, second)
    )


def test_ranges_of_their_own(tmp_path):
    # The input is in [0, 1], the answer is what it is in [-1, 1].
    x = images(2, *SHAPE, low=0.0)
    inputs = keras.Input(SHAPE)
    model = keras.Model(inputs, layers.Rescaling(2.0, -1.0)(inputs))
    grid = AnswerGrid(tmp_path, x)
    picture = draw(grid, model)
    assert (grid.input_range, grid.value_range) == ((0, 1), (-1, 1))
    pixels = to_pixels(x, (0, 1)).astype(int)
    expected = side_by_side(pixels, pixels)
    assert np.abs(picture - expected).max() <= 1


def test_ranges_that_are_given(tmp_path):
    x = np.full((1, *SHAPE), 51.0, "float32")
    grid = AnswerGrid(
        tmp_path, x, x, value_range=(0, 102), input_range=(0, 255)
    )
    picture = draw(grid, identity())
    assert picture[:, :SIDE].max() == picture[:, :SIDE].min() == 51
    assert picture[:, SIDE:].max() == picture[:, SIDE:].min() == 128


def test_the_range_is_that_of_the_right_answers(tmp_path):
    grid = AnswerGrid(
        tmp_path, images(2, *SHAPE, low=0.0), -np.ones((2, 1, 1, 1))
    )
    assert grid.value_range == (-1, 1)


def test_gray_inputs_of_color_answers(tmp_path):
    x = images(2, *SHAPE)
    inputs = keras.Input(SHAPE)
    red = layers.Concatenate()(
        [layers.Rescaling(0.0, offset)(inputs) for offset in (1.0, -1.0, -1.0)]
    )
    picture = draw(AnswerGrid(tmp_path, x), keras.Model(inputs, red))
    gray = side_by_side(to_pixels(x, (-1, 1)))
    assert picture.shape == (2 * SIDE, 2 * SIDE, 3)
    for channel in range(3):
        np.testing.assert_array_equal(picture[:, :SIDE, channel], gray)
    assert (picture[:, SIDE:] == [255, 0, 0]).all()


def test_inputs_with_opacity_beside_gray_answers(tmp_path):
    x = images(1, SIDE, SIDE, 4)
    inputs = keras.Input(x.shape[1:])
    white = layers.Conv2D(
        1, 1, kernel_initializer="zeros", bias_initializer="ones"
    )(inputs)
    picture = draw(AnswerGrid(tmp_path, x), keras.Model(inputs, white))
    np.testing.assert_array_equal(picture[:, :SIDE], to_pixels(x, (-1, 1))[0])
    assert (picture[:, SIDE:] == 255).all()


def test_small_images_get_room_for_headings(tmp_path):
    x = images(2, 5, 5, 1)
    picture = draw(AnswerGrid(tmp_path, x, x), identity((5, 5, 1)))
    side = 24 * 5  # Three of them are wide enough to be shown as they are.
    assert picture.shape == (2 * side, 3 * side)
    pixels = to_pixels(x, (-1, 1))
    np.testing.assert_array_equal(
        picture[::24, ::24], side_by_side(pixels, pixels, pixels)
    )


def test_inputs_of_another_size_are_scaled(tmp_path):
    x = images(2, SIDE // 4, SIDE // 4, 1)
    inputs = keras.Input(x.shape[1:])
    model = keras.Model(inputs, layers.UpSampling2D(4)(inputs))
    picture = draw(AnswerGrid(tmp_path, x), model)
    np.testing.assert_array_equal(picture[:, :SIDE], picture[:, SIDE:])


def test_channels_first(tmp_path):
    keras.config.set_image_data_format("channels_first")
    try:
        x = images(2, 3, SIDE, SIDE)
        picture = draw(AnswerGrid(tmp_path, x, x), identity(x.shape[1:]))
    finally:
        keras.config.set_image_data_format("channels_last")
    pixels = to_pixels(x, (-1, 1)).transpose(0, 2, 3, 1)
    np.testing.assert_array_equal(picture, side_by_side(pixels, pixels, pixels))


def label_to_shade():
    label = keras.Input((), dtype="int32")
    shade = layers.Embedding(
        3,
        1,
        embeddings_initializer=lambda shape, dtype: (
            keras.ops.arange(3, dtype=dtype)[:, None] / 2
        ),
    )(label)
    shade = layers.Reshape((1, 1, 1))(shade)
    return keras.Model(label, layers.UpSampling2D(SIDE)(shade))


def test_inputs_that_are_no_images_are_left_out(tmp_path):
    right = np.ones((3, *SHAPE))
    grid = AnswerGrid(tmp_path, np.arange(3), right)
    picture = draw(grid, label_to_shade())
    assert picture.shape == (3 * SIDE, 2 * SIDE)
    shades = picture[::SIDE, 0].tolist()
    assert shades == [0, 128, 255]
    assert (picture[:, SIDE:] == 255).all()


def test_inputs_of_several_parts_are_left_out(tmp_path):
    one, other = keras.Input(SHAPE), keras.Input(SHAPE)
    model = keras.Model([one, other], layers.Average()([one, other]))
    x = [images(2, *SHAPE), images(2, *SHAPE, seed=1)]
    pixels = to_pixels((x[0] + x[1]) / 2, (-1, 1))
    np.testing.assert_array_equal(
        draw(AnswerGrid(tmp_path, x), model), side_by_side(pixels)
    )


# Which output.


def two_outputs():
    x = keras.Input(SHAPE)
    outputs = {"same": layers.Identity()(x), "other": -1.0 * x}
    return keras.Model(x, outputs)


@pytest.mark.parametrize("output, sign", [("same", 1.0), ("other", -1.0)])
def test_one_of_several_outputs(tmp_path, output, sign):
    x = images(2, *SHAPE)
    right = {"same": 0.5 * x, "other": -0.5 * x}
    grid = AnswerGrid(tmp_path, x, right, output=output)
    columns = (x, sign * x, right[output])
    expected = [to_pixels(column, (-1, 1)) for column in columns]
    np.testing.assert_array_equal(
        draw(grid, two_outputs()), side_by_side(*expected)
    )


def test_pick_by_hand():
    assert pick(np.float32(3.0), None, "it") == 3.0
    assert pick({"a": 1, "b": 2}, "b", "it") == 2
    assert pick([1, 2], 0, "it") == 1
    assert pick({"a": 1}, None, "it") == 1


@pytest.mark.parametrize(
    "arrays, output, message",
    [
        ({"a": 1, "b": 2}, None, r"it has \['a', 'b'\].*output=None"),
        ({"a": 1, "b": 2}, "c", "output='c'"),
        ([1, 2], 2, r"it has \[0, 1\].*output=2"),
        ([1, 2], ["a"], r"output=\['a'\]"),
        (1, "a", "it is an array alone.*output='a'"),
    ],
)
def test_pick_errors(arrays, output, message):
    with pytest.raises(ValueError, match=message):
        pick(arrays, output, "it")


def test_the_model_names_its_outputs():
    grid = AnswerGrid(None, images(2, *SHAPE))
    with pytest.raises(ValueError, match=r"returns has \['.*', '.*'\]"):
        grid.begin(two_outputs())


# It leaves no trace.


class Noise(layers.Layer):
    """Adds noise, at all times, to an image."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.seed_generator = keras.random.SeedGenerator(5)

    def call(self, inputs):
        return inputs + 0.1 * keras.random.normal(
            keras.ops.shape(inputs), seed=self.seed_generator
        )


def drawing_model(shape=(4, 4, 1)):
    x = keras.Input(shape)
    hidden = layers.BatchNormalization()(Noise()(x))
    hidden = layers.Dropout(0.3, seed=3)(
        layers.Conv2D(4, 3, padding="same")(hidden)
    )
    return keras.Model(x, layers.Conv2D(1, 3, padding="same")(hidden))


def make_supervised():
    model = drawing_model()
    model.compile(keras.optimizers.SGD(0.1), "mse")
    return model


def make_game(ema=0.5):
    game = SupervisedGAN(drawing_model(), critic((4, 4, 1), (4, 4, 1)), seed=0)
    game.compile(
        loss="mse",
        g_optimizer=keras.optimizers.SGD(0.1),
        d_optimizer=keras.optimizers.SGD(0.1),
        ema=ema,
    )
    return game


@pytest.mark.parametrize("make", [make_supervised, make_game])
def test_training_is_not_disturbed(tmp_path, make):
    # Shuffled, as it is by default.
    x, y = images(24, 4, 4, 1), images(24, 4, 4, 1, seed=1)
    grid = AnswerGrid(tmp_path, x[:3], y[:3])
    results = []
    for callbacks in ([], [grid]):
        keras.utils.set_random_seed(0)
        model = make()
        history = model.fit(
            x,
            y,
            epochs=3,
            batch_size=8,
            validation_data=(x[:8], y[:8]),
            verbose=0,
            callbacks=callbacks,
        )
        weights = [numpy(variable) for variable in model.variables]
        results.append((history.history, weights))
    (alone, weights), (watched, watched_weights) = results
    assert watched == alone
    for one, other in zip(weights, watched_weights):
        np.testing.assert_array_equal(one, other)
    assert len(list(tmp_path.iterdir())) == 3


def test_a_model_that_draws_is_seen_in_the_same_random_state():
    grid = AnswerGrid(None, images(2, 4, 4, 1))
    game = make_game()
    grid.begin(game)
    before = grid.samples()
    game.predict(images(5, 4, 4, 1), verbose=0)  # Rolls the dice.
    np.testing.assert_array_equal(grid.samples(), before)


# Models.


# The decay of the first update is at most (1 + t) / (10 + t) with t = 1.
@pytest.mark.parametrize("ema, drawn", [(0.0, 1.0), (0.999, 1.0 - 2.0 / 11.0)])
def test_the_averaged_generator_is_drawn(tmp_path, ema, drawn):
    # The generator's offset goes from 0 to 1 in one step.
    x = np.zeros((4, 1, 1, 1), "float32")
    inputs = keras.Input((1, 1, 1))
    generator = keras.Model(inputs, Offset()(inputs))
    game = SupervisedGAN(generator, critic((1, 1, 1), (1, 1, 1)), seed=0)
    game.compile(
        loss="mse",  # Its gradient by the offset is -2.
        loss_weights={"adversarial": 0.0},
        g_optimizer=keras.optimizers.SGD(0.5),
        ema=ema,
    )
    grid = AnswerGrid(tmp_path, x[:1], np.ones((1, 1, 1, 1)))
    game.fit(x, np.ones_like(x), verbose=0, callbacks=[grid])
    assert numpy(generator.weights[0]).item() == pytest.approx(1.0)
    picture = np.asarray(Image.open(tmp_path / "epoch_0001.png"))[HEAD:]
    shades = picture[0, :: picture.shape[1] // 3].tolist()
    assert shades == [0, round(255 * drawn), 255]


def test_before_and_after_the_learned_loss(tmp_path):
    x, y = images(8, 4, 4, 1), images(8, 4, 4, 1, seed=1)
    grid = AnswerGrid(tmp_path, x[:2], y[:2])
    inputs = keras.Input((4, 4, 1))
    model = keras.Model(inputs, Offset()(inputs))
    model.compile("sgd", "mse")
    model.fit(x, y, verbose=0, callbacks=[grid])
    np.testing.assert_allclose(
        grid.samples(), model.predict(x[:2], verbose=0), rtol=1e-6
    )
    game = SupervisedGAN.from_compiled(model, critic((4, 4, 1), (4, 4, 1)))
    game.fit(x, y, epochs=2, verbose=0, callbacks=[grid])
    assert len(list(tmp_path.iterdir())) == 2
    np.testing.assert_allclose(
        grid.samples(), game.predict(x[:2], verbose=0), rtol=1e-6
    )


@pytest.mark.skipif(
    keras.backend.backend() == "torch", reason="Keras has it for others"
)
def test_several_steps_per_execution(tmp_path):
    x = images(12, 4, 4, 1)
    model = drawing_model()
    model.compile("sgd", "mse", steps_per_execution=2)
    grid = AnswerGrid(tmp_path, x[:3], x[:3])
    model.fit(x, x, batch_size=4, verbose=0, callbacks=[grid])
    assert grid.samples().shape == (3, 4, 4, 1)


def test_unpaired_translation(tmp_path):
    networks = identity((4, 4, 1)), identity((4, 4, 1))
    game = CycleGAN(*networks, critic((4, 4, 1)), critic((4, 4, 1)))
    x = images(2, 4, 4, 1)
    picture = draw(AnswerGrid(tmp_path, x), game)
    pixels = to_pixels(x, (-1, 1))
    np.testing.assert_array_equal(
        picture[::45, ::45], side_by_side(pixels, pixels)
    )


def test_in_a_report_and_in_tensorboard(tmp_path):
    loader = pytest.importorskip(
        "tensorboard.backend.event_processing.event_file_loader"
    )
    x = images(8, 4, 4, 1)
    grid = AnswerGrid(tmp_path / "answers", x[:2], x[:2])
    game = make_game()
    watchers = [
        grid,
        TensorBoard(tmp_path / "logs", [grid]),
        Report(tmp_path / "report.html", [grid]),
    ]
    game.fit(x, x, epochs=2, verbose=0, callbacks=watchers)
    assert AnswerGrid.caption in (tmp_path / "report.html").read_text()
    (path,) = (tmp_path / "logs" / "train").iterdir()
    events = loader.LegacyEventFileLoader(str(path)).Load()
    shown = [
        value.image.encoded_image_string
        for event in events
        for value in event.summary.value
        if value.tag == "answers"
    ]
    files = sorted((tmp_path / "answers").iterdir())
    assert shown == [path.read_bytes() for path in files]


# What is wrong.


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"x": np.zeros((0, *SHAPE))}, r"`x` must.*\(0, 360, 360, 1\)"),
        ({"x": [1.0, 2.0]}, "`x` must.*type list"),
        ({"x": object()}, "type object"),
        (
            {"x": [np.zeros((2, 3)), np.zeros((3, 3))]},
            r"equal length.*\(3, 3\)",
        ),
        ({"y": np.zeros((3, *SHAPE))}, r"x of 2 rows, y of shape \(3, 360"),
        ({"y": np.zeros((2, 48, 48))}, r"`y` must be images.*\(2, 48, 48\)"),
        ({"y": np.zeros((2, 48, 48, 2))}, "1, 3 or 4"),
        ({"y": {"a": np.zeros((2, *SHAPE)), "b": np.zeros(2)}}, "'a', 'b'"),
        ({"y": np.zeros((2, *SHAPE)), "output": "a"}, "`y` is an array"),
        ({"value_range": (1, 1)}, r"`value_range`.*value_range=\(1, 1\)"),
        ({"input_range": (0, np.inf)}, r"`input_range`.*input_range=\(0, inf"),
        ({"every": 0}, "every=0"),
    ],
)
def test_errors(arguments, message):
    with pytest.raises(ValueError, match=f"(?s){message}"):
        AnswerGrid(None, **{"x": np.zeros((2, *SHAPE)), **arguments})


def test_right_answers_of_another_shape():
    grid = AnswerGrid(None, np.zeros((2, *SHAPE)), np.zeros((2, 9, 9, 1)))
    with pytest.raises(ValueError, match=r"\(2, 9, 9, 1\).*\(2, 360, 360, 1\)"):
        grid.begin(identity())


def test_answers_that_are_no_images():
    x = keras.Input((3,))
    grid = AnswerGrid(None, np.zeros((2, 3)))
    with pytest.raises(ValueError, match=r"samples of shape \(2,\)"):
        grid.begin(keras.Model(x, layers.Dense(2)(x)))


def test_a_model_that_is_none():
    grid = AnswerGrid(None, np.zeros((2, *SHAPE)))
    with pytest.raises(ValueError, match="`keras.Model`.*model=namespace"):
        grid.begin(types.SimpleNamespace())
