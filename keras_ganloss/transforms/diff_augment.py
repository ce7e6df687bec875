"""Differentiable augmentation of images."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from keras_ganloss.transforms.transform import TrainingTransform
from keras_ganloss.utils.typing import Nest
from keras_ganloss.utils.typing import Tensor

# How far an image is shifted, and the side of the hole cut out of it, as a
# share of its own.
TRANSLATION = 0.125
CUTOUT = 0.5


def _per_image(images, minval, maxval, seed):
    return keras.random.uniform(
        (ops.shape(images)[0], 1, 1, 1),
        minval,
        maxval,
        dtype=keras.backend.standardize_dtype(images.dtype),
        seed=seed,
    )


def color(images: Tensor, seed: Any) -> Tensor:
    """Random brightness, saturation and contrast of each image."""
    images = images + _per_image(images, -0.5, 0.5, seed)
    gray = ops.mean(images, axis=-1, keepdims=True)
    images = gray + _per_image(images, 0.0, 2.0, seed) * (images - gray)
    mean = ops.mean(images, axis=(1, 2, 3), keepdims=True)
    return mean + _per_image(images, 0.5, 1.5, seed) * (images - mean)


def translation(images: Tensor, seed: Any) -> Tensor:
    """Shifts each image by up to an eighth, over zeros."""
    images = _shifted(images, 1, "bij,bjwc->biwc", seed)
    return _shifted(images, 2, "bij,bhjc->bhic", seed)


def _shifted(images, axis, equation, seed):
    # As products with 0 and 1 they can be differentiated any number of times
    # on every backend, and XLA need not gather.
    size = images.shape[axis]
    limit = int(TRANSLATION * size + 0.5)
    shift = keras.random.randint(
        (ops.shape(images)[0], 1, 1), -limit, limit + 1, seed=seed
    )
    position = ops.arange(size, dtype="int32")
    source = ops.reshape(position, (1, size, 1)) - shift
    matrix = ops.equal(source, ops.reshape(position, (1, 1, size)))
    return ops.einsum(equation, ops.cast(matrix, images.dtype), images)


def cutout(images: Tensor, seed: Any) -> Tensor:
    """Cuts a hole of half the side out of each image, at any place."""
    hole = True
    for axis in (1, 2):
        size = images.shape[axis]
        length = int(CUTOUT * size + 0.5)
        center = keras.random.randint(
            (ops.shape(images)[0], 1, 1, 1), 0, size + 1 - length % 2, seed=seed
        )
        shape = [1, 1, 1, 1]
        shape[axis] = size
        position = ops.reshape(ops.arange(size, dtype="int32"), shape)
        start = center - length // 2
        inside = ops.logical_and(position >= start, position < start + length)
        hole = ops.logical_and(hole, inside)
    return images * ops.cast(ops.logical_not(hole), images.dtype)


POLICIES = {"color": color, "translation": translation, "cutout": cutout}


@keras.saving.register_keras_serializable(package="keras_ganloss")
class DiffAugment(TrainingTransform):
    """Random color, translation and cutout of real and fake images.

    For small data sets, which a discriminator learns by heart: it never sees
    an image twice, and the generator, which learns through the same
    augmentation, does not learn to make augmented images.

    Args:
        policy: List of `"color"`, `"translation"`, `"cutout"`, in the order
            in which they are done. Defaults to all three.

    Raises:
        ValueError: If `policy` has other names, or samples are no images
            `(batch_size, height, width, channels)` of known size.

    Example:

    ```python
    gan.compile(transforms=[DiffAugment()])
    ```

    Reference: [Zhao et al., 2020](https://arxiv.org/abs/2006.10738)
    """

    def __init__(
        self, policy: Sequence[str] = ("color", "translation", "cutout")
    ) -> None:
        unknown = [name for name in policy if name not in POLICIES]
        if isinstance(policy, str) or unknown or not policy:
            raise ValueError(
                f"`policy` must be a list of {sorted(POLICIES)}. "
                f"Received: policy={policy!r}"
            )
        self.policy = list(policy)

    def transform(self, samples: Nest, turn: Any) -> Nest:
        for name in self.policy:
            samples = POLICIES[name](samples, turn.seed_generator)
        return samples

    def output_shapes(self, shapes: Any) -> Any:
        return check_images(shapes, type(self).__name__)

    def get_config(self) -> dict[str, Any]:
        return {"policy": self.policy}


def check_images(shapes: Any, name: str) -> Any:
    """Returns the shapes; raises unless they are those of one image."""
    if shapes is None:
        return shapes
    if len(shapes) != 1 or len(shapes[0]) != 4 or None in shapes[0][1:]:
        raise ValueError(
            f"`{name}` needs samples that are one image each, `(batch_size, "
            "height, width, channels)`, of a known size. Received: sample "
            f"shapes {shapes}"
        )
    return shapes
