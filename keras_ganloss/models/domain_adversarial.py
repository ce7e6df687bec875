"""Domain adaptation: features that do not tell where a sample is from."""

from typing import Any

import keras

from keras_ganloss.export.network import export_network
from keras_ganloss.game import data_checks
from keras_ganloss.game.calls import weight_losses
from keras_ganloss.game.samples import Duel
from keras_ganloss.game.samples import Samples
from keras_ganloss.models import building
from keras_ganloss.models.supervised_model import SupervisedModel
from keras_ganloss.models.supervision import Answers
from keras_ganloss.utils.masks import masks_of
from keras_ganloss.utils.precision import widen_all


@keras.saving.register_keras_serializable(package="keras_ganloss")
class DomainAdversarial(SupervisedModel):
    """Domain-adversarial network: learns from one domain, serves in another.

    A classifier (or any supervised head) learns from features of labeled
    samples, and a discriminator sees to it that features of unlabeled ones
    from another domain look the same. Data: `fit((source_x, target_x),
    source_y)`, where row `i` of one has nothing to do with row `i` of the
    other. Weights of samples weigh the explicit loss alone.

    The source's features are real, the target's are fake. What the features
    learn is the choice of `g_loss`: the partner of `d_loss` moves those of the
    target alone (as ADDA does), `g_loss=RoleSwapped(...)` those of both, and
    a function that returns minus the discriminator's loss is gradient
    reversal, as `layers.ReverseGradient` has it in a plain Keras model. Weigh
    it by `loss_weights={"adversarial": DomainAdversarialSchedule(num_steps)}`.

    `loss`, `metrics` and `evaluate` are about the classifier's answers to the
    first domain: where labels of the target are known, `evaluate((target_x,
    target_x), target_y)` says how well it serves there.

    Args:
        encoder: A `keras.Model` from samples of either domain to features.
        classifier: A `keras.Model` from features to answers.
        discriminator: A `keras.Model` from features to logits.
        seed, name: See `GAN`.
        logits: See `GAN`.

    Raises:
        ValueError: If a network is no Keras model; in `fit`, if `x` is no
            pair.

    Example:

    ```python
    game = DomainAdversarial(encoder, classifier, discriminator, seed=0)
    game.compile(
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        loss_weights={"adversarial": DomainAdversarialSchedule(num_steps=100)},
    )
    game.fit((source_x, target_x), source_y)
    answers = game.predict(target_x)
    ```

    Reference: [Ganin et al., 2016](https://arxiv.org/abs/1505.07818),
    [Tzeng et al., 2017](https://arxiv.org/abs/1702.05464)
    """

    discriminators = ("discriminator",)
    generators = ("encoder", "classifier")

    def __init__(
        self,
        encoder: keras.Model,
        classifier: keras.Model,
        discriminator: keras.Model,
        seed: int | None = None,
        name: str | None = None,
        logits: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed=seed, name=name, **kwargs)
        self.set_networks(
            encoder=encoder, classifier=classifier, discriminator=discriminator
        )
        self.logits = logits

    @property
    def supervised_network(self) -> keras.Model:
        return self.classifier

    @property
    def sample_shapes(self) -> Any:
        return building.output_shapes(self.encoder)

    def draw(self, batch: Any, turn: Any) -> Samples:
        pair, target, sample_weight = data_checks.unpack_pairs(batch)
        source, other = (turn.generate(self.encoder, x) for x in _pair(pair))
        answer = turn.call_generator(self.classifier, source)
        layer_losses = [
            *turn.losses_of(self.encoder, self.classifier),
            *weight_losses([self.encoder]),
        ]
        extras = Answers(
            source,
            target,
            answer,
            masks_of(answer),
            sample_weight,
            layer_losses,
        )
        return Samples(source, other, extras=extras)

    def outputs(self, samples: Samples) -> Any:
        answer = widen_all(samples.extras.output)
        return {"answer": answer, "real": samples.real, "fake": samples.fake}

    def with_outputs(self, samples: Samples, outputs: Any) -> Samples:
        extras = samples.extras._replace(output=outputs["answer"])
        return Samples(outputs["real"], outputs["fake"], extras=extras)

    def duels(self, samples: Samples, turn: Any) -> list[Duel]:
        judge = turn.judge(self.discriminator)
        return [Duel(judge, samples.real, samples.fake)]

    def inputs_within(self, x: Any) -> Any:
        return self.encoder(_pair(x)[0])

    def made_of(self, x: Any, y: Any) -> dict[str, Any]:
        del x
        return {"classifier": y}

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Returns the (averaged) networks' answers, in whatever domain."""
        features = self.run_generator(self.encoder, inputs, training)
        return self.run_generator(self.classifier, features, training)

    def export(self, path: Any, **kwargs: Any) -> None:
        """Writes encoder and classifier as one; see `SupervisedGAN.export`."""
        if building.input_shapes(self.encoder) is None:
            raise ValueError(
                "`encoder` must be functional or sequential to be exported. "
                f"Received: encoder={self.encoder.name!r} of type "
                f"{type(self.encoder).__name__}"
            )
        names = building.input_names(self.encoder)
        inputs = self.encoder.inputs[0]
        if len(names) > 1:
            inputs = self.encoder.input
        with self.averaged_in_place():
            answers = self.classifier(self.encoder(inputs))
            export_network(keras.Model(inputs, answers), path, names, **kwargs)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "logits": keras.saving.serialize_keras_object(self.logits),
        }


def _pair(x):
    """Returns samples of both domains; raises if there are not two."""
    if not isinstance(x, (list, tuple)) or len(x) != 2:
        raise ValueError(
            "The data must be `fit((source_x, target_x), source_y)`, or "
            "yield such. Received: x of shape "
            f"{keras.tree.map_structure(lambda leaf: tuple(leaf.shape), x)}"
        )
    return x
