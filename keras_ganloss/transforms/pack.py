"""Packing of PacGAN: several samples are judged as one."""

from typing import Any

import keras
from keras import ops

from keras_ganloss.transforms.transform import Transform
from keras_ganloss.utils import arguments
from keras_ganloss.utils.typing import Nest
from keras_ganloss.utils.typing import Tensor


def pack(tensor: Tensor, size: int) -> Tensor:
    """Puts every `size` samples of a batch side by side.

    Args:
        tensor: Shape `(batch_size, ..., channels)`, or `(batch_size,)`.
        size: Int.

    Returns:
        Tensor of shape `(batch_size // size, ..., size * channels)`, or
        `(batch_size // size, size)`. The rest of a batch is left out; a
        batch of less than `size` samples makes one pack, in which they
        stand several times.
    """
    num_packs = ops.shape(tensor)[0] // size
    num_packs += 1 // (num_packs + 1)  # At least one.
    whole = ops.concatenate([tensor] * size)[: num_packs * size]
    packs = ops.reshape(whole, (-1, size, *ops.shape(tensor)[1:]))
    if len(tensor.shape) == 1:
        return packs
    packs = ops.moveaxis(packs, 1, -2)
    return ops.reshape(packs, (*ops.shape(packs)[:-2], size * tensor.shape[-1]))


@keras.saving.register_keras_serializable(package="keras_ganloss")
class Pack(Transform):
    """Shows the discriminator several samples at once, against collapse.

    A generator that makes the same again and again is easily told from the
    data if the discriminator sees several of its samples side by side. They
    are put together along the last axis, channels or features, and so are
    their conditions: the discriminator must be made for `size` times the
    channels (and for `size` labels).

    The rest of a batch, up to `size - 1` samples, is not judged, so choose a
    batch size that is a multiple of `size`, or at least not smaller: in a
    batch of less than `size` samples some stand several times in the one
    pack. Weights of samples are refused. Penalties on the gradient measure
    it per sample, through the pack it stands in, where CTGAN measures it per
    pack. It packs in `evaluate` too.

    Args:
        size: Int, how many samples make a pack. Defaults to 2; the paper
            has 2 to 4.

    Raises:
        ValueError: If `size` is not an integer of at least 2.

    Example:

    ```python
    discriminator = keras.Sequential(
        [keras.Input((28, 28, 2 * 1)), keras.layers.Flatten(),
         keras.layers.Dense(1)]
    )
    gan = GAN(generator, discriminator)
    gan.compile(transforms=[Pack(2)])
    ```

    Reference: [Lin et al., 2017](https://arxiv.org/abs/1712.04086)
    """

    def __init__(self, size: int = 2) -> None:
        self.size = arguments.int_of_at_least(2, "size", size)

    def __call__(
        self, samples: Nest, condition: Nest, turn: Any
    ) -> tuple[Nest, Nest]:
        del turn
        return keras.tree.map_structure(
            lambda leaf: leaf if leaf is None else pack(leaf, self.size),
            (samples, condition),
        )

    def output_shapes(self, shapes: Any) -> Any:
        return shapes and [
            (*shape[:-1], shape[-1] and self.size * shape[-1])
            for shape in shapes
        ]

    def weigh(self, sample_weight: Any) -> Any:
        raise ValueError(
            "`Pack` cannot go with weights of samples: a pack has one output "
            "for several samples. Leave the weights out. "
            f"Received: sample_weight of shape {tuple(sample_weight.shape)}, "
            f"size={self.size}"
        )

    def get_config(self) -> dict[str, Any]:
        return {"size": self.size}
