"""A discriminator that remembers its answers."""

from collections.abc import Callable
from typing import Any
from typing import NamedTuple
from typing import Self

import keras
from keras import ops

from keras_ganloss import backend
from keras_ganloss.game.ends import names_of
from keras_ganloss.utils.features import told
from keras_ganloss.utils.features import with_features
from keras_ganloss.utils.features import with_offsets
from keras_ganloss.utils.features import zero_offsets
from keras_ganloss.utils.outputs import output_called
from keras_ganloss.utils.precision import computes_in_float16
from keras_ganloss.utils.precision import widen
from keras_ganloss.utils.precision import widen_all
from keras_ganloss.utils.typing import Nest

# What the sum of the outputs is multiplied by, and its gradient divided by,
# where layers compute in float16: loss scaling does not reach this gradient.
# A power of two rounds nothing. This one lets gradients from 5e-10 to 500
# through; without it, 6e-8 is the least.
FLOAT16_SCALE = 2.0**7


class Answer(NamedTuple):
    """What a judge remembers of samples."""

    samples: Any  # Kept, since the memory is by identity.
    outputs: Any
    raw_outputs: Any
    features: dict[Any, Any]
    layer_gradients: dict[Any, Any]
    gradients: Any


class NoJudge(Exception):
    """A discriminator was asked before the learned loss has begun."""


class Judge:
    """A discriminator bound to its condition, for one turn.

    It remembers, per samples, its outputs, their gradients and what its
    layers returned, so that the loss, the penalties and the logs share one
    forward pass. Made by `turn.judge`.

    Args:
        turn: The `Turn`.
        network: A `keras.Model` that returns logits.
        condition: Optional condition; the network is then called on
            `[samples, condition]`.
        head: Optional function of what the network returns that picks the
            logits, where there is more than logits.
    """

    def __init__(
        self,
        turn: Any,
        network: keras.Model,
        condition: Nest = None,
        head: Callable[..., Any] | None = None,
    ) -> None:
        self.turn = turn
        self.network = network
        self.condition = condition
        self.head = head
        self._conditions = {}
        self._answers = {}
        self._output_names = None

    def within(self, turn: Any) -> Self:
        """Returns this judge in another turn, where it remembers nothing."""
        judge = type(self)(turn, self.network, self.condition, self.head)
        judge._conditions = self._conditions
        return judge

    def with_condition(self, samples: Nest, condition: Nest) -> Self:
        """Lets some samples have a condition of their own; returns the judge.

        For fakes that are made for other conditions than the real samples
        have. What lies between both, as in `GradientPenalty`, is judged under
        the condition of the real samples.

        Args:
            samples: Those samples, such as `samples.fake`.
            condition: Their condition.
        """
        self._conditions[_key(samples)] = condition
        return self

    def weigh(self, sample_weight: Any) -> Any:
        """Returns the weights of outputs, or `None`."""
        if sample_weight is None:
            return None
        for transform in self.turn.transforms:
            sample_weight = transform.weigh(sample_weight)
        return sample_weight

    def outputs(self, samples: Nest) -> Nest:
        """Returns the logits, as the discriminator structures them."""
        return self.answer(samples).outputs

    def raw_outputs(self, samples: Nest) -> Nest:
        """Returns all that the discriminator returns."""
        return self.answer(samples).raw_outputs

    def output_names(self, samples: Nest) -> Any:
        """Returns the names of the logits, as they are flat."""
        self.answer(samples)
        return self._output_names

    def features(self, samples: Nest, layers: Any) -> Any:
        """Returns what layers return, as a list.

        Args:
            samples: A tensor or a nest of tensors.
            layers: Tuple of names, of layers or of outputs.
        """
        found = self.answer(samples, layers=layers).features
        return [found[name] for name in layers]

    def input_gradients(self, samples: Nest) -> Nest:
        """Returns the gradient of the sum of the outputs, as `samples`."""
        return self.answer(samples, gradients=True).gradients

    def layer_gradients(self, samples: Nest, layers: Any) -> list[Any]:
        """Returns the gradients by what layers return, as `features`.

        Args:
            samples: A tensor or a nest of tensors.
            layers: Tuple of names of layers.
        """
        found = self.answer(samples, at=layers).layer_gradients
        return [found[name] for name in layers]

    def answer(
        self,
        samples: Nest,
        gradients: bool = False,
        layers: Any = (),
        at: Any = (),
    ) -> Any:
        """Looks at samples, once for all that is asked.

        Asking for more than is remembered looks at them again.

        Args:
            samples: A tensor or a nest of tensors.
            gradients: Whether those of the outputs are wanted.
            layers: Names of the layers whose outputs are wanted.
            at: Names of the layers by whose outputs gradients are wanted.

        Returns:
            An `Answer`.
        """
        key = _key(samples)
        known = self._answers.get(key)
        if known is None or not (
            set(layers) <= set(known.features)
            and set(at) <= set(known.layer_gradients)
            and (known.gradients is not None or not gradients)
        ):
            layers, at = tuple(layers), tuple(at)

            condition = self._conditions.get(key, self.condition)

            def look(samples):
                return self._look(samples, condition, layers, at)

            if gradients:
                outputs, others, found = self._differentiated(look, samples)
            else:
                (outputs, others), found = look(samples), None
            raw_outputs, features, losses, slopes = others
            if known is None:  # Layer losses count once.
                self.turn.remember(self.network, samples, outputs, losses)
            self._answers[key] = Answer(
                samples,
                outputs,
                raw_outputs,
                dict(zip(layers, features)),
                dict(zip(at, slopes)),
                found,
            )
        return self._answers[key]

    def _differentiated(
        self, function: Any, inputs: Any
    ) -> tuple[Any, Any, Any]:
        """Returns logits, what comes with them, and their gradients."""
        if not computes_in_float16(self.network):
            return backend.value_and_input_gradients(function, inputs)

        def scaled_function(inputs):
            outputs, others = function(inputs)
            scaled = keras.tree.map_structure(
                lambda output: FLOAT16_SCALE * output, outputs
            )
            return scaled, (outputs, others)

        _, (outputs, others), gradients = backend.value_and_input_gradients(
            scaled_function, inputs
        )
        gradients = keras.tree.map_structure(
            lambda gradient: widen(gradient) / FLOAT16_SCALE, gradients
        )
        return outputs, others, gradients

    def _look(
        self, inputs: Any, condition: Any, layers: Any, at: Any
    ) -> tuple[Any, Any]:
        """Returns logits, `(all outputs, features, layer losses, slopes)`."""
        for transform in self.turn.transforms:
            inputs, condition = transform(inputs, condition, self.turn)
        if condition is not None:
            inputs = [inputs, condition]
        network = self.network
        inner = told(network, layers)
        if inner:
            network = with_features(network, inner)

        def run(network, inputs):
            returned, losses = self.turn.look(network, inputs)
            returned = widen_all(returned)
            raw_outputs, found = returned if inner else (returned, [])
            known = dict(zip(inner, found))
            features = [
                known[name]
                if name in known
                else output_called(name, raw_outputs, self.network)
                for name in layers
            ]
            logits = raw_outputs
            if self.head is not None:
                logits = self.head(raw_outputs)
            # Here, where what was picked is what was returned.
            names = names_of(logits, raw_outputs, self.network)
            self._output_names = names
            return logits, (raw_outputs, features, losses)

        if not at:
            logits, others = run(network, inputs)
            return logits, (*others, [])
        # Arrays and tensors do not mix in one call.
        inputs = keras.tree.map_structure(ops.convert_to_tensor, inputs)
        moved = with_offsets(network, at)
        logits, others, slopes = self._differentiated(
            lambda offsets: run(moved, [inputs, offsets]),
            zero_offsets(network, at, inputs),
        )
        return logits, (*others, slopes)


def _key(samples):
    return tuple(id(leaf) for leaf in keras.tree.flatten(samples))


class AbsentJudge(Judge):
    """A discriminator that is not there yet: who asks it must wait."""

    def answer(
        self,
        samples: Nest,
        gradients: bool = False,
        layers: Any = (),
        at: Any = (),
    ) -> Any:
        raise NoJudge
