"""What every penalty must keep."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_ganloss import backend
from keras_ganloss import penalties
from keras_ganloss.models import Judge

WEIGHTS = np.array([[3.0], [0.0], [-4.0]], "float32")  # Of norm 5.


def linear_critic(weights=WEIGHTS, dtype=None):
    critic = keras.Sequential(
        [
            keras.Input((len(weights),)),
            keras.layers.Dense(1, use_bias=False, dtype=dtype),
        ]
    )
    critic.set_weights([weights])
    return critic


def judge(critic):
    return Judge(critic, seed_generator=keras.random.SeedGenerator(0))


def batches(size):
    generator = np.random.default_rng(size)
    return [
        ops.convert_to_tensor(
            generator.normal(size=(size, 3)).astype("float32")
        )
        for _ in range(2)
    ]


@pytest.mark.parametrize("size", [1, 2, 7, 64])
@pytest.mark.parametrize(
    "penalty, expected",
    [
        (penalties.R1(3.0), 3.0 * 25.0 / 2),
        (penalties.R2(3.0), 3.0 * 25.0 / 2),
        (penalties.GradientPenalty(), 10.0 * 16.0),
        (penalties.GradientPenalty(1.0, target=2.0), 9.0),
        (penalties.GradientPenalty(1.0, target=7.0), 4.0),
        (penalties.GradientPenalty(1.0, target=7.0, one_sided=True), 0.0),
        (penalties.GradientPenalty(1.0, one_sided=True), 16.0),
        (penalties.WeightClipping(0.01), 0.0),
    ],
)
def test_linear_critic_whatever_the_batch_size(penalty, expected, size):
    value = penalty(judge(linear_critic()), *batches(size))
    assert float(value) == pytest.approx(expected, rel=1e-6)


def test_tf_gans_test_vector():
    # D(x) = 2x in four dimensions has the norm 4.
    critic = linear_critic(np.full((4, 1), 2.0, "float32"))
    real = ops.zeros((3, 4))
    value = penalties.GradientPenalty(1.0)(judge(critic), real, real + 1.0)
    assert float(value) == pytest.approx(9.0)


@pytest.mark.parametrize("shape", [(4,), (6, 2), (3, 5, 2), (2, 3, 4, 1)])
def test_norms_are_taken_per_sample_over_all_axes(shape):
    generator = np.random.default_rng(0)
    tensor = generator.normal(size=(5, *shape)).astype("float32")
    expected = (tensor.reshape(5, -1) ** 2).sum(axis=1)
    found = penalties.squared_norm(ops.convert_to_tensor(tensor))
    np.testing.assert_allclose(ops.convert_to_numpy(found), expected, rtol=1e-5)


def test_parts_of_a_sample_add_up():
    parts = {"a": ops.ones((2, 3)), "b": [ops.full((2, 1, 2), 2.0)]}
    found = ops.convert_to_numpy(penalties.squared_norm(parts))
    np.testing.assert_allclose(found, [3 + 8, 3 + 8])


@pytest.mark.parametrize(
    "penalty",
    [penalties.R1(1.0), penalties.R2(1.0), penalties.GradientPenalty(1.0)],
)
def test_zero_gradient_gives_no_nan(penalty):
    critic = linear_critic(np.zeros((3, 1), "float32"))
    losses, _, (gradients,) = backend.compute_gradients(
        lambda: ([penalty(judge(critic), *batches(4))], None),
        [critic.trainable_variables],
        [lambda loss: loss],
    )
    expected = 1.0 if isinstance(penalty, penalties.GradientPenalty) else 0.0
    assert float(losses[0]) == pytest.approx(expected, abs=1e-5)
    assert np.all(np.isfinite(ops.convert_to_numpy(gradients[0])))


@pytest.mark.parametrize(
    "penalty, slope",
    [
        (penalties.R1(3.0), 3.0 * WEIGHTS),
        (penalties.R2(3.0), 3.0 * WEIGHTS),
        (penalties.GradientPenalty(), 20.0 * 4.0 * WEIGHTS / 5.0),
    ],
)
def test_gradient_by_the_critics_weights(penalty, slope):
    critic = linear_critic()
    _, _, (gradients,) = backend.compute_gradients(
        lambda: ([penalty(judge(critic), *batches(4))], None),
        [critic.trainable_variables],
        [lambda loss: loss],
    )
    found = ops.convert_to_numpy(gradients[0])
    np.testing.assert_allclose(found, slope, rtol=1e-5)


def test_mixed_points_lie_between_their_pair_with_one_share_a_sample():
    real = ops.zeros((100, 4, 2))
    fake = ops.ones((100, 4, 2)) * ops.reshape(ops.arange(100.0), (100, 1, 1))
    seeds = keras.random.SeedGenerator(0)
    mixed = penalties.gradient_penalty.mix(real, fake, seeds)
    shares = ops.convert_to_numpy(mixed)[1:] / np.arange(1, 100)[:, None, None]
    assert np.ptp(shares, axis=(1, 2)).max() < 1e-6
    assert shares.min() >= 0.0 and shares.max() <= 1.0
    # Uniform: mean 1/2, standard deviation 1/sqrt(12).
    assert shares[:, 0, 0].mean() == pytest.approx(0.5, abs=0.1)
    assert shares[:, 0, 0].std() == pytest.approx(12**-0.5, abs=0.05)


def test_half_precision_critic_is_penalized_in_float32():
    critic = linear_critic(np.full((3, 1), 300.0, "float32"), "mixed_float16")
    value = penalties.R1(2.0)(judge(critic), *batches(2))
    # 3 * 300^2 = 270,000 would overflow float16.
    assert float(value) == pytest.approx(270_000.0, rel=1e-3)


@pytest.mark.parametrize(
    "penalty",
    [
        penalties.R1(3.0, name="mine"),
        penalties.R2(0.5),
        penalties.GradientPenalty(5.0, target=0.5, one_sided=True),
        penalties.WeightClipping(0.1),
    ],
)
def test_config_round_trip(penalty):
    config = keras.saving.serialize_keras_object(penalty)
    again = penalties.get(config)
    assert keras.saving.serialize_keras_object(again) == config
    assert again.name == penalty.name


def test_clipping_clips_both_sides_and_nothing_else():
    critic = linear_critic(np.array([[0.05], [-0.2], [0.3]], "float32"))
    penalties.WeightClipping(0.1).after_update(critic.trainable_variables)
    np.testing.assert_allclose(
        critic.get_weights()[0], [[0.05], [-0.1], [0.1]], rtol=1e-6
    )


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: penalties.R1(-1.0), "Received: weight=-1"),
        (lambda: penalties.R1("a lot"), r"Received: weight='a lot'"),
        (lambda: penalties.R1(float("nan")), "Received: weight=nan"),
        (lambda: penalties.GradientPenalty(target=-1.0), "target=-1"),
        (lambda: penalties.WeightClipping(0.0), "Received: limit=0"),
        (lambda: penalties.get("r1"), r"carry their weight.*Received.*'r1'"),
    ],
)
def test_errors(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(
    "layer",
    [
        keras.layers.BatchNormalization(),
        keras.layers.LayerNormalization(),
        keras.layers.GroupNormalization(2),
    ],
)
@pytest.mark.skipif(
    keras.backend.backend() != "tensorflow",
    reason="the second derivative is wrong on TensorFlow alone",
)
def test_layers_with_a_wrong_second_derivative_are_named(layer):
    inner = keras.Sequential([keras.Input((4,)), layer])
    critic = keras.Sequential([keras.Input((4,)), inner, keras.layers.Dense(1)])
    with pytest.warns(UserWarning, match=f"Received: {layer.name}"):
        penalties.R1(1.0).check(critic)


def test_other_layers_are_not_warned_of(recwarn):
    penalties.R1(1.0).check(linear_critic())
    assert not recwarn


def test_abstract_penalty_names_the_hook():
    with pytest.raises(NotImplementedError, match="__call__"):
        penalties.Penalty(1.0)(None, None, None)
