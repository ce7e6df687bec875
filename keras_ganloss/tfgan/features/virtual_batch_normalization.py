"""TF-GAN's virtual batch normalization."""

from typing import Any
from typing import Self

import keras
from keras import ops

from keras_ganloss.utils.precision import widen
from keras_ganloss.utils.shapes import compatible
from keras_ganloss.utils.typing import Nest
from keras_ganloss.utils.typing import Tensor


@keras.saving.register_keras_serializable(package="keras_ganloss")
class VBN(keras.layers.Layer):
    """Normalizes each sample by itself and a reference batch.

    What becomes of a sample does not depend on the others in its batch. The
    statistics are those of the reference batch with the sample added to it,
    the mean and the mean square.

    The reference batch is fixed when the object is made. It is the input of
    this layer for the reference samples; where that changes with the weights
    before it, as in the middle of a network, make the object in each forward
    pass with the same `beta` and `gamma`, or use a layer that is told both
    batches.

    Args:
        reference_batch: Tensor of the shape of the inputs but for the batch.
        axis: Int, the axis of the features. Defaults to -1.
        epsilon: Float, added to the variance. Defaults to 1e-3.
        center: Bool, whether to add a learned `beta`.
        scale: Bool, whether to multiply by a learned `gamma`.
        beta_initializer, gamma_initializer: Default to zeros and ones.
        beta_regularizer, gamma_regularizer: Optional regularizers.
        trainable: Bool, whether `beta` and `gamma` are trained.
        name: Optional name.
        batch_axis: Int. Defaults to 0.
        **kwargs: See `keras.layers.Layer`.

    Raises:
        ValueError: If an axis is not one of the batch, or `axis` is
            `batch_axis`.

    Example:

    >>> normalize = VBN(ops.array([[1.0], [3.0]]), epsilon=0.0)
    >>> float(normalize(ops.array([[2.0]]))[0, 0])
    0.0

    Reference: [Salimans et al., 2016](https://arxiv.org/abs/1606.03498)
    """

    def __init__(
        self,
        reference_batch: Tensor,
        axis: int = -1,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        trainable: bool = True,
        name: str | None = None,
        batch_axis: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(trainable=trainable, name=name, **kwargs)
        self.reference_batch = ops.convert_to_tensor(reference_batch)
        self.axis = axis
        self.epsilon = epsilon
        self.center = center
        self.scale = scale
        self.beta_initializer = keras.initializers.get(beta_initializer)
        self.gamma_initializer = keras.initializers.get(gamma_initializer)
        self.beta_regularizer = keras.regularizers.get(beta_regularizer)
        self.gamma_regularizer = keras.regularizers.get(gamma_regularizer)
        self.batch_axis = batch_axis
        shape = tuple(self.reference_batch.shape)
        self._axis = _from_the_front("axis", axis, shape)
        self._batch_axis = _from_the_front("batch_axis", batch_axis, shape)
        if self._axis == self._batch_axis:
            raise ValueError(
                "`axis` and `batch_axis` must differ. Received: "
                f"axis={axis}, batch_axis={batch_axis}"
            )
        axes = [a for a in range(len(shape)) if a != self._axis]
        self._reference = _mean_and_mean_square(self.reference_batch, axes)
        self.build(shape)

    def build(self, input_shape: Any) -> None:
        del input_shape  # That of the reference batch is known already.
        if self.built:
            return
        rank = len(self.reference_batch.shape)
        self._parameter_shape = [1] * rank
        self._parameter_shape[self._axis] = -1
        size = (self.reference_batch.shape[self._axis],)
        self.beta = self.gamma = None
        if self.center:
            self.beta = self.add_weight(
                shape=size,
                initializer=self.beta_initializer,
                regularizer=self.beta_regularizer,
                name="beta",
            )
        if self.scale:
            self.gamma = self.add_weight(
                shape=size,
                initializer=self.gamma_initializer,
                regularizer=self.gamma_regularizer,
                name="gamma",
            )
        self.built = True

    def reference_batch_normalization(self) -> Tensor:
        """Returns the reference batch, normalized by itself."""
        return self._normalize(self.reference_batch, *self._reference)

    def call(self, inputs: Nest) -> Tensor:
        self._check(inputs)
        axes = [
            axis
            for axis in range(len(inputs.shape))
            if axis not in (self._axis, self._batch_axis)
        ]
        weight = 1.0 / (self.reference_batch.shape[self._batch_axis] + 1.0)
        return self._normalize(
            inputs,
            *(
                weight * own + (1.0 - weight) * reference
                for own, reference in zip(
                    _mean_and_mean_square(inputs, axes), self._reference
                )
            ),
        )

    def _normalize(self, inputs, mean, mean_square):
        variance = mean_square - ops.square(mean)
        gain = ops.rsqrt(variance + self.epsilon)
        if self.gamma is not None:
            gain = gain * self._parameter(self.gamma)
        offset = -mean * gain
        if self.beta is not None:
            offset = offset + self._parameter(self.beta)
        outputs = widen(inputs) * gain + offset
        return ops.cast(outputs, inputs.dtype)

    def _parameter(self, variable):
        return widen(ops.reshape(variable, self._parameter_shape))

    def _check(self, inputs):
        shapes = []
        for tensor in (inputs, self.reference_batch):
            shape = list(tensor.shape)
            shape[self._batch_axis : self._batch_axis + 1] = []
            shapes.append(tuple(shape))
        if not compatible(*shapes):
            raise ValueError(
                "Inputs must have the shape of the reference batch, but for "
                f"the batch. Received: inputs.shape={tuple(inputs.shape)}, "
                "reference_batch.shape="
                f"{tuple(self.reference_batch.shape)}"
            )

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "reference_batch": keras.saving.serialize_keras_object(
                ops.convert_to_numpy(self.reference_batch)
            ),
            "axis": self.axis,
            "epsilon": self.epsilon,
            "center": self.center,
            "scale": self.scale,
            "beta_initializer": keras.initializers.serialize(
                self.beta_initializer
            ),
            "gamma_initializer": keras.initializers.serialize(
                self.gamma_initializer
            ),
            "beta_regularizer": keras.regularizers.serialize(
                self.beta_regularizer
            ),
            "gamma_regularizer": keras.regularizers.serialize(
                self.gamma_regularizer
            ),
            "batch_axis": self.batch_axis,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        config = dict(config)
        config["reference_batch"] = keras.saving.deserialize_keras_object(
            config["reference_batch"]
        )
        return cls(**config)


def _mean_and_mean_square(tensor, axes):
    """Returns both with the axes kept, in float32 at least."""
    tensor = widen(tensor)
    if not axes:
        return tensor, ops.square(tensor)
    # Shifted by itself, the mean of large values loses fewer digits.
    shift = ops.stop_gradient(ops.mean(tensor, axis=axes, keepdims=True))
    mean = ops.mean(tensor - shift, axis=axes, keepdims=True) + shift
    return mean, ops.mean(ops.square(tensor), axis=axes, keepdims=True)


def _from_the_front(name, axis, shape):
    if not -len(shape) <= axis < len(shape):
        raise ValueError(
            f"`{name}` must be an axis of the reference batch. Received: "
            f"{name}={axis}, reference_batch.shape={shape}"
        )
    return axis % len(shape)
