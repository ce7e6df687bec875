"""Lazy penalties: the same on average, in every way to run a step."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_ganloss import backend
from keras_ganloss import penalties
from keras_ganloss.penalties import R1
from keras_ganloss.penalties import Every
from keras_ganloss.penalties import GradientPenalty
from keras_ganloss.penalties import PathLength
from tests.helpers import dirac
from tests.helpers import limits
from tests.helpers.networks import data
from tests.helpers.networks import equal
from tests.helpers.networks import game
from tests.helpers.networks import train
from tests.helpers.networks import vectors
from tests.helpers.networks import weights
from tests.helpers.penalty_cases import batches
from tests.helpers.penalty_cases import linear_critic
from tests.helpers.penalty_cases import negated
from tests.helpers.penalty_cases import of_critic
from tests.helpers.penalty_cases import of_generator
from tests.helpers.penalty_cases import smooth
from tests.helpers.penalty_cases import value_and_gradients

IS_TENSORFLOW = keras.backend.backend() == "tensorflow"
MODES = [{}, {"run_eagerly": True}]
if IS_TENSORFLOW:
    MODES += [{"jit_compile": True}, {"steps_per_execution": 3}]
if keras.backend.backend() == "jax":
    MODES += [{"steps_per_execution": 3}]


@pytest.mark.parametrize(
    "penalty", [R1(3.0), GradientPenalty(), penalties.FiniteDifferenceR1()]
)
def test_expected_gradient_is_that_of_the_penalty(penalty):
    critic = smooth(3, 1)
    samples = batches(6)
    lazy = Every(penalty, steps=4)

    def gradients_at(term, step):
        step = ops.convert_to_tensor(step)
        variables = critic.trainable_variables

        def function():
            # Something to differentiate where the penalty is a plain zero.
            zero = sum(0.0 * ops.sum(variable) for variable in variables)
            return zero + of_critic(term, critic, *samples, step=step)

        return value_and_gradients(function, variables)

    expected, slopes = gradients_at(penalty, 0)
    found = [gradients_at(lazy, step) for step in range(4, 8)]
    mean = sum(value for value, _ in found) / 4
    assert mean == pytest.approx(expected, rel=1e-6)
    assert [value == 0.0 for value, _ in found] == [False, True, True, True]
    for index, slope in enumerate(slopes):
        total = sum(gradients[index] for _, gradients in found)
        np.testing.assert_allclose(total / 4, slope, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("options", MODES, ids=str)
def test_a_dirac_gan_by_hand(options):
    # Wasserstein: psi moves by -0.1 * (theta + slope), theta stays. R1 of
    # weight 0.7 has the slope 0.7 psi, and is due at updates 0 and 3.
    gan = dirac.dirac_gan(theta=1.0, psi=2.0)
    gan.compile(
        dirac.sgd(0.1),
        dirac.sgd(0.0),
        d_loss="wasserstein",
        penalties=[Every(R1(0.7), steps=3)],
        **options,
    )
    history = gan.fit(np.zeros((6, 1)), batch_size=1, verbose=0).history
    psi, values = 2.0, []
    for step in range(6):
        due = 3.0 * (step % 3 == 0)
        values.append(due * 0.35 * psi**2)
        psi -= 0.1 * (1.0 + due * 0.7 * psi)
    assert dirac.state(gan) == pytest.approx((1.0, psi), rel=1e-5)
    # What is logged is the mean of all steps.
    assert history["r1"] == pytest.approx([np.mean(values)], rel=1e-5)
    # In `evaluate` it is always there, and once.
    logs = gan.evaluate(np.zeros((1, 1)), verbose=0, return_dict=True)
    assert logs["r1"] == pytest.approx(0.35 * psi**2, rel=1e-5)


def lazy_game(**options):
    """Networks and penalties that draw, and have moving statistics."""
    discriminator = vectors(dropout=0.2)[1]
    generator = vectors(batch_normalization=True)[0]
    return game(
        (generator, discriminator),
        rate=0.01,  # Batches of four: larger steps amplify what is rounded.
        d_loss="wasserstein",
        penalties=[
            Every(GradientPenalty(1.0), 3),
            Every(penalties.ConsistencyRegularization(negated, 0.1), 2),
            Every(penalties.DRAGAN(0.1), 3),
        ],
        g_penalties=[Every(PathLength(0.1), 2)],
        **options,
    )


@pytest.fixture(scope="module")
def compiled():
    gan = lazy_game()
    return gan, train(gan, data(24))


def test_a_branch_draws_and_remembers_as_eager_code_does(compiled):
    gan, logs = compiled
    eager = lazy_game(run_eagerly=True)
    for name, values in train(eager, data(24)).items():
        assert values == pytest.approx(logs[name], rel=1e-4, abs=1e-6)
    for one, other in zip(weights(gan), weights(eager), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-5)


def test_training_goes_on_after_loading(compiled, tmp_path):
    gan, _ = compiled
    gan.save(tmp_path / "gan.keras")
    again = keras.saving.load_model(tmp_path / "gan.keras")
    # The drawing layers and the path length's mean are where they were.
    mean = gan.g_penalties[0].penalty.mean.value
    assert float(mean) > 0.0
    assert float(again.g_penalties[0].penalty.mean.value) == float(mean)
    assert train(again, data(24)) == train(gan, data(24))
    assert equal(weights(again), weights(gan))


def test_moving_statistics_see_the_fakes_of_the_step_alone():
    # A path length calls the generator once more, in training mode.
    ends = []
    for terms in ([], [PathLength(0.0)]):
        gan = game(vectors(batch_normalization=True), g_penalties=terms)
        train(gan, data(4))
        ends.append(
            [
                ops.convert_to_numpy(weight)
                for weight in gan.generator.non_trainable_weights
            ]
        )
    for one, other in zip(*ends, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6)


def test_the_generators_step_counts():
    generator = smooth(2, 3)
    lazy = Every(penalties.LatentDiversity(1.0), steps=3)
    once = float(of_generator(penalties.LatentDiversity(1.0), generator))
    for step, factor in ((0, 3.0), (1, 0.0), (2, 0.0), (3, 3.0)):
        step = ops.convert_to_tensor(step)
        found = float(of_generator(lazy, generator, step=step))
        assert found == pytest.approx(factor * once, rel=1e-5)
    found = float(of_generator(lazy, generator, training=False, step=1))
    assert found == pytest.approx(once, rel=1e-5)


def test_what_a_penalty_does_besides_is_done_each_time():
    le_cam = penalties.LeCam()
    lazy = Every(le_cam, 4)
    lazy.update_state(ops.ones((2, 1)), ops.zeros((2, 1)))
    assert float(le_cam.real_mean.value) == 1.0
    assert lazy.state == le_cam.state
    assert Every(R1(1.0), 2).differentiates_twice
    assert not lazy.differentiates_twice
    average = penalties.HistoricalAverage(1.0)
    critic = linear_critic()
    lazy = Every(average, 2)
    lazy.build([critic])
    lazy.after_update(critic.trainable_variables)
    assert len(lazy.state) == 2
    assert float(average.state[0].value) == 1.0


def test_a_branch_that_is_not_taken_is_zero_and_changes_nothing():
    variable = keras.Variable(1.0)

    def function():
        variable.assign(5.0)
        return 3.0 * variable.value

    no = ops.convert_to_tensor(False)
    assert float(backend.call_if(no, function)) == 0.0
    assert float(variable.value) == 1.0
    assert float(backend.call_if(ops.logical_not(no), function)) == 15.0
    assert float(variable.value) == 5.0


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: Every("r1", 4), "`Penalty` object.*Received: penalty='r1'"),
        (lambda: Every(R1, 4), "`Penalty` object.*Received: penalty=<class"),
        (
            lambda: Every(penalties.WeightClipping(), 4),
            "Received: penalty=WeightClipping",
        ),
        (lambda: Every(R1(1.0), 0), "Received: steps=0"),
        (lambda: Every(R1(1.0), 1.5), "Received: steps=1.5"),
        (lambda: Every(PathLength(), True), "Received: steps=True"),
    ],
)
def test_errors(make, message):
    with pytest.raises(ValueError, match=f"(?s){message}"):
        make()


def test_compiling_on_torch_refuses_what_differentiates_twice():
    with limits.JIT_COMPILE.raises():
        game(g_penalties=[Every(PathLength(), 4)], jit_compile=True)
