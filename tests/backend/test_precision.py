"""Half precision: what survives float16, and who is scaled."""

import keras
import numpy as np
import pytest
from keras import layers
from keras import ops

from keras_ganloss import GAN
from keras_ganloss import backend
from keras_ganloss.penalties import R1
from keras_ganloss.penalties import GradientPenalty
from tests.helpers.penalty_cases import of_critic
from tests.helpers.turns import make_judge


def chain(kernels, dtype="mixed_float16", last_dtype="float32"):
    """Dense layers of one number each, the first kernel first."""
    dtypes = [dtype] * (len(kernels) - 1) + [last_dtype]
    return keras.Sequential(
        [
            keras.Input((1,)),
            *(
                layers.Dense(
                    1,
                    use_bias=False,
                    dtype=dtype,
                    kernel_initializer=keras.initializers.Constant(kernel),
                )
                for kernel, dtype in zip(kernels, dtypes)
            ),
        ]
    )


# The gradient is their product, 2.8e-7. On the way back it is 1e-8 before
# the first layer, where the least number of float16 is 6e-8.
SMALL = (28.0, 1e-4, 1e-4)


@pytest.mark.parametrize("player", ["discriminator", "generator"])
def test_a_small_input_gradient_survives_float16(player):
    judge = make_judge(chain(SMALL), player=player)
    gradients = judge.input_gradients(ops.ones((2, 1)))
    assert keras.backend.standardize_dtype(gradients.dtype) == "float32"
    np.testing.assert_allclose(
        ops.convert_to_numpy(gradients), 2.8e-7, rtol=0.03
    )


def test_it_would_not_without_help():
    critic = chain(SMALL)
    _, _, gradients = backend.value_and_input_gradients(
        lambda samples: (critic(samples), None), ops.ones((2, 1))
    )
    np.testing.assert_array_equal(ops.convert_to_numpy(gradients), 0.0)


def test_a_large_input_gradient_survives_float16():
    gradients = make_judge(chain((5.0, 10.0, 8.0))).input_gradients(
        ops.ones((2, 1))
    )
    np.testing.assert_array_equal(ops.convert_to_numpy(gradients), 400.0)


def test_outputs_are_those_without_gradients():
    critic, samples = chain((2.0, 3.0)), ops.ones((2, 1))
    judge = make_judge(critic)
    judge.input_gradients(samples)
    np.testing.assert_array_equal(
        ops.convert_to_numpy(judge.outputs(samples)), 6.0
    )


def test_float32_is_left_alone():
    """Bit for bit, where a factor would make an infinity of it."""
    critic = chain((1e37,), last_dtype="float32")
    gradients = make_judge(critic).input_gradients(ops.ones((2, 1)))
    np.testing.assert_array_equal(
        ops.convert_to_numpy(gradients), np.float32(1e37)
    )


def test_a_penalty_of_a_small_gradient_reaches_the_weights():
    """d (w a b - 1)^2 / dw = 2 (w a b - 1) a b, by pencil."""
    critic = chain((1.0, 1e-4, 1e-4))

    def objective():
        samples = ops.ones((4, 1))
        return [
            1e4 * of_critic(GradientPenalty(1.0), critic, samples, samples)
        ], None

    kernels = critic.trainable_variables
    _, _, (gradients,) = backend.compute_gradients(
        objective, [kernels], [lambda loss: loss]
    )
    # The norm has an epsilon of 1e-12 in its root: sqrt(1e-16 + 1e-12).
    norm = np.sqrt(1e-16 + 1e-12)
    expected = 1e4 * 2.0 * (norm - 1.0) * 1e-8 / norm * 1e-8
    assert float(ops.convert_to_numpy(gradients[0]).item()) == pytest.approx(
        expected, rel=0.05
    )


def vectors(dtype):
    def network(num_inputs, num_outputs, seed):
        initializer = keras.initializers.GlorotUniform(seed=seed)
        return keras.Sequential(
            [
                keras.Input((num_inputs,)),
                layers.Dense(
                    8, "tanh", dtype=dtype, kernel_initializer=initializer
                ),
                layers.Dense(
                    num_outputs,
                    dtype="float32",
                    kernel_initializer=initializer,
                ),
            ]
        )

    return network(3, 2, 1), network(2, 1, 2)


def trained(dtype):
    gan = GAN(*vectors(dtype), seed=0)
    gan.compile(
        keras.optimizers.SGD(0.1),
        keras.optimizers.SGD(0.1),
        penalties=[R1(1.0)],
        d_steps=2,
    )
    data = np.random.default_rng(0).normal(size=(32, 2)).astype("float32")
    gan.fit(data, batch_size=8, shuffle=False, verbose=0)
    return gan


@pytest.fixture(scope="module")
def in_float32():
    return trained("float32").get_weights()


@pytest.mark.parametrize(
    ("dtype", "atol"), [("mixed_float16", 2e-3), ("mixed_bfloat16", 2e-2)]
)
def test_both_players_train_as_in_float32(dtype, atol, in_float32):
    """Unscaled, an update would be 32768 times smaller, or vanish."""
    gan = trained(dtype)
    scaled = dtype == "mixed_float16"
    for optimizer in (gan.d_optimizer, gan.g_optimizer):
        assert isinstance(optimizer, keras.optimizers.LossScaleOptimizer) == (
            scaled
        )
    assert int(gan.d_optimizer.iterations) == 4
    assert int(gan.g_optimizer.iterations) == 2
    for value, expected in zip(gan.get_weights(), in_float32):
        np.testing.assert_allclose(value, expected, atol=atol)
    networks = (gan.generator, gan.discriminator)
    for network, untrained in zip(networks, vectors("float32")):
        for value, start in zip(network.get_weights(), untrained.get_weights()):
            assert np.abs(value - start).max() > 1e-3


def test_an_overflow_skips_the_step_and_halves_the_scale():
    generator, discriminator = vectors("mixed_float16")
    gan = GAN(generator, discriminator, seed=0)
    gan.compile(
        keras.optimizers.LossScaleOptimizer(
            keras.optimizers.SGD(0.1), initial_scale=2.0**30
        ),
        keras.optimizers.SGD(0.1),
    )
    before = discriminator.get_weights()
    gan.fit(np.ones((8, 2), "float32"), batch_size=8, verbose=0)
    for value, start in zip(discriminator.get_weights(), before):
        np.testing.assert_array_equal(value, start)
    assert float(gan.d_optimizer.dynamic_scale) == 2.0**29
    assert int(gan.d_optimizer.inner_optimizer.iterations) == 0
    assert int(gan.g_optimizer.inner_optimizer.iterations) == 1
