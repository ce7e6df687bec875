"""The abstract game of generators that turn samples into others."""

from typing import Any

import keras
from keras import ops

from keras_ganloss.export import export_network
from keras_ganloss.game.game import Game
from keras_ganloss.losses.reduction import reduce
from keras_ganloss.utils.typing import Nest
from keras_ganloss.utils.typing import Tensor


def absolute_error(
    samples: Nest, others: Nest, sample_weight: Any = None
) -> Tensor:
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


class TranslationModel(Game):
    """Abstract: generators from samples to samples, and who judges them.

    Subclasses fill the names of the networks, `draw`, `duels` and `terms`.
    """

    def run_averaged(
        self, network: keras.Model, inputs: Nest, batch_size: int | None = None
    ) -> Nest:
        """Returns what a (averaged) generator makes of arrays."""
        with self.averaged_in_place(), self.random_state_kept():
            outputs = network.predict(inputs, batch_size=batch_size, verbose=0)
        return keras.tree.map_structure(ops.convert_to_numpy, outputs)

    def export_averaged(
        self, network: keras.Model, names: Any, path: Any, **kwargs: Any
    ) -> None:
        """Writes a (averaged) generator; see `export.export_network`."""
        with self.averaged_in_place():
            export_network(network, path, names, **kwargs)
