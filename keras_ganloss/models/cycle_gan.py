"""Translation between two domains without pairs."""

from collections.abc import Sequence
from typing import Any

import keras

from keras_ganloss.game import checks
from keras_ganloss.game import data_checks
from keras_ganloss.game.samples import Duel
from keras_ganloss.game.samples import Samples
from keras_ganloss.models import building
from keras_ganloss.models.translation_model import TranslationModel
from keras_ganloss.models.translation_model import absolute_error
from keras_ganloss.utils import arguments
from keras_ganloss.utils.typing import Nest


@keras.saving.register_keras_serializable(package="keras_ganloss")
class CycleGAN(TranslationModel):
    """CycleGAN: learns to translate both ways, without a pair to learn from.

    Each generator makes samples of the other domain; there and back again a
    sample shall be what it was. Data: `fit(x, y)`, as many of each, where
    `x[i]` has nothing to do with `y[i]`. Domains of different size: repeat the
    smaller one, `y[np.arange(len(x)) % len(y)]`, or in `tf.data`
    `tf.data.Dataset.zip((x.repeat(), y.repeat()))`, with `steps_per_epoch`.
    Metrics get dicts of `"x"` and `"y"`. `predict(x)` translates to `y`.

    Terms of the generators, and their default factors in `loss_weights`:
    `"cycle"` (10), the mean absolute error of both ways there and back, and
    `"identity"` (0: left out; 5 in the paper where colors shall stay), that
    of generators given samples of the domain they lead to. The paper's
    settings: `d_loss="least_squares"`, `pool=SamplePool(50)`.

    Args:
        x_to_y: The generator, a `keras.Model` from `x` to samples as `y`.
        y_to_x: The other one.
        x_discriminator: A `keras.Model` from `x` to logits.
        y_discriminator: Likewise, from `y`.
        seed, name: See `GAN`.
        logits: Which outputs of the discriminator are logits, where there are
            others: an index, a name, a list of such, or a function of what
            it returns. Defaults to all.

    Example:

    ```python
    gan = CycleGAN(x_to_y, y_to_x, x_discriminator, y_discriminator)
    gan.compile(d_loss="least_squares", loss_weights={"identity": 5.0})
    gan.fit(horses, zebras)
    zebras = gan.translate(horses)
    ```

    Reference: [Zhu et al., 2017](https://arxiv.org/abs/1703.10593)
    """

    discriminators = ("x_discriminator", "y_discriminator")
    generators = ("x_to_y", "y_to_x")
    g_terms = {"cycle": 10.0, "identity": 0.0}

    if_lengths_differ = (
        "Domains have no pairs, so repeat the smaller one: "
        "`y[np.arange(len(x)) % len(y)]`."
    )

    def __init__(
        self,
        x_to_y: keras.Model,
        y_to_x: keras.Model,
        x_discriminator: keras.Model,
        y_discriminator: keras.Model,
        seed: int | None = None,
        name: str | None = None,
        logits: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed=seed, name=name, **kwargs)
        self.set_networks(
            x_to_y=x_to_y,
            y_to_x=y_to_x,
            x_discriminator=x_discriminator,
            y_discriminator=y_discriminator,
        )
        self.logits = logits

    @property
    def sample_shapes(self) -> Any:
        makers = (self.y_to_x, self.x_to_y)  # In the order of the keys.
        shapes = [building.output_shapes(network) for network in makers]
        return None if None in shapes else sum(shapes, [])

    def judged_shapes(self, discriminator: keras.Model) -> Any:
        is_of_x = discriminator is self.x_discriminator
        return building.output_shapes(self.y_to_x if is_of_x else self.x_to_y)

    def made_of(self, x: Nest, y: Nest) -> dict[str, Any]:
        return {"y_to_x": x, "x_to_y": y}

    def draw(self, batch: Any, turn: Any) -> Samples:
        real = data_checks.unpack_domains(batch)
        fake = self._translated(real, turn)
        return Samples(*checks.check_and_cast(real, fake))

    def duels(self, samples: Samples, turn: Any) -> list[Duel]:
        real, fake = samples.real, samples.fake
        return [
            Duel(turn.judge(self.x_discriminator), real["x"], fake["x"]),
            Duel(turn.judge(self.y_discriminator), real["y"], fake["y"]),
        ]

    def terms(
        self, samples: Samples, duels: Sequence[Duel], turn: Any
    ) -> dict[str, Any]:
        real, fake = samples.real, samples.fake

        def error(samples):
            return absolute_error(real, self._translated(samples, turn))

        return {
            "cycle": lambda: error(fake),
            "identity": lambda: error({"x": real["y"], "y": real["x"]}),
        }

    def _translated(self, samples, turn):
        """Returns the translations of samples of both domains, by domain."""
        return {
            "x": turn.generate(self.y_to_x, samples["y"]),
            "y": turn.generate(self.x_to_y, samples["x"]),
        }

    def call(self, inputs: Nest, training: bool = False) -> Nest:
        """Returns translations from `x` to `y`."""
        return self.run_generator(self.x_to_y, inputs, training)

    def translate(self, x: Nest, batch_size: int | None = None) -> Nest:
        """Returns samples of `y` by the (averaged) generator, an array."""
        return self.run_averaged(self.x_to_y, x, batch_size)

    def translate_back(self, y: Nest, batch_size: int | None = None) -> Nest:
        """Returns samples of `x`, likewise."""
        return self.run_averaged(self.y_to_x, y, batch_size)

    def export(
        self, path: Any, direction: str = "x_to_y", **kwargs: Any
    ) -> None:
        """Writes a generator from `source` to `samples` for a server.

        Arguments are those of `GAN.export`, and `direction`: `"x_to_y"`
        (default) or `"y_to_x"`.
        """
        arguments.one_of(self.generators, "direction", direction)
        network = getattr(self, direction)
        self.export_averaged(network, ["source"], path, **kwargs)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "logits": keras.saving.serialize_keras_object(self.logits),
        }
