"""Every row of the table in `docs/scale/backends.md`, run into everywhere.

A backend that has the limit does what the table says, the others do not.
"""

import itertools
import pathlib

import keras
import numpy as np
import pytest
from keras import layers
from keras import ops

from keras_ganloss import GAN
from keras_ganloss import backend
from keras_ganloss.penalties import R1
from keras_ganloss.penalties import squared_norm
from tests.helpers import limits
from tests.helpers.networks import data
from tests.helpers.networks import game
from tests.helpers.networks import train
from tests.helpers.networks import vectors
from tests.helpers.turns import make_judge

NAME = keras.backend.backend()


def test_the_docs_have_this_table():
    text = limits.DOCS.read_text()
    assert limits.table() in text, "Run `python -m tests.helpers.limits`."


def test_every_limit_is_run_into():
    """Here, or, on several devices, in `tests/distribution`."""
    files = pathlib.Path(__file__).parents[1].glob("*/test_*.py")
    tests = "".join(file.read_text() for file in files)
    for name in limits.LIMITS:
        assert f"limits.{name.upper()}." in tests, name


def test_steps_per_execution():
    with limits.STEPS_PER_EXECUTION.raises():
        GAN(*vectors()).compile(steps_per_execution=2)


def test_jit_compile():
    with limits.JIT_COMPILE.raises():
        GAN(*vectors()).compile(penalties=[R1(1.0)], jit_compile=True)


def test_export(tmp_path):
    with limits.EXPORT.raises():
        GAN(*vectors()).export(tmp_path / "1", verbose=False)
    assert (tmp_path / "1").exists() != limits.EXPORT.applies


def streamed_nan(**kwargs):
    batch = data(4)
    batch[2, 0] = np.nan
    return game(**kwargs), ((batch,) for _ in range(1))


@pytest.mark.filterwarnings("ignore:Your input ran out of data")
def test_not_finite():
    gan, stream = streamed_nan()
    if limits.NOT_FINITE.applies:
        assert np.isnan(gan.fit(stream, verbose=0).history["d_loss"]).all()
    else:
        # TensorFlow has an error of its own.
        with pytest.raises(Exception, match="hold NaN or infinity"):
            gan.fit(stream, verbose=0)
    gan, stream = streamed_nan(run_eagerly=True)
    with pytest.raises(Exception, match="hold NaN or infinity"):
        gan.fit(stream, verbose=0)


@pytest.mark.skipif(NAME != "tensorflow", reason="XLA on TensorFlow.")
@pytest.mark.filterwarnings("ignore:Your input ran out of data")
def test_not_finite_in_xla():
    gan, stream = streamed_nan(jit_compile=True)
    assert np.isnan(gan.fit(stream, verbose=0).history["d_loss"]).all()


def test_partial_batch():
    """How often the step is run in Python, for two epochs."""

    def runs(num):
        gan = game()
        count = itertools.count()
        draw = gan.draw

        def counted(*args, **kwargs):
            next(count)
            return draw(*args, **kwargs)

        gan.draw = counted
        gan.gradients_are_checked = True  # Which draws, too.
        train(gan, data(num), epochs=2)
        return next(count)

    compiled = limits.PARTIAL_BATCH.applies
    assert (runs(14) > runs(12)) == (compiled or NAME == "torch")
    if NAME == "torch":  # Each batch is: 3 and 4 of them in an epoch.
        assert (runs(12), runs(14)) == (6, 8)


def test_dropout():
    layer = layers.Dropout(0.5)
    state = layer.seed_generator.state
    before = ops.convert_to_numpy(state).copy()
    layer(ops.ones((2, 2)), training=True)
    moved = not np.array_equal(ops.convert_to_numpy(state), before)
    assert moved != limits.DROPOUT.applies


def test_xla_noise():
    """One step without gradients: the logs tell what was drawn."""
    if NAME == "torch":
        pytest.skip("It has no XLA; see `test_steps.py` on `torch.compile`.")
    fakes = [
        train(game(rate=0.0, jit_compile=jit_compile), data(4))["fake_output"]
        for jit_compile in (True, False)
    ]
    same = fakes[0] == pytest.approx(fakes[1], abs=1e-6)
    assert same != limits.XLA_NOISE.applies


def test_shared_memory():
    gan = game()
    train(gan, data(4))
    ours = gan.generator.trainable_variables[0]
    other = keras.Variable(ops.zeros(ours.shape))
    copied = keras.Variable(ops.zeros(ours.shape))
    before = ops.convert_to_numpy(ours).copy()
    ours.assign(ops.copy(copied))
    ours.assign(other)
    train(gan, data(4))
    np.testing.assert_array_equal(copied, np.zeros_like(before))
    if limits.SHARED_MEMORY.applies:
        with pytest.raises(Exception, match="deleted or donated|deleted"):
            ops.convert_to_numpy(other)
    else:
        np.testing.assert_array_equal(
            ops.convert_to_numpy(other), np.zeros_like(before)
        )


def test_which_kernels_attention_may_choose_from():
    chosen = []

    @keras.saving.register_keras_serializable(package="tests")
    class Look(layers.Layer):
        def call(self, inputs):
            if NAME == "torch":
                import torch

                chosen.append(torch.backends.cuda.flash_sdp_enabled())
            return inputs

    critic = keras.Sequential([keras.Input((2,)), Look(), layers.Dense(1)])
    gan = game((vectors()[0], critic), penalties=[R1(1.0)])
    chosen.clear()
    train(gan, data(4))
    assert (False in chosen) == limits.ATTENTION.applies


def test_attention_is_differentiated_twice():
    """The penalty's gradient, against finite differences."""
    inputs = keras.Input((4, 2))
    x = layers.MultiHeadAttention(2, 2)(inputs, inputs)
    critic = keras.Model(inputs, layers.Dense(1)(layers.Flatten()(x)))
    rng = np.random.default_rng(0)
    variables = critic.trainable_variables
    for variable in variables:
        variable.assign(0.5 * rng.normal(size=variable.shape))
    samples = ops.convert_to_tensor(rng.normal(size=(3, 4, 2)), "float32")

    def penalty():
        return ops.mean(
            squared_norm(make_judge(critic).input_gradients(samples))
        )

    _, _, (gradients,) = backend.compute_gradients(
        lambda: ([penalty()], None), [variables], [lambda loss: loss]
    )
    kernel, found = variables[0], ops.convert_to_numpy(gradients[0])
    start = ops.convert_to_numpy(kernel).copy()
    expected = np.zeros_like(start)
    for index in np.ndindex(*start.shape):
        step = np.zeros_like(start)
        step[index] = 1e-2
        for sign in (1.0, -1.0):
            kernel.assign(start + sign * step)
            expected[index] += sign * ops.convert_to_numpy(penalty()) / 2e-2
    np.testing.assert_allclose(found, expected, atol=0.01 * np.abs(found).max())
    assert np.abs(found).max() > 0.1
