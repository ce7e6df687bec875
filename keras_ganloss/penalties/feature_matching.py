"""Feature matching: fakes that the discriminator's layers see as real."""

from typing import Any

import keras
from keras import ops

from keras_ganloss.penalties.feature_penalty import FeaturePenalty
from keras_ganloss.penalties.feature_penalty import distance_of_means
from keras_ganloss.utils import arguments
from keras_ganloss.utils.features import HIDDEN
from keras_ganloss.utils.features import with_features
from keras_ganloss.utils.outputs import check_features
from keras_ganloss.utils.precision import widen
from keras_ganloss.utils.replicas import global_mean
from keras_ganloss.utils.typing import Schedule
from keras_ganloss.utils.typing import Tensor


@keras.saving.register_keras_serializable(package="keras_ganloss")
class FeatureMatching(FeaturePenalty):
    """`weight * |mean f(real) - mean f(fake)|^2`, `f` the inner discriminator.

    The generator shall make samples that inner layers of the discriminator
    see as they see real ones, on average over the batch; added up over the
    layers. Steadier than the loss alone, and in place of it with
    `loss_weights={"adversarial": 0.0}`.

    With `distance="mae"`, sample by sample, it is the feature matching of
    pix2pixHD and HiFi-GAN, for games whose fake belongs to a real sample,
    such as `SupervisedGAN`; with `relative=True` too, that of EnCodec.

    Real samples pass the discriminator once more than without it; fakes do
    not. Transforms apply, as they do to the loss.

    Args:
        layers: Which features, of all discriminators where there are several:
            - a list of names of layers, such as `["conv2d_2"]`. Of networks
              inside of it, `"mpd2/h1"` is one layer, and `"h1"` that of each
              of them;
            - `"hidden"`: all that layers with a kernel (convolutions, dense
              layers) get from other such layers, which is after
              normalization and activation, as in EnCodec and DAC;
            - `"all"`: these and the logits, as in HiFi-GAN and VITS;
            - names or places of outputs, for subclassed discriminators that
              return features, such as `[1]` beside `logits=0` of the game.
        weight: Float or schedule. Defaults to 1.
        distance: A Keras loss or function of `(real_features,
            fake_features)`. Defaults to `distance_of_means`.
        name: The name in the logs. Defaults to `"feature_matching"`.
        relative: Whether each distance is divided by the mean absolute real
            feature, a constant; features that are all zero do not count.
            Defaults to `False`.
        combine: `"sum"` (default) or `"mean"`, of the distances.

    Raises:
        ValueError: If `weight` is negative; in `compile`, or in the first
            step if it is subclassed, if a discriminator has no such layer or
            output.

    Example:

    ```python
    gan.compile(g_penalties=[FeatureMatching(["conv2d_2"], 10.0)])
    gan.compile(g_penalties=[FeatureMatching("all", 2.0, "mae")])  # HiFi-GAN
    ```

    Reference:
        [Salimans et al., 2016](https://arxiv.org/abs/1606.03498),
        [Wang et al., 2017](https://arxiv.org/abs/1711.11585),
        [Défossez et al., 2022](https://arxiv.org/abs/2210.13438)
    """

    def __init__(
        self,
        layers: Any,
        weight: Schedule = 1.0,
        distance: Any = distance_of_means,
        name: str | None = None,
        relative: bool = False,
        combine: str = "sum",
    ) -> None:
        super().__init__(weight, distance, name)
        self.layers = list(layers) if isinstance(layers, tuple) else layers
        self.features_at = _check_layers(layers)
        self.relative = relative
        self.combine = arguments.one_of(("sum", "mean"), "combine", combine)

    def check(self, discriminator: keras.Model) -> None:
        check_features(self.features_at, discriminator)
        if self.layers == "hidden" and not _hidden_features(discriminator):
            raise ValueError(
                "'hidden' features are those that layers get from other ones, "
                "and this discriminator has no layer behind another. Take "
                "'all', which has the logits too, or name layers. Received: "
                f"layers='hidden', discriminator={discriminator.name!r}"
            )

    def __call__(self, turn: Any, duel: Any) -> Tensor:
        real, fake = [
            self._features(duel.judge, samples)
            for samples in (duel.real, duel.fake)
        ]
        values = self.distances([(real, fake)])
        if self.relative:
            sizes = [global_mean(ops.abs(widen(one))) for one in real]
            values = [
                ops.divide_no_nan(value, ops.stop_gradient(size))
                for value, size in zip(values, sizes, strict=True)
            ]
        count = 1 if self.combine == "sum" else len(values)
        return self.weighted(sum(values) / count, turn.step)

    def _features(self, judge, samples):
        """Returns a flat list."""
        found = judge.features(samples, self.features_at)
        if self.layers == "all":
            found = [found, judge.outputs(samples)]
        return keras.tree.flatten(found)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "layers": self.layers,
            "relative": self.relative,
            "combine": self.combine,
        }


def _hidden_features(discriminator):
    """Returns the symbolic hidden features, a flat list."""
    both = with_features(discriminator, (HIDDEN,)).output
    return keras.tree.flatten(both[1])


def _check_layers(layers):
    """Returns what to ask a judge for; raises for what names no layers."""
    if isinstance(layers, str) and layers in ("all", "hidden"):
        return (HIDDEN,)
    if (
        not isinstance(layers, (list, tuple))
        or not layers
        or any(
            isinstance(one, bool) or not isinstance(one, (str, int))
            for one in layers
        )
    ):
        raise ValueError(
            "`layers` must be a list of names of layers of the discriminator, "
            "or of its outputs or their places, or 'all' or 'hidden'. "
            f"Received: layers={layers!r}"
        )
    return tuple(layers)
