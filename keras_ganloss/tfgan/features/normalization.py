"""TF-GAN's instance and group normalization."""

from collections.abc import Callable
from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from keras_ganloss.utils.precision import widen
from keras_ganloss.utils.typing import Nest
from keras_ganloss.utils.typing import Tensor


def instance_norm(
    inputs: Nest,
    center: bool = True,
    scale: bool = True,
    epsilon: float = 1e-6,
    activation_fn: Callable[..., Any] | None = None,
    param_initializers: Any = None,
    reuse: bool | None = None,
    outputs_collections: Any = None,
    trainable: bool = True,
    data_format: str = "NHWC",
    scope: Any = None,
) -> Tensor:
    """Normalizes each channel of each sample by itself.

    Args:
        inputs: Tensor of shape `(batch_size, ..., num_channels)`, or of shape
            `(batch_size, num_channels, ...)` with `data_format="NCHW"`.
        center: Bool, whether to add a learned `beta`.
        scale: Bool, whether to multiply by a learned `gamma`.
        epsilon: Float, added to the variance. Defaults to 1e-6.
        activation_fn: Optional function of the result.
        param_initializers: Optional dict of initializers of `"beta"` and
            `"gamma"`. Default to zeros and ones.
        reuse, outputs_collections: Must be `None`.
        trainable: Bool, whether `beta` and `gamma` are trained.
        data_format: `"NHWC"` (default) or `"NCHW"`.
        scope: Optional name of the layer.

    Returns:
        Tensor of the shape and dtype of `inputs`.

    Raises:
        ValueError: If an argument is not what is described here.

    Reference: [Ulyanov et al., 2016](https://arxiv.org/abs/1607.08022)
    """
    inputs = _as_tensor(inputs)
    if data_format not in ("NHWC", "NCHW"):
        raise ValueError(
            "`data_format` must be 'NHWC' or 'NCHW'. "
            f"Received: data_format={data_format!r}"
        )
    rank = len(inputs.shape)
    channels_axis = 1 if data_format == "NCHW" else rank - 1
    return group_norm(
        inputs,
        groups=inputs.shape[channels_axis],
        channels_axis=channels_axis,
        reduction_axes=[a for a in range(1, rank) if a != channels_axis],
        center=center,
        scale=scale,
        epsilon=epsilon,
        activation_fn=activation_fn,
        param_initializers=param_initializers,
        reuse=reuse,
        outputs_collections=outputs_collections,
        trainable=trainable,
        scope=scope,
    )


def group_norm(
    inputs: Nest,
    groups: int = 32,
    channels_axis: int = -1,
    reduction_axes: Sequence[int] = (-3, -2),
    center: bool = True,
    scale: bool = True,
    epsilon: float = 1e-6,
    activation_fn: Callable[..., Any] | None = None,
    param_initializers: Any = None,
    reuse: bool | None = None,
    outputs_collections: Any = None,
    trainable: bool = True,
    scope: Any = None,
    mean_close_to_zero: bool = False,
) -> Tensor:
    """Normalizes each group of channels of each sample by itself.

    Args:
        inputs: Tensor with a known number of channels.
        groups: Int, divides the number of channels. Defaults to 32.
        channels_axis: Int. Defaults to -1.
        reduction_axes: The other axes that a group goes over. Defaults to
            `(-3, -2)`.
        center, scale, epsilon, activation_fn: See `instance_norm`.
        param_initializers, reuse, outputs_collections: See `instance_norm`.
        trainable, scope: See `instance_norm`.
        mean_close_to_zero: Bool, whether the variance is the mean square
            minus the squared mean, not the mean squared distance.

    Returns:
        Tensor of the shape and dtype of `inputs`.

    Raises:
        ValueError: If an argument is not what is described here.

    Reference: [Wu and He, 2018](https://arxiv.org/abs/1803.08494)
    """
    for name, value in (
        ("reuse", reuse),
        ("outputs_collections", outputs_collections),
    ):
        if value is not None:
            raise ValueError(
                f"`{name}` must be `None`: Keras has no variable scopes and "
                "no collections. Keep the layer, or the model, and call it "
                f"again. Received: {name}={value!r}"
            )
    inputs = _as_tensor(inputs)
    initializers = param_initializers or {}
    outputs = GroupNorm(
        groups,
        channels_axis=channels_axis,
        reduction_axes=tuple(reduction_axes),
        center=center,
        scale=scale,
        epsilon=epsilon,
        beta_initializer=initializers.get("beta", "zeros"),
        gamma_initializer=initializers.get("gamma", "ones"),
        mean_close_to_zero=mean_close_to_zero,
        trainable=trainable,
        name=scope,
        dtype=keras.backend.standardize_dtype(inputs.dtype),
    )(inputs)
    return outputs if activation_fn is None else activation_fn(outputs)


@keras.saving.register_keras_serializable(package="keras_ganloss")
class GroupNorm(keras.layers.Layer):
    """What `group_norm` and `instance_norm` make; see there.

    Its second derivative is right on every backend, other than that of
    `keras.layers.GroupNormalization`.

    Args:
        groups, channels_axis, reduction_axes, center, scale, epsilon,
            mean_close_to_zero: See `group_norm`.
        beta_initializer: Defaults to zeros.
        gamma_initializer: Defaults to ones.
        **kwargs: See `keras.layers.Layer`.
    """

    def __init__(
        self,
        groups: int = 32,
        channels_axis: int = -1,
        reduction_axes: Sequence[int] = (-3, -2),
        center: bool = True,
        scale: bool = True,
        epsilon: float = 1e-6,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        mean_close_to_zero: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.groups = groups
        self.channels_axis = channels_axis
        self.reduction_axes = tuple(reduction_axes)
        self.center = center
        self.scale = scale
        self.epsilon = epsilon
        self.beta_initializer = keras.initializers.get(beta_initializer)
        self.gamma_initializer = keras.initializers.get(gamma_initializer)
        self.mean_close_to_zero = mean_close_to_zero

    def build(self, input_shape: Any) -> None:
        axis, _, channels = self._resolve(input_shape)
        shape = [1] * (len(input_shape) + 1)
        shape[axis : axis + 2] = [self.groups, channels // self.groups]
        self._parameter_shape = tuple(shape)
        self.beta = self.gamma = None
        if self.center:
            self.beta = self.add_weight(
                shape=(channels,),
                initializer=self.beta_initializer,
                name="beta",
            )
        if self.scale:
            self.gamma = self.add_weight(
                shape=(channels,),
                initializer=self.gamma_initializer,
                name="gamma",
            )

    def call(self, inputs: Nest) -> Tensor:
        axis, reduction_axes, channels = self._resolve(inputs.shape)
        shape = ops.shape(inputs)
        grouped = ops.reshape(
            inputs,
            (
                *shape[:axis],
                self.groups,
                channels // self.groups,
                *shape[axis + 1 :],
            ),
        )
        # Every axis after the channels' has moved by one.
        axes = (axis + 1, *(a + (a > axis) for a in reduction_axes))
        mean, variance = self._mean_and_variance(grouped, axes)
        gain = ops.rsqrt(variance + self.epsilon)
        offset = -mean * gain
        if self.gamma is not None:
            gamma = ops.reshape(self.gamma, self._parameter_shape)
            gain, offset = gain * gamma, offset * gamma
        if self.beta is not None:
            offset = offset + ops.reshape(self.beta, self._parameter_shape)
        return ops.reshape(grouped * gain + offset, shape)

    def _mean_and_variance(self, inputs, axes):
        wide = widen(inputs)
        mean = ops.mean(wide, axis=axes, keepdims=True)
        if self.mean_close_to_zero:
            mean_square = ops.mean(ops.square(wide), axis=axes, keepdims=True)
            variance = mean_square - ops.square(mean)
        else:
            variance = ops.mean(
                ops.square(wide - mean), axis=axes, keepdims=True
            )
        return ops.cast(mean, inputs.dtype), ops.cast(variance, inputs.dtype)

    def _resolve(self, shape):
        """Returns axes that count from the front, and the channels."""
        rank = len(shape)
        axes = (self.channels_axis, *self.reduction_axes)
        if any(not -rank <= axis < rank for axis in axes):
            raise ValueError(
                "Axes must be those of the inputs. Received: channels_axis="
                f"{self.channels_axis}, reduction_axes={self.reduction_axes}, "
                f"input shape {tuple(shape)}"
            )
        axis, *reduction_axes = (axis % rank for axis in axes)
        if axis in reduction_axes:
            raise ValueError(
                "`reduction_axes` must not hold the axis of the channels. "
                f"Received: channels_axis={self.channels_axis}, "
                f"reduction_axes={self.reduction_axes}"
            )
        channels = shape[axis]
        if channels is None or channels % self.groups:
            raise ValueError(
                "`groups` must divide the number of channels, which must be "
                f"known. Received: groups={self.groups}, channels={channels}"
            )
        return axis, reduction_axes, channels

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "groups": self.groups,
            "channels_axis": self.channels_axis,
            "reduction_axes": self.reduction_axes,
            "center": self.center,
            "scale": self.scale,
            "epsilon": self.epsilon,
            "beta_initializer": keras.initializers.serialize(
                self.beta_initializer
            ),
            "gamma_initializer": keras.initializers.serialize(
                self.gamma_initializer
            ),
            "mean_close_to_zero": self.mean_close_to_zero,
        }


def _as_tensor(inputs):
    if isinstance(inputs, keras.KerasTensor):
        return inputs
    return ops.convert_to_tensor(inputs)
