"""Augmentation by the layers of Keras."""

import warnings
from typing import Any

import keras
from keras import ops

from keras_ganloss.transforms.transform import TrainingTransform
from keras_ganloss.utils.typing import Nest

# TensorFlow takes the inverse map for the gradient of these, in which pixels
# are interpolated anew; the right one would spread what was gathered.
INEXACT = (
    keras.layers.RandomPerspective,
    keras.layers.RandomRotation,
    keras.layers.RandomShear,
    keras.layers.RandomZoom,
)


@keras.saving.register_keras_serializable(package="keras_ganloss")
class Augment(TrainingTransform):
    """Real and fake samples go through layers, in training mode.

    Any layer that can be differentiated and draws anew for each sample will
    do: `RandomFlip`, `RandomContrast`, `RandomErasing`, `GaussianNoise` and
    many more. On TensorFlow the gradient through `RandomRotation`,
    `RandomZoom`, `RandomShear` and `RandomPerspective` is not the right one,
    and that through `RandomTranslation` is right with `fill_mode="constant"`
    alone; `compile` says so. The layers are not trained; their random states
    are saved with the model; give them seeds for a run that can be repeated.
    Under `tf.distribute` all replicas draw the same.

    Args:
        layers: List of `keras.layers.Layer`s without weights to train.

    Raises:
        ValueError: If `layers` is not a list of such layers, or (in
            `compile`) if the shape of samples is not known.

    Example:

    ```python
    gan.compile(transforms=[Augment([keras.layers.RandomFlip("horizontal")])])
    ```

    Reference: [Zhao et al., 2020](https://arxiv.org/abs/2006.02595)
    """

    def __init__(self, layers: Any) -> None:
        for layer in layers:
            if not isinstance(layer, keras.layers.Layer):
                raise ValueError(
                    "`layers` must be a list of `keras.layers.Layer` objects. "
                    f"Received: layer={layer!r} (of type "
                    f"{type(layer).__name__})"
                )
            if layer.trainable_variables:
                raise ValueError(
                    "`layers` must have no weights to train, which no "
                    "optimizer would update. Set `layer.trainable = False`. "
                    f"Received: layer={layer.name!r} with "
                    f"{len(layer.trainable_variables)} trainable variables"
                )
        self.layers = list(layers)

    @property
    def state(self) -> list[Any]:
        return self.layers

    def transform(self, samples: Nest, turn: Any) -> Nest:
        # On torch some layers work in place, on the very data.
        samples = ops.copy(samples)
        for layer in self.layers:
            samples = layer(samples, training=True)
        return samples

    def output_shapes(self, shapes: Any) -> Any:
        if shapes is None or len(shapes) != 1:
            raise ValueError(
                "`Augment` needs samples of one part and a known shape, for "
                "which its layers are built. Received: sample shapes "
                f"{shapes}"
            )
        self._warn_of_gradients()
        sample = keras.KerasTensor(shapes[0])
        for layer in self.layers:
            sample = layer(sample, training=True)
        return [tuple(sample.shape)]

    def _warn_of_gradients(self):
        names = [
            layer.name
            for layer in self.layers
            if isinstance(layer, INEXACT)
            or isinstance(layer, keras.layers.RandomTranslation)
            and layer.fill_mode != "constant"
        ]
        if names and keras.backend.backend() == "tensorflow":
            warnings.warn(
                "TensorFlow's gradient through these layers is not that of "
                "what they do, so the generator learns from a wrong one. Use "
                "`DiffAugment`, `RandomTranslation(..., fill_mode='constant')`"
                ", or the JAX or torch backend. Received: "
                f"{', '.join(names)}",
                stacklevel=2,
            )

    def get_config(self) -> dict[str, Any]:
        return {"layers": keras.saving.serialize_keras_object(self.layers)}
