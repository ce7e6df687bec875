import keras
import numpy as np
import pytest
from keras import ops

from tests.helpers.networks import LATENT
from tests.helpers.networks import data
from tests.helpers.networks import equal
from tests.helpers.networks import game
from tests.helpers.networks import linear
from tests.helpers.networks import mlp
from tests.helpers.networks import sgd
from tests.helpers.networks import train
from tests.helpers.networks import vectors

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


def test_compiling_anew_with_another_layer_unfrozen():
    """The averages are those of the weights that learn now."""
    generator = mlp(LATENT, 2)
    generator.layers[0].trainable = False
    gan = game((generator, mlp(2, 1)), ema=0.5)
    train(gan, X)
    generator.layers[0].trainable = True
    gan.compile(sgd(), sgd(), ema=0.5)
    train(gan, X)
    assert [
        tuple(average.shape) for average in gan.weight_average.averages
    ] == [tuple(variable.shape) for variable in generator.trainable_variables]


def test_compiling_anew_with_another_layer_of_the_same_shape():
    """Shapes alone do not tell whose averages they are."""
    first = keras.layers.Dense(3, use_bias=False)
    second = keras.layers.Dense(3, use_bias=False, trainable=False)
    generator = keras.Sequential([keras.Input((3,)), first, second])
    gan = game((generator, mlp(3, 1)), ema=0.5)
    train(gan, data(4, 3))
    first.trainable, second.trainable = False, True
    gan.compile(sgd(), sgd(), ema=0.5)
    latent = ops.convert_to_tensor(data(4, 3))
    np.testing.assert_allclose(
        gan.predict(latent, verbose=0),
        ops.convert_to_numpy(generator(latent)),
        atol=1e-6,
    )


def test_averages_of_the_same_weights_outlive_compiling_anew():
    gan = game(ema=0.9)
    train(gan, X)
    before = [ops.convert_to_numpy(x) for x in gan.weight_average.averages]
    gan.compile(sgd(0.01), sgd(0.01), ema=0.9)
    assert equal(
        [ops.convert_to_numpy(x) for x in gan.weight_average.averages], before
    )
