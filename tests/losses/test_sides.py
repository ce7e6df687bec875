"""What `d_loss` and `g_loss` of `compile` may be."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_ganloss import losses
from keras_ganloss.losses.function_loss import num_required_arguments
from keras_ganloss.losses.sides import resolve_sides
from tests.helpers import tfgan_oracle

REAL = np.array([[0.5], [2.0]], "float32")
FAKE = np.array([[-1.0], [3.0]], "float32")


def resolve(d_loss=None, g_loss=None):
    return resolve_sides(d_loss, g_loss, losses.CLASSES)


def values(d_loss=None, g_loss=None):
    d_side, g_side = resolve(d_loss, g_loss)
    return float(d_side.reduced(REAL, FAKE)), float(g_side.reduced(REAL, FAKE))


# relu(1 - r): 0.5, 0; relu(1 + f): 0, 4; means 0.25 + 2. -mean(f) = -1.
HINGE = (2.25, -1.0)


@pytest.mark.parametrize(
    "identifier",
    [
        "hinge",
        losses.Hinge(),
        losses.Hinge().d_loss,
        keras.saving.serialize_keras_object(losses.Hinge()),
        keras.saving.serialize_keras_object(losses.Hinge().d_loss),
    ],
    ids=["name", "loss", "side", "config", "side config"],
)
def test_partner_of_the_discriminators_loss(identifier):
    assert values(identifier) == pytest.approx(HINGE)


def test_partner_of_the_generators_loss():
    assert values(g_loss=losses.Hinge().g_loss) == pytest.approx(HINGE)


def test_two_different_losses():
    assert values("hinge", "least_squares") == pytest.approx(
        (2.25, 0.5 * (4 + 4) / 2)
    )


def test_keras_loss_plays_with_labels():
    # (0.5-1)^2, (2-1)^2; (-1)^2, 3^2; generator: (-1-1)^2, (3-1)^2.
    found = values(keras.losses.MeanSquaredError())
    assert found == pytest.approx((0.625 + 5.0, 4.0))


def test_keras_cross_entropy_is_minimax():
    found = values(keras.losses.BinaryCrossentropy(from_logits=True))
    assert found == pytest.approx(values("modified_minimax"))


def test_functions_of_either_signature():
    found = values(
        lambda real_output, fake_output: fake_output - real_output,
        lambda fake_output: ops.mean(-fake_output),
    )
    assert found == pytest.approx((1.0 - 1.25, -1.0))
    g_side = resolve("hinge", lambda real_output, fake_output: fake_output)[1]
    assert g_side.needs_real_output
    g_side = resolve("hinge", lambda fake_output: fake_output)[1]
    assert not g_side.needs_real_output


@pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="TF-GAN runs on TensorFlow"
)
def test_tf_gans_own_functions():
    tfgan = tfgan_oracle.import_losses()
    found = values(
        tfgan.least_squares_discriminator_loss,
        tfgan.least_squares_generator_loss,
    )
    assert found == pytest.approx(values("least_squares"))
    d_side, g_side = resolve(
        tfgan.relativistic_discriminator_loss,
        tfgan.relativistic_generator_loss,
    )
    assert g_side.needs_real_output


def test_function_config_round_trip():
    @keras.saving.register_keras_serializable("test_sides")
    def margin(real_output, fake_output):
        return fake_output - 2.0 * real_output

    loss = losses.FunctionLoss(d_function=margin)
    config = keras.saving.serialize_keras_object(loss)
    again = keras.saving.deserialize_keras_object(config)
    assert again.d_function is margin


@pytest.mark.parametrize(
    "d_loss, g_loss, message",
    [
        ("hing", None, r"least_squares.*Received: d_loss='hing'"),
        (3, None, r"Received: d_loss=3 \(of type int\)"),
        (losses.Hinge, None, "Received: d_loss=<class"),
        (losses.Hinge().g_loss, None, r"Pass `loss.d_loss`.*Received"),
        ("hinge", losses.Hinge().d_loss, r"Pass `loss.g_loss`.*Received"),
        (lambda real, fake: fake, None, "`g_loss` is missing.*Received"),
        (None, lambda fake: fake, "`d_loss` is missing.*Received"),
        (lambda fake: fake, "hinge", r"\(real_output, fake_output\).*Received"),
        ("hinge", lambda a, b, c: a, r"\(fake_output\).*Received"),
        (losses.Hinge(reduction=None), None, "Received: reduction=None"),
    ],
)
def test_errors(d_loss, g_loss, message):
    with pytest.raises(ValueError, match=message):
        resolve(d_loss, g_loss)


def test_required_arguments_of_tf_gans_signatures():
    def function(real, fake, label_smoothing=0.25, *, scope=None):
        return real

    assert num_required_arguments(function) == 2


def test_generator_side_that_needs_real_outputs_says_so():
    loss = losses.FunctionLoss(
        g_function=lambda real_output, fake_output: fake_output - real_output
    )
    with pytest.raises((ValueError, AttributeError, TypeError)):
        loss.g_loss(fake_output=FAKE)
    assert float(loss.g_loss(REAL, FAKE)) == pytest.approx(-0.25)


def test_scalar_losses_cannot_be_weighted():
    side = losses.FunctionLoss(g_function=lambda fake: ops.mean(fake)).g_loss
    with pytest.raises(ValueError, match="unreduced values"):
        side.reduced(None, FAKE, np.ones(2, "float32"))


def test_label_loss_wants_a_keras_loss():
    with pytest.raises(ValueError, match="Received: loss='mse'"):
        losses.LabelLoss("mse")


def test_abstract_loss_names_the_hook():
    loss = losses.AdversarialLoss()
    with pytest.raises(NotImplementedError, match="d_call"):
        loss.d_loss(REAL, FAKE)
    with pytest.raises(NotImplementedError, match="g_call"):
        loss.g_loss(REAL, FAKE)
