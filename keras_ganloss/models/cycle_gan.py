"""Translation between two domains without pairs."""

import keras

from keras_ganloss.models import building
from keras_ganloss.models import checks
from keras_ganloss.models import data_checks
from keras_ganloss.models.duel import Duel
from keras_ganloss.models.duel import Samples
from keras_ganloss.models.maker import bind
from keras_ganloss.models.translation_model import TranslationModel
from keras_ganloss.models.translation_model import absolute_error

NETWORKS = ("x_to_y", "y_to_x", "x_discriminator", "y_discriminator")


@keras.saving.register_keras_serializable(package="keras_ganloss")
class CycleGAN(TranslationModel):
    """CycleGAN: learns to translate both ways, without a pair to learn from.

    Each generator makes samples of the other domain; there and back again a
    sample shall be what it was. Data: `fit(x, y)`, as many of each, where
    `x[i]` has nothing to do with `y[i]`. Domains of different size:
    `tf.data.Dataset.zip((x.repeat(), y.repeat()))`, with `steps_per_epoch`.

    Terms of the generators, and their default factors in `loss_weights`:
    `"cycle"` (10), the mean absolute error of both ways there and back, and
    `"identity"` (0: left out; 5 in the paper where colors shall stay), that
    of generators given samples of the domain they lead to. The paper's
    settings: `d_loss="least_squares"`, `pool=SamplePool(50)`.

    Metrics get dicts of `"x"` and `"y"`. `predict(x)` translates to `y`.

    Args:
        x_to_y: The generator, a `keras.Model` from `x` to samples as `y`.
        y_to_x: The other one.
        x_discriminator: A `keras.Model` from `x` to logits.
        y_discriminator: Likewise, from `y`.
        seed, name: See `GAN`.

    Example:

    ```python
    gan = CycleGAN(x_to_y, y_to_x, x_discriminator, y_discriminator)
    gan.compile(d_loss="least_squares", loss_weights={"identity": 5.0})
    gan.fit(horses, zebras)
    zebras = gan.translate(horses)
    ```

    Reference: [Zhu et al., 2017](https://arxiv.org/abs/1703.10593)
    """

    default_loss_weights = {"cycle": 10.0, "identity": 0.0}

    def __init__(
        self,
        x_to_y,
        y_to_x,
        x_discriminator,
        y_discriminator,
        seed=None,
        name=None,
        **kwargs,
    ):
        super().__init__(seed=seed, name=name, **kwargs)
        networks = (x_to_y, y_to_x, x_discriminator, y_discriminator)
        for role, network in zip(NETWORKS, networks):
            checks.check_network(role, network)
        self.x_to_y = x_to_y
        self.y_to_x = y_to_x
        self.x_discriminator = x_discriminator
        self.y_discriminator = y_discriminator

    @property
    def d_networks(self):
        return [self.x_discriminator, self.y_discriminator]

    @property
    def g_networks(self):
        return [self.x_to_y, self.y_to_x]

    @property
    def sample_shapes(self):
        shapes = [
            building.output_shapes(network)
            for network in (self.y_to_x, self.x_to_y)  # In the order of keys.
        ]
        return None if None in shapes else sum(shapes, [])

    def judged_shapes(self, discriminator):
        is_of_x = discriminator is self.x_discriminator
        return building.output_shapes(self.y_to_x if is_of_x else self.x_to_y)

    def draw(self, data, training):
        x, y, sample_weight = data_checks.unpack_pairs(data)
        if sample_weight is not None:
            raise ValueError(
                "Samples without a pair have no common weight. Leave "
                "`sample_weight` out. Received: weights of shape "
                f"{tuple(sample_weight.shape)}"
            )
        real = data_checks.as_float({"x": x, "y": y})
        fake = self._translated(
            lambda network, inputs: self.run_generator(
                network, inputs, training
            ),
            real,
        )
        return Samples(*checks.matched(real, fake))

    def duels(self, samples, judge):
        real, fake = samples.real, samples.fake
        return [
            Duel(judge(self.x_discriminator), real["x"], fake["x"]),
            Duel(judge(self.y_discriminator), real["y"], fake["y"]),
        ]

    def makers(self, samples, training):
        real, fake = samples.real, samples.fake
        return [
            bind(
                self, network, real[source], None, real[to], fake[to], training
            )
            for network, source, to in (
                (self.y_to_x, "y", "x"),
                (self.x_to_y, "x", "y"),
            )
        ]

    def g_terms(self, samples, duels):
        real, fake = samples.real, samples.fake

        def error(samples):
            again = self._translated(
                lambda network, inputs: self.run_again(network, inputs, duels),
                samples,
            )
            return absolute_error(real, again)

        terms = {
            "cycle": lambda: error(fake),
            "identity": lambda: error({"x": real["y"], "y": real["x"]}),
        }
        return {name: terms[name]() for name in self.g_term_names}

    def _translated(self, run, samples):
        """Returns the translations of samples of both domains, by domain."""
        return {
            "x": run(self.y_to_x, samples["y"]),
            "y": run(self.x_to_y, samples["x"]),
        }

    def call(self, inputs, training=False):
        """Returns translations from `x` to `y`."""
        return self.run_generator(self.x_to_y, inputs, training)

    def translate(self, x, batch_size=None):
        """Returns samples `x` as samples of `y`, an array.

        With the averaged generator where there is one.
        """
        return self.run_averaged(self.x_to_y, x, batch_size)

    def translate_back(self, y, batch_size=None):
        """Returns samples `y` as samples of `x`; see `translate`."""
        return self.run_averaged(self.y_to_x, y, batch_size)

    def export(self, path, direction="x_to_y", **kwargs):
        """Writes a generator from `source` to `samples` for a server.

        Args:
            path: See `GAN.export`.
            direction: `"x_to_y"` (default) or `"y_to_x"`.
            **kwargs: `format` and `verbose`, see `GAN.export`.
        """
        if direction not in NETWORKS[:2]:
            raise ValueError(
                f"`direction` must be one of {NETWORKS[:2]}. Received: "
                f"direction={direction!r}"
            )
        network = getattr(self, direction)
        self.export_averaged(network, ["source"], path, **kwargs)

    def get_config(self):
        networks = {
            name: keras.saving.serialize_keras_object(getattr(self, name))
            for name in NETWORKS
        }
        return {**super().get_config(), **networks}
