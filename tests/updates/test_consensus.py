"""Consensus on the Dirac-GAN, against a pencil.

Both minimax gradients, `v = (s theta, -s psi)` with `s = sigmoid(psi theta)`,
have the squared length `s^2 (theta^2 + psi^2)`.
"""

import keras
import pytest

from keras_ganloss.updates import AlternatingConsensus
from keras_ganloss.updates import Consensus
from tests.helpers import dirac
from tests.helpers import networks


def fit(updates, loss="minimax", **options):
    gan = dirac.dirac_gan(1.0, 2.0)
    gan.compile(
        dirac.sgd(0.1), dirac.sgd(0.5), d_loss=loss, updates=updates, **options
    )
    return dirac.fit(gan, steps=1, batch_size=3)


def pulls(theta, psi, weight):
    """Derivatives of `weight / 2 |v|^2` by theta and psi."""
    s = dirac.sigmoid(psi * theta)
    square = theta**2 + psi**2
    return (
        weight * (s * s * theta + s * s * (1 - s) * psi * square),
        weight * (s * s * psi + s * s * (1 - s) * theta * square),
    )


def expected(weight, alternating):
    theta, psi = 1.0, 2.0
    new_psi = psi - 0.1 * (
        dirac.D_GRADIENTS["minimax"](theta, psi) + pulls(theta, psi, weight)[1]
    )
    seen = new_psi if alternating else psi
    slope = dirac.G_GRADIENTS["minimax"](theta, seen)
    return theta - 0.5 * (slope + pulls(theta, seen, weight)[0]), new_psi


@pytest.mark.parametrize("rule", [Consensus, AlternatingConsensus])
@pytest.mark.parametrize("weight", [0.0, 0.7])
def test_one_step(rule, weight):
    found = fit(rule(weight))
    assert found == pytest.approx(
        expected(weight, rule is AlternatingConsensus), abs=1e-6
    )


def test_wasserstein_is_damped():
    """|v| is the radius: one step scales it by (1 - h w)^2 + h^2."""
    gan = dirac.dirac_gan(1.0, 2.0)
    gan.compile(
        dirac.sgd(0.2), dirac.sgd(0.2), "wasserstein", updates=Consensus(1.5)
    )
    theta, psi = dirac.fit(gan, steps=1)
    assert theta**2 + psi**2 == pytest.approx(5.0 * (0.7**2 + 0.2**2))


def test_the_discriminator_alone():
    theta, psi = fit(Consensus(0.7), d_steps=2)
    assert theta == 1.0
    assert psi == pytest.approx(expected(0.7, False)[1], abs=1e-6)


def test_a_second_turn_of_the_generator():
    theta, psi = fit(Consensus(0.7), g_steps=2)
    first, expected_psi = expected(0.7, False)
    slope = dirac.G_GRADIENTS["minimax"](first, psi)
    again = first - 0.5 * (slope + pulls(first, psi, 0.7)[0])
    assert (theta, psi) == pytest.approx((again, expected_psi), abs=1e-6)


def test_statistics_move_as_without():
    found = []
    for updates in ("simultaneous", Consensus(0.5)):
        gan = networks.game(
            networks.vectors(batch_normalization=True), 0.0, updates=updates
        )
        networks.train(gan, networks.data(4))
        found.append(
            [
                keras.ops.convert_to_numpy(variable)
                for network in (gan.generator, gan.discriminator)
                for variable in network.non_trainable_variables
            ]
        )
    for one, other in zip(*found, strict=True):
        assert one == pytest.approx(other, abs=1e-6)


def test_config_round_trip():
    config = keras.saving.serialize_keras_object(AlternatingConsensus(0.2))
    assert keras.saving.deserialize_keras_object(config).weight == 0.2


def test_weight():
    with pytest.raises(ValueError, match="negative.*Received: weight=-1"):
        Consensus(-1)
