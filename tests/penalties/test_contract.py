"""What every penalty must keep."""

import sys

import keras
import numpy as np
import pytest
from keras import ops

from keras_ganloss import GAN
from keras_ganloss import layers
from keras_ganloss import penalties
from tests.helpers.penalty_cases import CLIPPING
from tests.helpers.penalty_cases import MAKE
from tests.helpers.penalty_cases import MAKE_OF_GENERATOR
from tests.helpers.penalty_cases import WEIGHTS
from tests.helpers.penalty_cases import batches
from tests.helpers.penalty_cases import linear_critic
from tests.helpers.penalty_cases import of_critic
from tests.helpers.penalty_cases import of_generator
from tests.helpers.penalty_cases import prepared
from tests.helpers.penalty_cases import smooth
from tests.helpers.penalty_cases import value_and_gradients

TERMS = sorted(set(MAKE) - set(CLIPPING))  # They add to the loss.
# Keras rounds some results, such as means, to float32 on JAX and torch.
ROUNDS = keras.backend.backend() != "tensorflow"
STEP, PRECISION = (1e-2, 1e-3) if ROUNDS else (1e-4, 1e-6)
SCHEDULE = keras.optimizers.schedules.PolynomialDecay(2.0, 4, 1.0)


@pytest.fixture
def float64():
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    if keras.backend.backend() == "jax":
        sys.modules["jax"].config.update("jax_enable_x64", True)
    yield
    if keras.backend.backend() == "jax":
        sys.modules["jax"].config.update("jax_enable_x64", False)
    keras.config.set_floatx("float32")
    keras.config.set_dtype_policy("float32")


def value(name, weight=1.0, step=0, size=4):
    """The value of a discriminator's penalty on a smooth critic."""
    critic = smooth(3, 1)
    real, fake = batches(size)
    penalty = prepared(MAKE[name](weight), critic)
    return of_critic(penalty, critic, real, fake, step=step)


def value_of_generator(name, weight=1.0, step=0):
    penalty = MAKE_OF_GENERATOR[name](weight)
    return of_generator(penalty, smooth(2, 3), step=step)


def test_every_penalty_is_in_this_test():
    # It needs a condition, and has tests of its own.
    tested = {*MAKE, *MAKE_OF_GENERATOR, "wrong_condition"}
    assert tested == set(penalties.CLASSES)


@pytest.mark.parametrize("weight", [0.5, SCHEDULE], ids=["float", "schedule"])
@pytest.mark.parametrize(
    "make",
    [*MAKE.values(), *MAKE_OF_GENERATOR.values()],
    ids=[*MAKE, *(f"generator-{name}" for name in MAKE_OF_GENERATOR)],
)
def test_config_round_trip(make, weight):
    penalty = make(weight)
    config = keras.saving.serialize_keras_object(penalty)
    again = penalties.get(config)
    assert keras.saving.serialize_keras_object(again) == config
    assert again.name == penalty.name
    assert len(again.state) == len(penalty.state)


@pytest.mark.parametrize("name", TERMS)
def test_is_linear_in_its_weight(name):
    once, twice, never = [float(value(name, w)) for w in (1.0, 2.0, 0.0)]
    assert once > 0.0
    assert twice == pytest.approx(2.0 * once, rel=1e-5)
    assert never == 0.0


@pytest.mark.parametrize("name", MAKE_OF_GENERATOR)
def test_of_the_generator_is_linear_in_its_weight(name):
    once, twice, never = [
        float(value_of_generator(name, w)) for w in (1.0, 2.0, 0.0)
    ]
    assert abs(once) > 0.0
    assert twice == pytest.approx(2.0 * once, rel=1e-5)
    assert never == 0.0


# The schedule is 2 at update 0, 1.25 at 3, and 1 from 4 on. Lazy penalties
# are due at 0, 3 and 9.
@pytest.mark.parametrize("step, factor", [(0, 2.0), (3, 1.25), (9, 1.0)])
@pytest.mark.parametrize("name", TERMS)
def test_weight_follows_a_schedule(name, step, factor):
    found = float(value(name, SCHEDULE, ops.convert_to_tensor(step)))
    assert found == pytest.approx(factor * float(value(name)), rel=1e-5)


@pytest.mark.parametrize("step, factor", [(0, 2.0), (3, 1.25), (9, 1.0)])
@pytest.mark.parametrize("name", MAKE_OF_GENERATOR)
def test_of_the_generator_follows_a_schedule(name, step, factor):
    step = ops.convert_to_tensor(step)
    found = float(value_of_generator(name, SCHEDULE, step))
    expected = factor * float(value_of_generator(name))
    assert found == pytest.approx(expected, rel=1e-5)


def test_r3gans_cosine():
    # 0.05 falls to a tenth along half a cosine of 100 updates.
    schedule = keras.optimizers.schedules.CosineDecay(0.05, 100, alpha=0.1)
    for step, weight in ((0, 0.05), (50, 0.0275), (100, 0.005), (101, 0.005)):
        found = of_critic(
            penalties.R1(schedule),
            linear_critic(),
            *batches(2),
            step=ops.convert_to_tensor(step),
        )
        assert float(found) == pytest.approx(weight * 25.0 / 2, rel=1e-5)


def flat(shape, num_outputs=1):
    return keras.Sequential(
        [
            keras.Input(shape),
            keras.layers.Flatten(),
            keras.layers.Dense(4, "tanh"),
            keras.layers.Dense(num_outputs),
        ]
    )


@pytest.mark.parametrize("shape", [(3,), (4, 2), (4, 3, 2), (2, 3, 2, 1)])
@pytest.mark.parametrize("name", TERMS)
def test_any_rank(name, shape):
    critic = flat(shape)
    real, fake = batches(2, shape)
    penalty = prepared(MAKE[name](1.0), critic)
    found = of_critic(penalty, critic, real, fake)
    assert tuple(found.shape) == ()
    assert np.isfinite(float(found)) and float(found) > 0.0


@pytest.mark.parametrize("name", TERMS)
def test_nests_of_inputs_and_outputs(name):
    # A sample of two parts, judged by two outputs, one of them in patches.
    first, second = keras.Input((3,)), keras.Input((4, 2))
    critic = keras.Model(
        [first, second],
        {
            "whole": keras.layers.Dense(1)(first),
            "patches": keras.layers.Conv1D(2, 2)(second),
        },
    )
    real, fake = (
        list(parts) for parts in zip(batches(5, (3,)), batches(5, (4, 2)))
    )
    penalty = prepared(MAKE[name](1.0), critic)
    found = of_critic(penalty, critic, real, fake)
    assert tuple(found.shape) == ()
    assert np.isfinite(float(found)) and float(found) > 0.0


@pytest.mark.parametrize("name", TERMS)
def test_patches_of_one_size_count_as_their_mean(name):
    # Four outputs that are all D(x) are as good as one; what is taken by the
    # gradient is that of their sum, as in TF-GAN.
    critic = linear_critic(np.repeat(WEIGHTS, 4, axis=1))
    single = linear_critic()
    real, fake = batches(3)
    found, expected = [
        float(
            of_critic(prepared(MAKE[name](1.0), network), network, real, fake)
        )
        for network in (critic, single)
    ]
    if MAKE[name](1.0).differentiates_twice:
        # The norm is 20 in place of 5.
        if name in ("dragan", "gradient_penalty"):
            expected *= 19.0**2 / 4.0**2
        elif name == "sobolev":
            expected *= 399.0**2 / 24.0**2
        else:
            expected *= 20.0**2 / 5.0**2
    elif name in ("historical_average", "orthogonal_regularization"):
        return  # Of the weights alone.
    assert found == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
@pytest.mark.parametrize("name", TERMS)
def test_half_precision_critics_are_penalized_in_float32(name, policy):
    critic = linear_critic(np.full((3, 1), 3.0, "float32"), policy)
    real, fake = batches(4)
    penalty = prepared(MAKE[name](1.0), critic)
    found = of_critic(penalty, critic, real, fake)
    assert keras.backend.standardize_dtype(found.dtype) == "float32"
    assert np.isfinite(float(found))


def check_gradient(function, network):
    """Compares a gradient with differences of fourth order, in float64."""
    _, gradients = value_and_gradients(function, network.trainable_variables)
    weights = network.get_weights()
    generator = np.random.default_rng(0)
    directions = [generator.normal(size=weight.shape) for weight in weights]
    # Uphill in each weight: across the gradient the slope is a small rest.
    directions = [
        np.copysign(d, 0.0 if gradient is None else gradient)
        for d, gradient in zip(directions, gradients, strict=True)
    ]
    slope = sum(
        0.0 if gradient is None else (gradient * direction).sum()
        for gradient, direction in zip(gradients, directions)
    )

    def at(step):
        network.set_weights([w + step * d for w, d in zip(weights, directions)])
        return float(function())

    differences = [at(n * STEP) - at(-n * STEP) for n in (1, 2)]
    expected = (8.0 * differences[0] - differences[1]) / (12.0 * STEP)
    assert abs(slope) > 0.0
    assert slope == pytest.approx(expected, rel=PRECISION)


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("name", TERMS)
def test_gradient_against_finite_differences(name):
    critic = smooth(3, 1)
    real, fake = batches(4)
    penalty = prepared(MAKE[name](1.0), critic)
    # The means of `LeCam` are constants, which in training follow the weights.
    training = name != "le_cam"
    check_gradient(
        lambda: of_critic(penalty, critic, real, fake, training=training),
        critic,
    )


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("name", sorted(set(MAKE_OF_GENERATOR) - {"every"}))
def test_of_the_generator_against_finite_differences(name):
    generator = smooth(2, 3)
    penalty = MAKE_OF_GENERATOR[name](1.0)
    # In `evaluate` no moving mean moves from one call to the next.
    check_gradient(
        lambda: of_generator(penalty, generator, training=False), generator
    )


@pytest.mark.parametrize("name", MAKE)
def test_the_generator_gets_no_gradient(name):
    ends = []
    for terms in ([], [MAKE[name](100.0)]):
        gan = GAN(smooth(2, 3, seed=1), smooth(3, 1, seed=2), seed=0)
        gan.compile(
            keras.optimizers.SGD(0.1),
            keras.optimizers.SGD(0.1),
            penalties=terms,
            updates="simultaneous",  # Judged before the critic has moved.
            run_eagerly=True,
        )
        gan.fit(ops.convert_to_numpy(batches(4)[0]), batch_size=4, verbose=0)
        ends.append(gan.generator.get_weights())
    for one, other in zip(*ends):
        np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("name", sorted(set(TERMS) - {"historical_average"}))
def test_needs_no_variable_that_it_does_not_list(name):
    # On JAX a state outside of the model would be lost, or leak a tracer.
    penalty = MAKE[name](1.0)
    held = [
        entry
        for entry in vars(penalty).values()
        if isinstance(entry, keras.Variable)
    ]
    listed = {id(entry) for entry in penalty.state}
    assert {id(entry) for entry in held} <= listed


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


def test_l2_on_kernels_is_what_keras_regularizers_are_for():
    # 0.5 * (9 + 16), once a step, beside the loss of 0 - 0.
    critic = keras.Sequential(
        [
            keras.Input((3,)),
            keras.layers.Dense(
                1, use_bias=False, kernel_regularizer=keras.regularizers.L2(0.5)
            ),
        ]
    )
    critic.set_weights([WEIGHTS])
    gan = GAN(smooth(2, 3), critic, seed=0)
    zero = keras.optimizers.SGD(0.0), keras.optimizers.SGD(0.0)
    gan.compile(*zero, d_loss="wasserstein", run_eagerly=True)
    logs = gan.fit(np.zeros((2, 3)), batch_size=2, verbose=0).history
    loss = logs["fake_output"][0] - logs["real_output"][0]
    assert logs["d_loss"][0] == pytest.approx(loss + 12.5, rel=1e-5)


@pytest.mark.parametrize("name", sorted(set(TERMS) - {"every"}))
def test_weights_that_are_refused(name):
    for weight in (-1.0, float("nan"), "a lot", True):
        with pytest.raises(ValueError, match="Received: (fake_)?weight="):
            MAKE[name](weight)


GP = penalties.GradientPenalty
CR = penalties.ConsistencyRegularization


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: GP(target=-1.0), "target=-1"),
        (lambda: penalties.DRAGAN(spread=0.0), "spread=0"),
        (lambda: penalties.FiniteDifferenceR1(stddev=0.0), "stddev=0"),
        (lambda: penalties.LatentConsistency(stddev=-1.0), "stddev=-1"),
        (lambda: penalties.LatentDiversity(stddev=-1.0), "stddev=-1"),
        (lambda: penalties.LeCam(decay=1.0), "decay=1"),
        (lambda: penalties.LeCam(start=-1), "start=-1"),
        (lambda: penalties.PathLength(decay=-0.1), "decay=-0.1"),
        (lambda: penalties.PathLength(batch_shrink=0.5), "batch_shrink=0.5"),
        (lambda: penalties.WeightClipping(0.0), "limit=0"),
        (lambda: penalties.NormClipping(-1.0), "limit=-1"),
        (lambda: penalties.NormClipping(1.0, axis=0.5), "axis=0.5"),
        (lambda: CR("flip"), "augmentation='flip'"),
        (lambda: CR(smooth(3, 3)), "augmentation='sequential"),
        (lambda: penalties.get("r1"), r"carry their weight.*'R1'.*'r1'"),
        (lambda: penalties.get(keras.layers.Dense(1)), "Penalty.*dense"),
    ],
)
def test_errors(make, message):
    with pytest.raises(ValueError, match=f"(?s){message}"):
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
        penalties.Every(penalties.R1(1.0), 2).check(critic)


def test_other_layers_are_not_warned_of(recwarn):
    penalties.R1(1.0).check(linear_critic())
    ours = [layers.LayerNormalization(), layers.GroupNormalization(2)]
    critic = keras.Sequential([keras.Input((4,)), *ours])
    penalties.R1(1.0).check(critic)
    assert not recwarn


def test_abstract_penalties_name_the_hook():
    with pytest.raises(NotImplementedError, match="__call__"):
        penalties.Penalty(1.0)(None, None)
    with pytest.raises(NotImplementedError, match="__call__"):
        penalties.Penalty(1.0).over(None, [None])
    with pytest.raises(NotImplementedError, match="clipped"):
        penalties.Clipping(1.0).clipped(None)
    with pytest.raises(NotImplementedError, match="points"):
        penalties.GradientNormPenalty().points(None, None, None)
