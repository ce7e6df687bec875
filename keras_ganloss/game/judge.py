"""A discriminator that remembers its answers."""

from typing import Any
from typing import NamedTuple

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


class Answer(NamedTuple):
    """What a judge remembers of samples."""

    samples: Any  # Kept, since the memory is by identity.
    outputs: Any
    everything: Any
    gradients: Any = None


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
        makers: Function that returns the list of the `Maker`s of this step,
            for penalties that need more fakes.
        head: Optional function of what the discriminator returns that picks
            the logits, where there is more than logits.
        showing: Function of a tuple of names of layers that returns the
            discriminator, followed by what these layers return.
    """

    def __init__(
        self,
        discriminator,
        condition=None,
        training=True,
        seed_generator=None,
        step=0,
        transforms=(),
        makers=None,
        head=None,
        showing=None,
    ):
        self.discriminator = discriminator
        self.condition = condition
        self.training = training
        self.seed_generator = seed_generator
        self.step = step
        self.transforms = transforms
        self.makers = makers
        self.head = head
        self.showing = showing
        # Losses that layers added in the calls, such as activity
        # regularizers; a layer forgets them at its next call.
        self.call_losses = []
        self._answers = {}
        self._features = {}

    def fresh(self):
        """Returns a judge of this step that remembers nothing.

        What is computed in a branch cannot be remembered outside of it.
        """
        return Judge(
            self.discriminator,
            self.condition,
            self.training,
            self.seed_generator,
            self.step,
            self.transforms,
            self.makers,
            self.head,
            self.showing,
        )

    def weigh(self, sample_weight):
        """Returns the weights of outputs, or `None`."""
        if sample_weight is None:
            return None
        for transform in self.transforms:
            sample_weight = transform.weigh(sample_weight)
        return sample_weight

    def outputs(self, samples):
        """Returns the logits, as the discriminator structures them."""
        return self._answer(samples).outputs

    def everything(self, samples):
        """Returns all that the discriminator returns."""
        return self._answer(samples).everything

    def features(self, samples, layers):
        """Returns what layers return, as a list.

        Asked for before the outputs, they come of one pass.

        Args:
            samples: A tensor or a nest of tensors.
            layers: Tuple of names.
        """
        key = self._key(samples)
        if (key, layers) not in self._features:
            network = self.showing(layers)
            everything, features = self._call(network, samples)
            self._features[key, layers] = features
            if key not in self._answers:
                self.call_losses.extend(call_losses(network))
                self._answers[key] = Answer(
                    samples, self._logits(everything), everything
                )
        return self._features[key, layers]

    def _answer(self, samples):
        key = self._key(samples)
        if key not in self._answers:
            outputs, (everything, losses) = self._judge(samples)
            self.call_losses.extend(losses)
            self._answers[key] = Answer(samples, outputs, everything)
        return self._answers[key]

    def input_gradients(self, samples):
        """Returns the gradient of the sum of the outputs, as `samples`."""
        key = self._key(samples)
        if key not in self._answers or self._answers[key].gradients is None:
            answer = self._with_gradients
            if computes_in_float16(self.discriminator):
                answer = self._with_scaled_gradients
            outputs, (everything, losses), gradients = answer(samples)
            self.call_losses.extend(losses)
            self._answers[key] = Answer(samples, outputs, everything, gradients)
        return self._answers[key].gradients

    def _with_gradients(self, samples):
        return backend.value_and_input_gradients(self._judge, samples)

    def _with_scaled_gradients(self, samples):
        def judge(samples):
            outputs, others = self._judge(samples)
            scaled = keras.tree.map_structure(
                lambda output: FLOAT16_SCALE * output, outputs
            )
            return scaled, (outputs, others)

        _, (outputs, others), gradients = backend.value_and_input_gradients(
            judge, samples
        )
        gradients = keras.tree.map_structure(
            lambda gradient: widen(gradient) / FLOAT16_SCALE, gradients
        )
        return outputs, others, gradients

    def _key(self, samples):
        return tuple(id(leaf) for leaf in keras.tree.flatten(samples))

    def _judge(self, samples):
        everything = self._call(self.discriminator, samples)
        return self._logits(everything), (
            everything,
            call_losses(self.discriminator),
        )

    def _logits(self, everything):
        return everything if self.head is None else self.head(everything)

    def _call(self, network, samples):
        inputs, condition = samples, self.condition
        for transform in self.transforms:
            inputs, condition = transform(inputs, condition, self)
        if condition is not None:
            inputs = [inputs, condition]
        return widen_all(network(inputs, training=self.training))


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
