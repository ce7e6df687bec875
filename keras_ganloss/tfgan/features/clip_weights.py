"""TF-GAN's weight clipping, by an optimizer around an optimizer."""

from typing import Any
from typing import Self

import keras
from keras import ops

from keras_ganloss.backend.keras_internals import trained_by
from keras_ganloss.utils.typing import Tensor


def clip_variables(optimizer: Any, variables: Any, weight_clip: float) -> Any:
    """Returns an optimizer that keeps variables in `[-clip, clip]`.

    Args:
        optimizer: A `keras.optimizers.Optimizer`.
        variables: List of `keras.Variable`.
        weight_clip: Float, not negative.

    Returns:
        A `VariableClippingOptimizer`.

    Raises:
        ValueError: If `weight_clip` is negative.

    Reference: [Arjovsky et al., 2017](https://arxiv.org/abs/1701.07875)
    """
    if not weight_clip >= 0:
        raise ValueError(
            "`weight_clip` must not be negative. "
            f"Received: weight_clip={weight_clip}"
        )
    return VariableClippingOptimizer(
        optimizer, [(variable, []) for variable in variables], weight_clip
    )


def clip_discriminator_weights(
    optimizer: Any, model: keras.Model, weight_clip: float
) -> Any:
    """Returns an optimizer that keeps the discriminator's weights in a box.

    Args:
        optimizer: A `keras.optimizers.Optimizer`.
        model: A `GAN`, or another `Game`, whose discriminator is
            built.
        weight_clip: Float, not negative.

    Returns:
        A `VariableClippingOptimizer`.

    Raises:
        ValueError: If `weight_clip` is negative.
    """
    variables = [
        variable
        for network in model.d_networks
        for variable in network.trainable_variables
    ]
    return clip_variables(optimizer, variables, weight_clip)


def clip_by_norm(values: Tensor, max_norm: float, axes: Any) -> Tensor:
    """Scales down what is longer than `max_norm` along axes.

    Args:
        values: Tensor.
        max_norm: Float, not negative.
        axes: List of ints. Without any, each value is its own norm.

    Returns:
        Tensor of the shape of `values`.
    """
    if not axes:
        return ops.clip(values, -max_norm, max_norm)
    squares = ops.sum(ops.square(values), axis=tuple(axes), keepdims=True)
    longer = squares > max_norm * max_norm
    norm = ops.sqrt(ops.where(longer, squares, ops.ones_like(squares)))
    return ops.where(longer, values * (max_norm / norm), values)


@keras.saving.register_keras_serializable(package="keras_ganloss")
class VariableClippingOptimizer(keras.optimizers.Optimizer):
    """Clips variables to a largest norm after each update.

    A variable that got no gradient is left alone.

    Args:
        opt: The `keras.optimizers.Optimizer` that updates.
        vars_to_clip_dims: List of pairs of a variable and the list of axes
            along which its norm is taken, or a dict from the variable's
            `path`, or from its index among those that are trained, to that
            list. With an empty list every value is clipped by itself.
            Variables that are not named are not clipped.
        max_norm: Float, not negative.
        name: Name. Defaults to `"VariableClipping"`.

    Raises:
        ValueError: If `max_norm` is negative; when it is built, if a
            variable is not trained by it, or a path is that of none or of
            several; and if it is saved before that.

    Example:

    ```python
    d_optimizer = VariableClippingOptimizer(
        keras.optimizers.RMSprop(5e-5),
        [(kernel, [0]) for kernel in kernels],
        max_norm=1.0,
    )
    ```
    """

    def __init__(
        self,
        opt: Any,
        vars_to_clip_dims: Any,
        max_norm: float,
        name: str | None = None,
    ) -> None:
        if not max_norm >= 0:
            raise ValueError(
                "`max_norm` must not be negative. "
                f"Received: max_norm={max_norm}"
            )
        super().__init__(learning_rate=0.0, name=name or "VariableClipping")
        self.opt = opt
        if isinstance(vars_to_clip_dims, dict):
            vars_to_clip_dims = vars_to_clip_dims.items()
        self.vars_to_clip_dims = [
            (key, list(dims)) for key, dims in vars_to_clip_dims
        ]
        self.max_norm = max_norm
        self._dims_by_id = {}

    def build(self, variables: Any) -> None:
        # A path changes when a model is loaded, an index does not.
        self.vars_to_clip_dims = [
            (_index_of(key, variables), dims)
            for key, dims in self.vars_to_clip_dims
        ]
        self._dims_by_id = {
            id(variables[i]): dims for i, dims in self.vars_to_clip_dims
        }
        self.opt.build(variables)
        super().build(variables)

    @property
    def variables(self) -> list[Any]:
        return [*super().variables, *self.opt.variables]

    @property
    def iterations(self) -> Any:
        return self.opt.iterations

    @property
    def learning_rate(self) -> Any:
        return self.opt.learning_rate

    @learning_rate.setter
    def learning_rate(self, learning_rate: Any) -> Any:
        self.opt.learning_rate = learning_rate

    def scale_loss(self, loss: Any) -> Any:
        return self.opt.scale_loss(loss)

    def apply(self, grads: Any, trainable_variables: Any = None) -> None:
        grads = list(grads)
        if trainable_variables is None:
            trainable_variables = trained_by(self)
        if not self.built:
            self.build(list(trainable_variables))
        self.opt.apply(grads, trainable_variables)
        for gradient, variable in zip(grads, trainable_variables):
            axes = self._dims_by_id.get(id(variable))
            if gradient is not None and axes is not None:
                variable.assign(
                    clip_by_norm(variable.value, self.max_norm, axes)
                )

    def finalize_variable_values(self, var_list: Any) -> None:
        self.opt.finalize_variable_values(var_list)

    def save_own_variables(self, store: dict[str, Any]) -> None:
        """Does nothing: the optimizer inside is saved by itself."""

    def load_own_variables(self, store: dict[str, Any]) -> None:
        """Does nothing: the optimizer inside is loaded by itself."""

    def get_config(self) -> dict[str, Any]:
        objects = [
            key.path
            for key, _ in self.vars_to_clip_dims
            if isinstance(key, keras.Variable)
        ]
        if objects:
            raise ValueError(
                "Which of the trained variables are clipped is known as soon "
                "as the optimizer is built, and only then can it be saved. "
                "Call `build` or compile a model with it. Received: an "
                f"optimizer that is not built, with the variables {objects}"
            )
        return {
            "name": self.name,
            "opt": keras.saving.serialize_keras_object(self.opt),
            # Pairs: in JSON the keys of a dict are strings.
            "vars_to_clip_dims": [
                [key, list(dims)] for key, dims in self.vars_to_clip_dims
            ],
            "max_norm": self.max_norm,
        }

    @classmethod
    def from_config(
        cls,
        config: dict[str, Any],
        custom_objects: dict[str, Any] | None = None,
    ) -> Self:
        config = dict(config)
        config["opt"] = keras.saving.deserialize_keras_object(
            config["opt"], custom_objects=custom_objects
        )
        return cls(**config)


def _index_of(key, variables):
    """Returns which of the variables a key stands for.

    Args:
        key: One of the variables, its path, or its index.
        variables: List of variables.
    """
    names = [(i, variable.path) for i, variable in enumerate(variables)]
    if isinstance(key, keras.Variable):  # To which `==` is by value.
        found = [i for i, one in enumerate(variables) if one is key]
    else:
        found = [name[0] for name in names if key in name]
    if len(found) != 1:
        raise ValueError(
            "`vars_to_clip_dims` must tell which of the trained variables "
            "are clipped. Give the variables themselves, "
            "`[(variable, axes)]`, as two networks that one function has "
            f"built have equal paths. Received: {key!r}, which stands for "
            f"{len(found)} of the variables {names}"
        )
    return found[0]
