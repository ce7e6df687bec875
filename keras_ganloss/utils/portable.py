"""Configs that every backend can read."""

from typing import Any

# Of the subclasses that Keras makes optimizers of on torch. Their names end
# up in saved files, where other backends would take them at their word.
TORCH_OPTIMIZERS = "keras.src.backend.torch.optimizers"


def portable(config: Any) -> Any:
    """Returns a config in which optimizers are those of `keras.optimizers`.

    Args:
        config: What `keras.saving.serialize_keras_object` returns, or a nest
            of such.
    """
    if isinstance(config, (list, tuple)):
        return [portable(entry) for entry in config]
    if not isinstance(config, dict):
        return config
    config = {key: portable(value) for key, value in config.items()}
    if str(config.get("module")).startswith(TORCH_OPTIMIZERS):
        config.update(module="keras.optimizers", registered_name=None)
    return config
