"""Orders of play, against a pencil."""

import pytest

from keras_ganloss.updates import Alternating
from tests.helpers import dirac

D_RATE, G_RATE = 0.1, 0.5


def play(steps=3, **settings):
    """Two numbers, whose Wasserstein losses are psi * theta and its like."""
    gan = dirac.dirac_gan(theta=1.0, psi=2.0)
    gan.compile(
        dirac.sgd(D_RATE),
        dirac.sgd(G_RATE),
        d_loss="wasserstein",
        updates=Alternating(**settings),
    )
    dirac.fit(gan, steps)
    return dirac.state(gan)


def by_hand(order, fresh, steps=3):
    theta, psi = 1.0, 2.0
    for _ in range(steps):
        fake = theta
        for player in order:
            # The fake of the second turn is a new one, or that of the first.
            seen = theta if fresh else fake
            if player == "discriminator":
                psi -= D_RATE * seen
            else:
                theta += G_RATE * psi
    return theta, psi


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize("first", ["discriminator", "generator"])
def test_by_hand(first, fresh):
    second = {"discriminator": "generator", "generator": "discriminator"}
    expected = by_hand((first, second[first]), fresh)
    assert play(first=first, fresh=fresh) == pytest.approx(expected, rel=1e-5)


def test_orders_differ():
    """The generator's first move makes another fake, if it is a fresh one."""
    ends = {
        (first, fresh): play(first=first, fresh=fresh)
        for first in ("discriminator", "generator")
        for fresh in (False, True)
    }
    # A fake of one number is the same when drawn anew before it moves.
    assert ends["discriminator", True] == ends["discriminator", False]
    assert ends["generator", True] != ends["generator", False]


def test_config_and_errors():
    rule = Alternating("generator", fresh=True)
    again = Alternating.from_config(rule.get_config())
    assert (again.first, again.fresh) == ("generator", True)
    with pytest.raises(ValueError, match="`first`.*Received: first='both'"):
        Alternating("both")
