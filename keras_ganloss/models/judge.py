"""A discriminator that remembers its answers."""

import keras

from keras_ganloss import backend
from keras_ganloss.utils.precision import computes_in_float16
from keras_ganloss.utils.precision import widen
from keras_ganloss.utils.precision import widen_all

# What the sum of the outputs is multiplied by, and its gradient divided by,
# where layers compute in float16: loss scaling does not reach this gradient.
# A power of two rounds nothing. This one lets gradients from 5e-10 to 500
# through; without it, 6e-8 is the least.
FLOAT16_SCALE = 2.0**7


class Judge:
    """A discriminator bound to its condition and mode for one step.

    It remembers, per input tensor, its outputs and their gradients, so that
    the loss, the penalties and the logs share one forward pass. What needs
    gradients asks first: an answer with gradients serves those who want the
    outputs alone, but not the other way round.

    Args:
        discriminator: A `keras.Model` or anything called like one, as
            `discriminator(inputs, training=...)`.
        condition: Optional condition; the discriminator is then called on
            `[samples, condition]`.
        training: Bool, the mode.
        seed_generator: The `keras.random.SeedGenerator` for penalties that
            draw.
        step: How many updates the discriminator has made, a scalar.
        transforms: List of `Transform`s between the samples and the
            discriminator.
    """

    def __init__(
        self,
        discriminator,
        condition=None,
        training=True,
        seed_generator=None,
        step=0,
        transforms=(),
    ):
        self.discriminator = discriminator
        self.condition = condition
        self.training = training
        self.seed_generator = seed_generator
        self.step = step
        self.transforms = transforms
        # Losses that layers added in the calls, such as activity
        # regularizers; a layer forgets them at its next call.
        self.call_losses = []
        self._answers = {}

    def outputs(self, samples):
        """Returns the logits, as the discriminator structures them."""
        key = self._key(samples)
        if key not in self._answers:
            outputs, losses = self._judge(samples)
            self.call_losses.extend(losses)
            self._answers[key] = (samples, outputs, None)
        return self._answers[key][1]

    def input_gradients(self, samples):
        """Returns the gradient of the sum of the outputs, as `samples`."""
        key = self._key(samples)
        if key not in self._answers or self._answers[key][2] is None:
            answer = self._with_gradients
            if computes_in_float16(self.discriminator):
                answer = self._with_scaled_gradients
            outputs, losses, gradients = answer(samples)
            self.call_losses.extend(losses)
            self._answers[key] = (samples, outputs, gradients)
        return self._answers[key][2]

    def _with_gradients(self, samples):
        return backend.value_and_input_gradients(self._judge, samples)

    def _with_scaled_gradients(self, samples):
        def judge(samples):
            outputs, losses = self._judge(samples)
            scaled = keras.tree.map_structure(
                lambda output: FLOAT16_SCALE * output, outputs
            )
            return scaled, (outputs, losses)

        _, (outputs, losses), gradients = backend.value_and_input_gradients(
            judge, samples
        )
        gradients = keras.tree.map_structure(
            lambda gradient: widen(gradient) / FLOAT16_SCALE, gradients
        )
        return outputs, losses, gradients

    def _key(self, samples):
        return tuple(id(leaf) for leaf in keras.tree.flatten(samples))

    def _judge(self, samples):
        inputs, condition = samples, self.condition
        for transform in self.transforms:
            inputs, condition = transform(inputs, condition, self)
        if condition is not None:
            inputs = [inputs, condition]
        outputs = self.discriminator(inputs, training=self.training)
        return widen_all(outputs), call_losses(self.discriminator)


def call_losses(network):
    """Losses that the last call of a network added, weight decay aside.

    `network.losses` ends with one entry per regularized weight.
    """
    losses = network.losses
    return losses[: len(losses) - len(regularized_weights(network))]


def weight_losses(network):
    """Losses of the regularized weights, once a step and not once a call."""
    return [
        weight.regularizer(weight.value)
        for weight in regularized_weights(network)
    ]


def regularized_weights(network):
    """The trainable weights that have a regularizer."""
    return [
        weight
        for weight in network.trainable_weights
        if weight.regularizer is not None
    ]
