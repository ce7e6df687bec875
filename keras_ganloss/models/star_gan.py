"""Translation between many domains by one generator."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from keras_ganloss.game import checks
from keras_ganloss.game import data_checks
from keras_ganloss.game.samples import Duel
from keras_ganloss.game.samples import Samples
from keras_ganloss.models import building
from keras_ganloss.models.ac_gan import class_loss
from keras_ganloss.models.heads import check_heads
from keras_ganloss.models.translation_model import TranslationModel
from keras_ganloss.models.translation_model import absolute_error
from keras_ganloss.utils.typing import Nest
from keras_ganloss.utils.typing import Tensor


@keras.saving.register_keras_serializable(package="keras_ganloss")
class StarGAN(TranslationModel):
    """StarGAN: one generator translates between all of several domains.

    The generator takes `[sample, domain]`, a domain to go to as a one-hot
    vector; the discriminator also names the domain. Data: `fit(samples,
    domains)`; in training each sample goes to a domain drawn uniformly, its
    own among them.

    Terms: `"d_class"` and `"g_class"`, the cross-entropies of the domain of
    real samples and of the one that fakes were sent to, and
    `"reconstruction"`, the mean absolute error there and back. Their default
    factors in `loss_weights` are 1, 1 and 10. The paper's settings:
    `d_loss="wasserstein"`, `penalties=[GradientPenalty(10.0)]`, `d_steps=5`.

    Args:
        generator: A functional `keras.Model` of `[sample, domain]` of shapes
            `(batch_size, ...)` and `(batch_size, num_domains)`.
        discriminator: A `keras.Model` that returns `[logits,
            domain_logits]`; those of domains are `(batch_size, num_domains)`.
        num_domains: Int. Defaults to what the generator's second input says.
        seed, name: See `GAN`.

    Example:

    ```python
    gan = StarGAN(generator, discriminator)
    gan.compile(d_loss="wasserstein", penalties=[GradientPenalty(10.0)])
    gan.fit(faces, hair_colors)
    blond = gan.translate(faces, np.full(len(faces), 1))
    ```

    Reference: [Choi et al., 2017](https://arxiv.org/abs/1711.09020)
    """

    discriminators = ("discriminator",)
    logits = 0  # Beside them is something else.
    generators = ("generator",)
    d_terms = {"d_class": 1.0}
    g_terms = {"g_class": 1.0, "reconstruction": 10.0}

    def __init__(
        self,
        generator: keras.Model,
        discriminator: keras.Model,
        num_domains: int | None = None,
        seed: int | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed=seed, name=name, **kwargs)
        self.set_networks(generator=generator, discriminator=discriminator)
        check_heads(discriminator, "domain_logits")
        building.build_discriminator(generator, discriminator)
        self.num_domains = _num_domains(generator, num_domains)

    @property
    def sample_shapes(self) -> Any:
        return building.output_shapes(self.generator)

    def draw(self, batch: Any, turn: Any) -> Samples:
        real, domain, sample_weight = data_checks.unpack(batch, True)
        domain = one_hot(domain, self.num_domains)
        target = random_domains(domain, self.seed_generator)
        fake = turn.generate(self.generator, real, target)
        pair = checks.check_and_cast(real, fake)
        extras = {"domain": domain, "target": target}
        return Samples(*pair, None, sample_weight, extras)

    def duels(self, samples: Samples, turn: Any) -> list[Duel]:
        return [Duel.over(samples, turn.judge(self.discriminator))]

    def terms(
        self, samples: Samples, duels: Sequence[Duel], turn: Any
    ) -> dict[str, Any]:
        real, fake, _, weight, extras = samples

        def domain_loss(which, domain):
            logits = duels[0].judge.raw_outputs(which)[1]
            return class_loss(logits, domain, weight)

        def error():
            again = turn.generate(self.generator, fake, extras["domain"])
            return absolute_error(real, again, weight)

        return {
            "d_class": lambda: domain_loss(real, extras["domain"]),
            "g_class": lambda: domain_loss(fake, extras["target"]),
            "reconstruction": error,
        }

    def call(self, inputs: Nest, training: bool = False) -> Nest:
        """Returns translations of `[samples, one-hot domains]`."""
        return self.run_generator(self.generator, inputs, training)

    def translate(
        self, samples: Nest, domains: Nest, batch_size: int | None = None
    ) -> Nest:
        """Returns samples of other domains by the (averaged) generator.

        Args:
            samples, batch_size: See `keras.Model.predict`.
            domains: Integers of shape `(num,)`, or one-hot vectors.
        """
        num = len(keras.tree.flatten(samples)[0])
        domains = data_checks.as_condition(domains, num, True)
        domains = one_hot(ops.convert_to_tensor(domains), self.num_domains)
        inputs = [samples, ops.convert_to_numpy(domains)]
        return self.run_averaged(self.generator, inputs, batch_size)

    def export(self, path: Any, **kwargs: Any) -> None:
        """Writes the generator of `source` and one-hot `domain` for a server.

        Arguments are those of `GAN.export`.
        """
        names = ["source", "domain"]
        self.export_averaged(self.generator, names, path, **kwargs)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "num_domains": self.num_domains}


def random_domains(domain: Nest, seed: Any) -> Tensor:
    """Returns a domain for each sample, all equally likely, one-hot.

    Args:
        domain: One-hot tensor of shape `(batch_size, num_domains)`.
        seed: A `keras.random.SeedGenerator`.
    """
    batch_size, num_domains = ops.shape(domain)
    drawn = keras.random.randint((batch_size,), 0, num_domains, seed=seed)
    return one_hot(drawn, num_domains)


def one_hot(domains: Nest, num_domains: int) -> Any:
    """Returns domains, integers or one-hot already, as one-hot vectors.

    Raises:
        ValueError: If they are of another number of domains.
    """
    shape = tuple(domains.shape[1:])
    if shape == (num_domains,):
        return ops.cast(domains, keras.config.floatx())
    if shape not in ((), (1,)):
        raise ValueError(
            "Domains must be integers, one a sample, or one-hot vectors of "
            f"{num_domains} numbers. Received: domains of shape "
            f"{tuple(domains.shape)}"
        )
    domains = ops.cast(ops.reshape(domains, (-1,)), "int32")
    return ops.one_hot(domains, num_domains, dtype=keras.config.floatx())


def _num_domains(generator, num_domains):
    inputs = keras.tree.flatten(getattr(generator, "inputs", None) or [])
    if num_domains is None and len(inputs) == 2:
        num_domains = inputs[1].shape[-1]
    if num_domains is None or num_domains < 2:
        raise ValueError(
            "`generator` must take `[sample, domain]`, and `num_domains` be "
            "at least 2. Pass `num_domains` for a subclassed generator. "
            f"Received: num_domains={num_domains}, a generator with "
            f"{len(inputs)} known input(s)"
        )
    return num_domains
