"""Several discriminators as one."""

import keras

from keras_ganloss.networks import blocks


def Ensemble(
    networks: dict[str, keras.Model], name: str = "ensemble"
) -> keras.Model:
    """Several discriminators that see the same samples, as one network.

    Such as those of periods and of scales for HiFi-GAN. Losses and penalties
    apply to each output, and are added up; `losses.Heads` weighs the networks
    by their names.

    Layers by name, for `FeatureMatching`: those of each network after its
    name, such as `mpd_period_2_conv_1` for the example below.

    Args:
        networks: Dict of names to functional discriminators that are called
            on the same, with or without a condition. They are copied, with
            their weights.
        name: The model's name.

    Returns:
        A `keras.Model` to a dict of the names to what each network returns, a
        list where that is several outputs.

    Raises:
        ValueError: If they are called on different inputs, or not functional.

    Example:

    ```python
    network = Ensemble(
        {"mpd": PeriodDiscriminator(), "msd": ScaleDiscriminator()}
    )
    ```

    Reference: [Kong et al., 2020](https://arxiv.org/abs/2010.05646)
    """
    if not isinstance(networks, dict) or not networks:
        raise ValueError(
            "`networks` must be a dict of names to discriminators. Received: "
            f"networks={networks!r}"
        )
    shapes = {
        key: [tuple(one.shape) for one in keras.tree.flatten(network.inputs)]
        for key, network in networks.items()
    }
    first = next(iter(shapes.values()))
    if any(shape != first for shape in shapes.values()):
        raise ValueError(
            "`networks` must be called on inputs of the same shapes. "
            f"Received: networks with the inputs {shapes}"
        )
    names = ("sample", "condition")
    inputs = [
        keras.Input(shape[1:], name=name) for shape, name in zip(first, names)
    ]
    inputs = inputs if len(inputs) > 1 else inputs[0]
    outputs = {}
    for key, network in networks.items():
        parts = blocks.graft(network, inputs, key)
        outputs[key] = parts if len(parts) > 1 else parts[0]
    return keras.Model(inputs, outputs, name=name)
