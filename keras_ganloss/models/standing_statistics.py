"""Statistics of batch normalization made for generating."""

from typing import Any

import keras
import numpy as np
from keras import ops

from keras_ganloss.backend.keras_internals import flatten_layers
from keras_ganloss.game.calls import joined
from keras_ganloss.models.truncation import draw_latents
from keras_ganloss.utils import arguments
from keras_ganloss.utils.typing import Nest


def set_standing_statistics(
    gan: Any,
    num_batches: int = 100,
    batch_size: int = 64,
    conditions: Nest = None,
    seed: int | None = None,
) -> None:
    """Replaces a generator's moving statistics by those of fresh batches.

    The moving averages that batch normalization keeps in training lag behind
    the weights, and know nothing of averaged weights (`compile(ema=...)`).
    Here the (averaged) generator makes batches in training mode, and the mean
    of their means and variances takes the place of the moving averages. Call
    it after training: `generate`, `predict` and `export` use them.

    Args:
        gan: A `GAN`.
        num_batches: Int, how many batches. Defaults to 100.
        batch_size: Int. Defaults to 64.
        conditions: What the batches are made for, for conditional networks:
            an array, or a nest of arrays, from whose rows each batch is
            drawn.
        seed: Optional int. The same seed gives the same statistics.

    Raises:
        ValueError: If the generator has no batch normalization, a number is
            less than one, or conditions are missing or superfluous.

    Example:

    ```python
    set_standing_statistics(gan, conditions=labels)
    gan.export("serving/1")
    ```

    Reference: [Brock et al., 2018](https://arxiv.org/abs/1809.11096)
    """
    arguments.positive_int("num_batches", num_batches)
    arguments.positive_int("batch_size", batch_size)
    if gan.conditional == (conditions is None):
        raise ValueError(
            "`conditions` are needed by conditional networks, and by no "
            f"others. Received: conditional={gan.conditional}, "
            f"conditions of type {type(conditions).__name__}"
        )
    layers = [
        layer
        for network in gan.g_networks
        for layer in flatten_layers(network)
        if isinstance(layer, keras.layers.BatchNormalization)
    ]
    if not layers:
        raise ValueError(
            "The generator has no `BatchNormalization`, so there are no "
            f"statistics to set. Received: {gan.generator.name!r}"
        )
    statistics = [
        variable
        for layer in layers
        for variable in (layer.moving_mean, layer.moving_variance)
    ]
    sums = [0.0] * len(statistics)
    rng = np.random.default_rng(seed)
    draw = keras.random.SeedGenerator(seed)
    momenta = [layer.momentum for layer in layers]
    try:
        for layer in layers:
            layer.momentum = 0.0  # Each batch leaves its own statistics.
        with gan.averaged_in_place(), gan.random_state_kept(seed):
            for _ in range(num_batches):
                latent = draw_latents(batch_size, gan.latent_shape, None, draw)
                condition = _some(conditions, batch_size, rng)
                inputs = keras.tree.map_structure(
                    ops.convert_to_tensor,
                    joined(gan.generator, latent, condition),
                )
                gan.generator(inputs, training=True)
                for index, variable in enumerate(statistics):
                    value = ops.convert_to_numpy(variable)
                    sums[index] = sums[index] + value.astype("float64")
    finally:
        for layer, momentum in zip(layers, momenta):
            layer.momentum = momentum
    for variable, total in zip(statistics, sums):
        variable.assign(total / num_batches)


def _some(conditions, batch_size, rng):
    if conditions is None:
        return None
    num = len(keras.tree.flatten(conditions)[0])
    rows = rng.integers(num, size=batch_size)
    return keras.tree.map_structure(
        lambda leaf: np.asarray(leaf)[rows], conditions
    )
