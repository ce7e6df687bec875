import keras
import numpy as np
import pytest
from keras import ops

from tests.helpers.networks import LATENT
from tests.helpers.networks import Subclassed
from tests.helpers.networks import data
from tests.helpers.networks import equal
from tests.helpers.networks import game
from tests.helpers.networks import linear
from tests.helpers.networks import mlp
from tests.helpers.networks import raises
from tests.helpers.networks import sgd
from tests.helpers.networks import train
from tests.helpers.networks import vectors
from tests.helpers.networks import weights

X = data(4)


def constant_generator(value=1.0, **kwargs):
    """Always makes `value`; its bias learns."""
    return keras.Sequential(
        [
            keras.Input((LATENT,)),
            keras.layers.Dense(
                1,
                kernel_initializer="zeros",
                bias_initializer=keras.initializers.Constant(value),
                **kwargs,
            ),
        ]
    )


@pytest.mark.parametrize("decay", [0.0, 0.3, 0.999])
def test_averages_follow_the_ramp(decay):
    """`average += (1 - min(decay, (1 + t) / (10 + t))) (weight - average)`."""
    gan = game(ema=decay, d_steps=2)
    variables = gan.generator.trainable_variables
    expected = [ops.convert_to_numpy(variable) for variable in variables]
    for number in range(6):
        gan.train_on_batch(data(4, seed=number))
        if number % 2:  # The generator has played, for the t-th time.
            t = (number + 1) // 2
            share = 1.0 - min(decay, (1.0 + t) / (10.0 + t))
            expected = [
                average + share * (ops.convert_to_numpy(variable) - average)
                for average, variable in zip(expected, variables)
            ]
    for average, value in zip(gan.weight_average.averages, expected):
        np.testing.assert_allclose(
            ops.convert_to_numpy(average), value, atol=1e-6
        )


def test_predict_generate_and_evaluate_use_the_averages():
    """With the averages and the current moving statistics of BatchNorm."""
    gan = game(vectors(batch_normalization=True), 0.5, ema=0.9)
    train(gan, data(12), epochs=2)
    latent = ops.convert_to_tensor(data(5, LATENT))
    current = ops.convert_to_numpy(gan.generator(latent, training=False))
    before = gan.generator.get_weights()
    averaged = keras.models.clone_model(gan.generator)
    averaged.set_weights(before)
    for variable, average in zip(
        averaged.trainable_variables, gan.weight_average.averages
    ):
        variable.assign(ops.copy(average.value))
    expected = ops.convert_to_numpy(averaged(latent, training=False))
    assert not np.allclose(expected, current, atol=1e-3)
    predicted = gan.predict(latent, verbose=0)
    np.testing.assert_allclose(predicted, expected, atol=1e-6)
    latent = keras.random.normal((5, LATENT), seed=3)
    np.testing.assert_allclose(
        gan.generate(5, seed=3),
        ops.convert_to_numpy(averaged(latent, training=False)),
        atol=1e-6,
    )
    with gan.averaged_in_place():
        assert equal(gan.generator.get_weights(), averaged.get_weights())
    assert equal(gan.generator.get_weights(), before)


def test_evaluate_judges_the_averaged_generator():
    """G makes its bias: 0 at first, which a decay of nearly one keeps."""
    gan = game((constant_generator(0.0), linear(1)), d_loss="wasserstein",
               ema=0.0)  # fmt: skip
    train(gan, X[:, :1])
    bias = gan.generator.get_weights()[1].item()
    kernel = gan.discriminator.get_weights()[0].item()
    assert bias != 0.0
    gan.weight_average.averages[1].assign([7.0])
    gan.weight_average.averages[0].assign(np.zeros((LATENT, 1)))
    logs = gan.evaluate(X[:, :1], verbose=0, return_dict=True)
    assert logs["fake_output"] == pytest.approx(7.0 * kernel, rel=1e-5)


def numbers(variables):
    return [ops.convert_to_numpy(variable) for variable in variables]


def trained(ema=0.9, **kwargs):
    """A game whose averages are far from the weights."""
    kwargs = {"run_eagerly": True, **kwargs}  # Nothing is worth compiling.
    gan = game(vectors(batch_normalization=True), 0.5, ema=ema, **kwargs)
    train(gan, data(12), epochs=3)
    return gan


def samples(model, seed=3):
    """What a game or a plain generator makes of the same latents."""
    latent = ops.convert_to_tensor(data(5, LATENT, seed))
    return ops.convert_to_numpy(model(latent, training=False))


def predicted(gan, seed=3):
    return gan.predict(data(5, LATENT, seed), verbose=0)


def first_layer(gan):
    return gan.generator.layers[0]


FREEZING = {
    "a layer": lambda gan: setattr(first_layer(gan), "trainable", False),
    "the last layer": lambda gan: setattr(
        gan.generator.layers[-1], "trainable", False
    ),
    "the generator": lambda gan: setattr(gan.generator, "trainable", False),
    "the game": lambda gan: setattr(gan, "trainable", False),
    "low rank": lambda gan: first_layer(gan).enable_lora(2),
}


@pytest.fixture(params=sorted(FREEZING))
def freeze(request):
    return FREEZING[request.param]


def test_samples_are_the_same_whatever_is_frozen(freeze):
    gan = trained()
    before = samples(gan)
    assert np.abs(before - samples(gan.generator)).max() > 1e-3
    freeze(gan)
    np.testing.assert_allclose(samples(gan), before, atol=1e-6)
    np.testing.assert_allclose(predicted(gan), before, atol=1e-6)
    with gan.averaged_in_place():
        np.testing.assert_allclose(samples(gan.generator), before, atol=1e-6)
    copy = gan.averaged_generator()
    np.testing.assert_allclose(samples(copy), before, atol=1e-6)


@pytest.mark.parametrize("compiled", [True, False])
def test_what_was_saved_frozen_is_loaded(freeze, compiled, tmp_path):
    gan = trained()
    before = samples(gan)
    freeze(gan)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.saving.load_model(tmp_path / "gan.keras", compile=compiled)
    np.testing.assert_allclose(samples(loaded), before, atol=1e-6)
    flags = [layer.trainable for layer in gan.generator.layers]
    assert flags == [layer.trainable for layer in loaded.generator.layers]
    if compiled:
        with raises("`trainable`", "Call `compile` again"):
            train(loaded, X)


def test_unfrozen_after_loading_it_goes_on(tmp_path):
    """With the slots of all weights, and the averages."""
    gan = trained(
        d_optimizer=keras.optimizers.Adam(0.1),
        g_optimizer=keras.optimizers.Adam(0.1),
    )
    gan.generator.trainable = False
    gan.save(tmp_path / "gan.keras")
    loaded = keras.saving.load_model(tmp_path / "gan.keras")
    for one in (gan, loaded):
        for layer in one.generator.layers:
            layer.trainable = True
        one.generator.trainable = True
        train(one, X, epochs=2)
    assert equal(weights(loaded), weights(gan))


def test_frozen_and_compiled_anew_the_averages_stay():
    gan = trained()
    before, averages = samples(gan), numbers(gan.weight_average.averages)
    first_layer(gan).trainable = False
    gan.compile(sgd(), sgd(), ema=0.9, run_eagerly=True)
    np.testing.assert_allclose(samples(gan), before, atol=1e-6)
    old = numbers(gan.generator.weights[:2])
    train(gan, X)  # The tenth update: a decay of 11 / 20.
    assert equal(numbers(gan.generator.weights[:2]), old)
    for new, average, weight in zip(
        numbers(gan.weight_average.averages), averages, old
    ):
        expected = weight + 11.0 / 20.0 * (average - weight)
        np.testing.assert_allclose(new, expected, atol=1e-6)


def test_with_another_layer_of_the_same_shape_frozen():
    """Shapes and places do not tell whose averages they are."""
    first = keras.layers.Dense(3, use_bias=False)
    second = keras.layers.Dense(3, use_bias=False, trainable=False)
    generator = keras.Sequential([keras.Input((3,)), first, second])
    gan = game((generator, mlp(3, 1)), ema=0.5)
    train(gan, data(4, 3))
    average = ops.convert_to_numpy(gan.weight_average.averages[0])
    first.trainable, second.trainable = False, True
    gan.compile(sgd(), sgd(), ema=0.5)
    x = data(4, 3)
    kernel = ops.convert_to_numpy(second.kernel)
    np.testing.assert_allclose(
        gan.predict(x, verbose=0), x @ average @ kernel, atol=1e-5
    )


def test_what_was_never_trained_stands_for_itself():
    """Frozen from the beginning, and loaded later."""
    generator, discriminator = vectors()
    generator.layers[0].trainable = False
    gan = game((generator, discriminator), 0.5, ema=0.9, run_eagerly=True)
    train(gan, X, epochs=3)
    layer = generator.layers[0]
    layer.set_weights([2.0 * weight for weight in layer.get_weights()])
    kernel, bias = numbers(gan.weight_average.averages)[2:]
    latent = ops.convert_to_tensor(data(5, LATENT, 3))
    hidden = ops.convert_to_numpy(layer(latent))
    np.testing.assert_allclose(samples(gan), hidden @ kernel + bias, atol=1e-5)


def load_by_weights(gan, source, folder):
    del folder
    gan.generator.set_weights(source.get_weights())


def load_from_file(gan, source, folder):
    source.save_weights(folder / "generator.weights.h5")
    gan.generator.load_weights(folder / "generator.weights.h5")


@pytest.fixture
def source():
    """A generator with other weights than those of a `game`."""
    source = vectors()[0]
    source.set_weights([weight + 1.0 for weight in source.get_weights()])
    return source


def assert_first_update(gan, start):
    """`W0 + (1 - 2 / 11) (W1 - W0)`."""
    for average, first, last in zip(
        numbers(gan.weight_average.averages),
        start,
        gan.generator.get_weights(),
    ):
        np.testing.assert_allclose(
            average, first + (9.0 / 11.0) * (last - first), atol=1e-5
        )


@pytest.mark.parametrize("load", [load_by_weights, load_from_file])
def test_the_average_starts_from_what_is_loaded(load, source, tmp_path):
    gan = game(ema=0.999, rate=0.5)
    predicted(gan)  # What is compiled by then has to know, too.
    load(gan, source, tmp_path)
    np.testing.assert_allclose(samples(gan), samples(source), atol=1e-6)
    np.testing.assert_allclose(predicted(gan), samples(source), atol=1e-6)
    train(gan, X, batch_size=len(X))
    assert_first_update(gan, source.get_weights())


@pytest.mark.parametrize("moment", ["on_train_begin", "on_epoch_begin"])
def test_the_average_starts_from_what_a_callback_loads(moment, source):
    gan = game(ema=0.999, rate=0.5, run_eagerly=True)
    callback = keras.callbacks.Callback()
    start = source.get_weights()
    setattr(
        callback, moment, lambda *args, **kw: gan.generator.set_weights(start)
    )
    train(gan, X, batch_size=len(X), callbacks=[callback])
    assert_first_update(gan, start)


def test_pretraining_counts_for_nothing():
    """The optimizer's iterations are not the updates of the average."""
    generator, discriminator = vectors()
    optimizer = sgd(0.5)
    generator.compile(optimizer, "mse")
    generator.fit(data(40, LATENT), data(40), batch_size=2, verbose=0)
    assert int(optimizer.iterations) == 20
    gan = game(
        (generator, discriminator),
        g_optimizer=optimizer,
        ema=0.999,
        run_eagerly=True,
    )
    start = generator.get_weights()
    gan.train_on_batch(X)
    assert_first_update(gan, start)


def test_the_file_of_the_game_brings_its_averages(tmp_path):
    gan = trained()
    gan.save_weights(tmp_path / "gan.weights.h5")
    fresh = game(
        vectors(batch_normalization=True), 0.5, ema=0.9, run_eagerly=True
    )
    fresh.load_weights(tmp_path / "gan.weights.h5")
    np.testing.assert_allclose(samples(fresh), samples(gan), atol=1e-6)
    for one in (gan, fresh):
        train(one, X)
    assert equal(weights(fresh), weights(gan))


def test_the_file_of_a_game_without_averages_starts_them(tmp_path):
    plain = game(vectors(batch_normalization=True), 0.5, run_eagerly=True)
    train(plain, X)
    plain.save_weights(tmp_path / "gan.weights.h5")
    gan = trained()
    gan.load_weights(tmp_path / "gan.weights.h5")
    np.testing.assert_allclose(samples(gan), samples(plain), atol=1e-6)


def test_quantizing():
    """As Keras quantizes a plain model with the averaged weights."""
    gan = trained()
    plain = keras.models.clone_model(gan.generator)
    with gan.averaged_in_place():
        plain.set_weights(gan.generator.get_weights())
    plain.quantize("int8")
    before = gan.generator.get_weights()
    with raises("averaged_generator"):
        gan.quantize("int8")
    assert equal(gan.generator.get_weights(), before)
    copy = gan.averaged_generator()
    copy.quantize("int8")
    np.testing.assert_array_equal(samples(copy), samples(plain))
    assert equal(gan.generator.get_weights(), before)


USES = {
    "call": samples,
    "predict": predicted,
    "generate": lambda gan: gan.generate(2),
    "averaged_generator": lambda gan: gan.averaged_generator(),
    "evaluate": lambda gan: gan.evaluate(X, verbose=0),
    "compile": lambda gan: gan.compile(sgd(), sgd(), ema=0.9),
}


@pytest.fixture(scope="module")
def quantized():
    gan = trained(run_eagerly=False)  # What is compiled has to know, too.
    predicted(gan)
    gan.evaluate(X, verbose=0)
    gan.generator.quantize("int8")
    return gan


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_quantized_in_place_the_averages_have_no_weights(use, quantized):
    """They cannot be put back: said, not made up."""
    with raises("lost weights", "averaged_generator"):
        use(quantized)


def test_quantized_in_place_it_does_not_train(quantized):
    with raises("`trainable`", "Call `compile` again"):
        train(quantized, X)


def test_low_rank_training_is_averaged_saved_and_loaded(tmp_path):
    gan = trained()
    layer = first_layer(gan)
    layer.enable_lora(2)
    gan.compile(sgd(0.5), sgd(0.5), ema=0.9, run_eagerly=True)
    kernel = ops.convert_to_numpy(layer._kernel)
    train(gan, X, epochs=3)
    assert np.array_equal(ops.convert_to_numpy(layer._kernel), kernel)
    expected = samples(gan)
    copy = gan.averaged_generator()
    np.testing.assert_allclose(samples(copy), expected, atol=1e-6)
    gan.save(tmp_path / "gan.keras")
    for compiled in (True, False):
        loaded = keras.saving.load_model(
            tmp_path / "gan.keras", compile=compiled
        )
        np.testing.assert_allclose(samples(loaded), expected, atol=1e-6)


def test_the_averaged_generator_shares_nothing():
    gan = trained()
    before = weights(gan)
    copy = gan.averaged_generator()
    assert type(copy) is keras.Sequential
    np.testing.assert_allclose(samples(copy), samples(gan), atol=1e-6)
    copy.compile(sgd(), "mse")
    copy.fit(data(4, LATENT), X, verbose=0)
    assert equal(weights(gan), before)
    ids = {id(variable) for variable in gan.variables}
    assert not ids & {id(variable) for variable in copy.variables}


def test_the_averaged_generator_without_averages():
    gan = game()
    np.testing.assert_array_equal(
        samples(gan.averaged_generator()), samples(gan.generator)
    )
    with raises("`name` must be one of"):
        gan.averaged_generator("discriminator")


def test_the_averaged_generator_of_own_classes():
    generator = Subclassed(2)
    generator(data(1, LATENT))
    gan = game(
        (generator, mlp(2, 1)),
        0.5,
        ema=0.9,
        run_eagerly=True,
        gan_kwargs={"latent_shape": (LATENT,)},
    )
    train(gan, data(12))
    copy = gan.averaged_generator()
    assert type(copy) is Subclassed
    np.testing.assert_allclose(samples(copy), samples(gan), atol=1e-6)


def test_compiling_anew_leaves_no_variables_behind():
    gan = game(ema=0.5)
    number = len(gan.variables)
    gan.compile(sgd(), sgd(), ema=0.5)
    assert len(gan.variables) == number
    gan.compile(sgd(), sgd())
    assert len(gan.variables) == number - 5  # Four averages, and the counts.


def test_averages_of_the_same_weights_outlive_compiling_anew():
    gan = game(ema=0.9)
    train(gan, X)
    before = [ops.convert_to_numpy(x) for x in gan.weight_average.averages]
    gan.compile(sgd(0.01), sgd(0.01), ema=0.9)
    assert equal(
        [ops.convert_to_numpy(x) for x in gan.weight_average.averages], before
    )
