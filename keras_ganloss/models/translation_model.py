"""The abstract game of generators that turn samples into others."""

import keras
from keras import ops

from keras_ganloss.export import export_network
from keras_ganloss.game import checks
from keras_ganloss.game.adversarial_model import AdversarialModel
from keras_ganloss.losses.reduction import reduce
from keras_ganloss.utils.precision import widen_all


def absolute_error(samples, others, sample_weight=None):
    """Mean absolute difference of two batches, added up over their parts.

    Args:
        samples: Tensor of shape `(batch_size, ...)`, or a nest of such.
        others: Likewise.
        sample_weight: Optional tensor of shape `(batch_size,)`.
    """
    errors = keras.tree.map_structure(
        lambda one, other: reduce(
            ops.abs(one - other), "sum_over_batch_size", sample_weight
        ),
        samples,
        others,
    )
    return sum(keras.tree.flatten(errors))


class TranslationModel(AdversarialModel):
    """Abstract: generators from samples to samples, and who judges them.

    Subclasses fill `default_loss_weights`, the names of the networks,
    `draw`, `duels`, `makers` and `g_terms`.

    Within a step a generator runs more than once. The first call moves its
    moving statistics, such as those of batch normalization; `run_again` does
    not: they are those of the samples that the generator is there for, not
    of its own makings.

    Args:
        seed, name: See `GAN`.
    """

    # The generator's own terms; those with a factor of zero are left out.
    default_loss_weights = {}

    def __init__(self, seed=None, name=None, **kwargs):
        super().__init__(seed=seed, name=name, **kwargs)
        self.loss_weights = {}

    @property
    def g_term_names(self):
        return tuple(
            name
            for name in self.default_loss_weights
            if self.loss_weights.get(name) != 0.0
        )

    def compile(self, *args, loss_weights=None, **kwargs):
        """Configures the game.

        Args:
            loss_weights: See `GAN.compile`; defaults to that of the class.
                A term of the generator with a factor of zero is not
                computed.
            *args, **kwargs: See `GAN.compile`.

        Raises:
            ValueError: See `GAN.compile`.
        """
        self.loss_weights = {}  # Until they are known, every term counts.
        names = ("adversarial", *self.d_term_names, *self.g_term_names)
        loss_weights = {
            **self.default_loss_weights,
            **checks.check_loss_weights(loss_weights, names),
        }
        super().compile(*args, loss_weights=loss_weights, **kwargs)

    def run_again(self, network, inputs, duels):
        """Calls a generator once more within a step.

        Args:
            network: The generator.
            inputs: What it takes.
            duels: The `Duel`s of the step, which know its mode.
        """
        training = duels[0].judge.training
        return widen_all(self.run_generator_again(network, inputs, training))

    def run_averaged(self, network, inputs, batch_size=None):
        """Returns what a (averaged) generator makes of arrays."""
        with self.averaged_in_place(), self.random_state_kept():
            outputs = network.predict(inputs, batch_size=batch_size, verbose=0)
        return keras.tree.map_structure(ops.convert_to_numpy, outputs)

    def export_averaged(self, network, names, path, **kwargs):
        """Writes a (averaged) generator; see `export.export_network`."""
        with self.averaged_in_place():
            export_network(network, path, names, **kwargs)
