"""The same discriminator on several scales, as in pix2pixHD."""

from collections.abc import Callable
from typing import Any

import keras

from keras_ganloss.networks import blocks
from keras_ganloss.utils import arguments
from keras_ganloss.utils.typing import Shape


def MultiScale(
    make: Callable[..., Any],
    input_shape: Shape,
    scales: int = 3,
    condition_shape: Any = None,
    name: str = "multi_scale",
) -> keras.Model:
    """One discriminator for each of several scales, as one network.

    The first sees the samples as they are, each further one those of half the
    size, averages of neighbors. A few small networks see fine texture and
    large shapes alike, where one that sees as much would be large itself.

    Layers by name, for `FeatureMatching`: those of each network after
    `scale_1_`, `scale_2_`, ..., such as `scale_2_conv_3`; `scale_2_sample`
    is what the second one sees.

    Args:
        make: Function of a shape, and of `condition_shape=` if there is one,
            that returns a functional discriminator, such as
            `PatchDiscriminator`; see the example for settings.
        input_shape: Tuple, the shape of a sample: one, two or three axes, or
            `None` where the size varies, and channels last.
        scales: Int. Defaults to 3.
        condition_shape: Optional tuple, which `make` must take. Maps are
            halved as the samples are.
        name: The model's name.

    Returns:
        A `keras.Model` to a list of the outputs, the finest first.

    Raises:
        ValueError: If samples are too small for so many scales.

    Example:

    ```python
    network = MultiScale(
        lambda shape: PatchDiscriminator(shape, num_layers=2), (128, 128, 3)
    )
    ```

    Reference: [Wang et al., 2018](https://arxiv.org/abs/1711.11585)
    """
    input_shape = blocks.check_input_shape(input_shape, (1, 2, 3))
    scales = arguments.positive_int("scales", scales)
    smallest = min([size for size in input_shape[:-1] if size], default=None)
    if smallest is not None and smallest < 2 ** (scales - 1):
        raise ValueError(
            "Samples are too small to be halved so often. Take fewer scales. "
            f"Received: input_shape={input_shape}, scales={scales}"
        )
    sample = keras.Input(input_shape, name="sample")
    inputs, settings = [sample], {}
    if condition_shape is not None:
        inputs.append(keras.Input(condition_shape, name="condition"))
    scaled, outputs = list(inputs), []
    for scale in range(1, scales + 1):
        if scale > 1:
            scaled = [
                _halve(x, f"scale_{scale}_{x_.name}")
                for x, x_ in zip(scaled, inputs)
            ]
        shapes = [tuple(x.shape[1:]) for x in scaled]
        if condition_shape is not None:
            settings["condition_shape"] = shapes[1]
        network = make(shapes[0], **settings)
        outputs += blocks.graft(
            network,
            scaled if len(scaled) > 1 else scaled[0],
            f"scale_{scale}",
        )
    return keras.Model(
        inputs if len(inputs) > 1 else sample, outputs, name=name
    )


def _halve(x, name):
    """Halves a map; vectors have no size."""
    return x if len(x.shape) == 2 else blocks.average_pooling(x, 2, name)
