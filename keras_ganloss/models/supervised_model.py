"""The abstract game whose samples have right answers, too."""

from collections.abc import Sequence
from typing import Any

import keras

from keras_ganloss.export import export_network
from keras_ganloss.game import checks
from keras_ganloss.game import data_checks
from keras_ganloss.game import ends
from keras_ganloss.game import keras_signatures
from keras_ganloss.game import saving
from keras_ganloss.game.game import Game
from keras_ganloss.models import building
from keras_ganloss.models import supervision as supervision_module
from keras_ganloss.models.supervision import Supervision
from keras_ganloss.utils.shapes import batch_size
from keras_ganloss.utils.typing import Nest


class SupervisedModel(Game):
    """Abstract: the explicit losses of a Keras model as one more term.

    Subclasses have a `generator`, or say whose answers have targets in
    `supervised_network` and what it is called on in `inputs_within`, and fill
    what `Game` wants; in `draw`, `extras` are `supervision.Answers`. The
    generator's term `"supervised"` is there already.

    Args:
        seed, **kwargs: See `Game`.
    """

    def __init__(self, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(seed=seed, **kwargs)
        self.supervision: Supervision | None = None

    @property
    def supervised_network(self) -> keras.Model:
        """The network whose answers have targets."""
        return self.generator

    def compile(
        self,
        d_optimizer: Any = None,
        g_optimizer: Any = None,
        loss: Any = None,
        loss_weights: Any = None,
        output_weights: Any = None,
        metrics: Any = None,
        weighted_metrics: Any = None,
        **kwargs: Any,
    ) -> None:
        """Configures the game.

        Groups of arguments: the players, `d_optimizer` and `g_optimizer`; the
        explicit half, as `keras.Model.compile` takes it, `loss`,
        `loss_weights`, `output_weights`, `metrics` and `weighted_metrics`; and
        the learned half, all others, which are those of `GAN.compile`.

        Args:
            d_optimizer: See `GAN.compile`.
            g_optimizer: See `GAN.compile`.

            loss: The explicit loss, as in `keras.Model.compile`, which also
                says what it means: names, objects and functions, by output
                in dicts and lists. Defaults to `None`: the learned loss
                alone.
            loss_weights: Optional dict of factors: `"adversarial"` (the
                generator's learned loss), `"supervised"` (what Keras would
                minimize: the explicit losses and those of layers), and names
                of outputs. A number or a list is what it is in
                `keras.Model.compile`; `balances.GradientShares` weighs terms
                and penalties.
            output_weights: Optional factors of the outputs' losses, where
                `loss_weights` has those of the game: what
                `keras.Model.compile` takes as `loss_weights`.
            metrics: As in `keras.Model.compile`. A list may hold
                `metrics.SampleMetric`s and `metrics.GradientNorms` too, see
                `GAN.compile`.
            weighted_metrics: As in `keras.Model.compile`.

            **kwargs: See `GAN.compile`.

        Raises:
            ValueError: See `GAN.compile`; also if the generator has a
                `train_step` of its own.
        """
        checks.get_optimizers(d_optimizer, g_optimizer)
        checks.check_loss(loss)
        supervision_module.check_no_own_step(self.supervised_network)
        own, output_weights = supervision_module.split_weights(
            loss_weights,
            output_weights,
            ("adversarial", "supervised"),
            loss,
            self.supervised_network,
        )
        of_game, metrics = supervision_module.split_metrics(metrics)
        self.supervision = Supervision(
            self.supervised_network,
            loss,
            output_weights,
            metrics,
            weighted_metrics,
        )
        super().compile(
            d_optimizer,
            g_optimizer,
            metrics=of_game,
            loss_weights=own,
            **kwargs,
        )

    def made_of(self, x: Nest, y: Nest) -> dict[str, Any]:
        return {"generator": y}

    def check_answer(self, output: Any) -> None:
        outputs = getattr(self.generator, "outputs", None) or []
        supervision_module.check_one_output(output, outputs, self.generator)
        ends.check_picked("output", output, self.generator)

    def answer(self, samples: Any, output: Any) -> Any:
        return samples.extras.of(output, self.generator)

    @property
    def compiled_within(self) -> Sequence[Any]:
        return [] if self.supervision is None else self.supervision.models

    @property
    def g_terms(self) -> dict[str, Any]:
        return {"supervised": 1.0} if self._has_loss else {}

    @property
    def _has_loss(self):
        return self.supervision is not None and self.supervision.has_loss

    def terms(
        self, samples: Any, duels: Sequence[Any], turn: Any
    ) -> dict[str, Any]:
        del duels
        layer_losses = super().layer_losses  # Penalties call layers again.

        def loss():
            return self.supervision.compute_loss(
                samples.extras, turn.training, layer_losses(turn)
            )

        return {"supervised": loss}

    def layer_losses(self, turn: Any) -> list[Any]:
        if turn.player.name == "generator" and self._has_loss:
            return []  # Keras counts them with the explicit loss.
        return super().layer_losses(turn)

    @property
    def measured_names(self) -> tuple[str, ...]:
        return tuple(self.g_terms)

    def measure(
        self, samples: Any, logs: dict[str, Any], training: bool
    ) -> dict[str, Any]:
        loss = logs.get("supervised")
        return self.supervision.measure(
            samples.extras, loss, batch_size(samples.fake), training
        )

    @keras_signatures.takes(keras_signatures.fit)
    def fit(self, *args: Any, **kwargs: Any) -> Any:
        data_checks.check_all_finite(super().fit, args, kwargs)
        return super().fit(*args, **kwargs)

    @keras_signatures.takes(keras_signatures.evaluate)
    def evaluate(self, *args: Any, **kwargs: Any) -> Any:
        data_checks.check_all_finite(super().evaluate, args, kwargs)
        return super().evaluate(*args, **kwargs)

    def export(self, path: Any, **kwargs: Any) -> None:
        """Writes the (averaged) generator for a server.

        Its inputs are called as their `keras.Input`s, or `source` if there
        is one alone, and its outputs `samples`.

        Args:
            path: See `GAN.export`.
            **kwargs: `format` and `verbose`, see `GAN.export`.
        """
        names = building.input_names(self.supervised_network)
        with self.averaged_in_place():
            export_network(self.supervised_network, path, names, **kwargs)

    def get_compile_config(self) -> dict[str, Any]:
        config = super().get_compile_config()
        if not config:
            return config
        explicit = self.supervision.get_config()
        config["loss"] = explicit["loss"]
        config["output_weights"] = explicit["loss_weights"]
        config["metrics"] = supervision_module.join_metrics(
            config["metrics"], explicit["metrics"]
        )
        config["weighted_metrics"] = explicit["weighted_metrics"]
        # That of a compiled generator is saved, and loaded, with it.
        own = getattr(self.supervised_network, "optimizer", None)
        config["shares_optimizer"] = self.g_optimizer is own
        return config

    def compile_from_config(self, config: dict[str, Any]) -> None:
        settings = keras.saving.deserialize_keras_object(config)
        if settings.pop("shares_optimizer", False):
            settings["g_optimizer"] = self.supervised_network.optimizer
        saving.compile_as_saved(self, settings)
