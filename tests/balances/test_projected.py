"""The projection by a pencil, and what a user has beside it."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_ganloss import GAN
from keras_ganloss.balances import Projected
from tests.balances.test_gradient_ratio import gradients_by_hand
from tests.balances.test_gradient_ratio import line_gan
from tests.balances.test_gradient_ratio import play_one_step


def combine(alpha, other, adversarial):
    (found,), logs = Projected(alpha).combine(
        [3.0, 5.0],
        [
            [None if g is None else ops.convert_to_tensor(g)]
            for g in (other, adversarial)
        ],
        [None],
        1.0,
        0,
    )
    return ops.convert_to_numpy(found), logs


@pytest.mark.parametrize(
    "other, adversarial, right",
    [
        # Theirs is the gradient of the discriminator's loss, (3, 4).
        ([2.0, 1.0], [-3.0, -4.0], [-2.2, -4.6]),
        # Frobenius: the product of I and ((1, 1), (0, 0)) is 1, not sqrt(2).
        (
            [[1.0, 0.0], [0.0, 1.0]],
            [[1.0, 1.0], [0.0, 0.0]],
            [[1.5, 0.5], [0.0, 1.0]],
        ),
        ([2.0, 1.0], [0.0, 0.0], [2.0, 1.0]),
        (None, [1.0, 2.0], [1.0, 2.0]),
    ],
)
def test_by_hand(other, adversarial, right):
    found, logs = combine(1.0, other, adversarial)
    np.testing.assert_allclose(found, right, rtol=1e-6)
    assert logs == {"g_loss": 8.0, "adversarial_weight": 1.0}


def test_what_the_learned_loss_does_not_reach_stays():
    gradient = ops.ones(2)
    (found,), _ = Projected().combine([0, 0], [[gradient], [None]], [0], 1, 0)
    assert found is gradient


@pytest.mark.parametrize("alpha", [0.0, 0.5])
def test_one_step(alpha):
    """Of one number each variable's own gradient is all along the other."""
    logs, found = play_one_step(line_gan(Projected(alpha)))
    _, adversarial = gradients_by_hand()
    right = np.array([1.0, 0.0]) - 0.1 * alpha * adversarial
    np.testing.assert_allclose(found, right, rtol=1e-5, atol=1e-7)
    assert logs["adversarial_weight"] == [alpha]


def test_is_saved(tmp_path):
    gan = line_gan(Projected(0.5))
    play_one_step(gan)
    gan.save(tmp_path / "gan.keras")
    scope = {"Line": type(gan.generator.layers[0])}
    again = keras.saving.load_model(tmp_path / "gan.keras", scope)
    assert again.balance.alpha == 0.5
    _, ours = play_one_step(gan)
    _, theirs = play_one_step(again)
    np.testing.assert_array_equal(ours, theirs)


def test_mistakes():
    with pytest.raises(ValueError, match="Received: alpha=-1"):
        Projected(-1)
    networks = [
        keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        for _ in range(2)
    ]
    with pytest.raises(ValueError, match="Projected.*takes a part"):
        GAN(*networks).compile(loss_weights={"adversarial": Projected()})
