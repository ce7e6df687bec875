"""What a game is made of: networks, players and settings."""

import contextlib
import copy
import functools
import inspect
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from typing import Any
from typing import Self

import keras

from keras_ganloss import backend
from keras_ganloss import losses
from keras_ganloss import pools as pools_module
from keras_ganloss import transforms as transforms_module
from keras_ganloss import updates as updates_module
from keras_ganloss.backend import keras_internals
from keras_ganloss.balances import Balance
from keras_ganloss.game import checks
from keras_ganloss.game import ends
from keras_ganloss.game import first_look
from keras_ganloss.game import fit_callbacks
from keras_ganloss.game import foreign_arguments
from keras_ganloss.game import in_words
from keras_ganloss.game import keras_signatures
from keras_ganloss.game import metric_checks
from keras_ganloss.game import network_checks
from keras_ganloss.game import objective
from keras_ganloss.game import saving
from keras_ganloss.game import scores
from keras_ganloss.game import shared_layers
from keras_ganloss.game import step
from keras_ganloss.game.batch_checks import check_size
from keras_ganloss.game.calls import call_with_values
from keras_ganloss.game.calls import weight_losses
from keras_ganloss.game.component_state import ComponentState
from keras_ganloss.game.order import Order
from keras_ganloss.game.player import Player
from keras_ganloss.game.readable_data import check_readable
from keras_ganloss.game.readable_data import check_values
from keras_ganloss.game.samples import Duel
from keras_ganloss.game.samples import Samples
from keras_ganloss.game.turn import Turn
from keras_ganloss.game.weight_average import WeightAverage
from keras_ganloss.game.weight_average import check_decay
from keras_ganloss.losses.sides import resolve_sides
from keras_ganloss.metrics.gradient_norms import NAMES as GRADIENT_NORMS
from keras_ganloss.metrics.sample_metric import SampleMetric
from keras_ganloss.optimizers.players_optimizer import PlayersOptimizer
from keras_ganloss.utils import arguments
from keras_ganloss.utils.networks import copy_network
from keras_ganloss.utils.typing import Nest
from keras_ganloss.utils.variables import random_state_kept

DEFAULT_LOSS = "modified_minimax"


class Game(backend.Trainer, keras.Model):
    """A `keras.Model` that plays a game between two groups of networks.

    Subclasses fill `discriminators` and `generators`, the names of the
    attributes that hold their networks, `draw` and `duels`; where they have
    more to minimize `terms`, with the names in `d_terms` and `g_terms`; and
    for `predict` and pictures `call`. They override nothing else.

    Args:
        seed: Optional int, the seed of everything the model draws. The same
            seed gives the same history, bit for bit, on one device.
        **kwargs: The networks, by their names; and see `keras.Model`.
    """

    # Names of the attributes that hold the networks of each player.
    discriminators: tuple[str, ...] = ()
    generators: tuple[str, ...] = ()
    # The players' own terms, and their default factors in `loss_weights`. A
    # term with a factor of zero is not computed.
    d_terms: dict[str, float] = {}
    g_terms: dict[str, float] = {}
    conditional = False
    # Names of the logs that `measure` sees to.
    measured_names: tuple[str, ...] = ()
    # Shapes of what a discriminator sees beside a sample, if they are known.
    condition_shapes: Any = None
    # Which outputs of the discriminators are logits, see `GAN`.
    logits: Any = None
    # Nest of shapes of the samples, or `None` if they are not known.
    sample_shapes: Any = None
    # What to do where parts of the data are not as long as each other.
    if_lengths_differ = "Leave out what has no partner."
    # Compiled `keras.Model`s whose losses and metrics are parts of the step.
    compiled_within: Sequence[keras.Model] = ()
    # How many updates there have been, of the game and of each player.
    turns: keras.Variable
    d_updates: keras.Variable
    g_updates: keras.Variable
    # See `compile`.
    d_steps: int
    g_steps: int
    d_loss: Any
    g_loss: Any
    takes_pool = True  # False where a fake's own latent must be known.

    def __init__(self, seed: int | None = None, **kwargs: Any) -> None:
        names = (*self.generators, *self.discriminators)
        networks = {name: kwargs.pop(name) for name in names if name in kwargs}
        foreign_arguments.refuse(type(self), "__init__", kwargs)
        super().__init__(**kwargs)
        self.means: Any = None
        self.user_metrics: list[Any] = []
        self.set_networks(**networks)
        self.seed_generator: keras.random.SeedGenerator = backend.SeedGenerator(
            seed
        )
        self.seed = seed
        # An optimizer that is taken over may have counted a pretraining.
        self.turns, self.d_updates, self.g_updates = (
            self.add_weight(
                shape=(), initializer="zeros", dtype="int32", trainable=False,
                aggregation="only_first_replica", name=name,
            )
            for name in ("turns", "d_updates", "g_updates")
        )  # fmt: skip
        self.d_optimizer: Any = None
        self.g_optimizer: Any = None
        self.players: tuple[Player, ...] = ()
        self.beginner: Player | None = None
        self.order: Order | None = None
        self.weight_average: WeightAverage | None = None
        self.component_state: ComponentState | None = None
        self.gradients_are_checked: bool = False
        self.range_is_checked: bool = False
        self.batch_is_checked: bool = False
        self.ema: float | None = None
        self.built = True

    def set_networks(self, **networks: Any) -> None:
        """Sets attributes to networks.

        Raises:
            ValueError: If one is not a Keras model.
        """
        for name, network in networks.items():
            checks.check_network(name, network)
            setattr(self, name, network)

    def __repr__(self) -> str:
        return in_words.in_words(self)

    @property
    def d_networks(self) -> list[keras.Model]:
        """List of the networks that judge."""
        if not self.discriminators:
            raise NotImplementedError(self._must_fill("discriminators"))
        return [getattr(self, name) for name in self.discriminators]

    @property
    def g_networks(self) -> list[keras.Model]:
        """List of the networks that make samples."""
        if not self.generators:
            raise NotImplementedError(self._must_fill("generators"))
        return [getattr(self, name) for name in self.generators]

    def networks_by_role(self) -> dict[str, keras.Model]:
        """Returns a dict of the names of attributes to their networks."""
        roles = (*self.generators, *self.discriminators)
        return {role: getattr(self, role) for role in roles}

    def draw(self, batch: Any, turn: Turn) -> Samples:
        """Returns the `Samples` of a batch; runs the generators.

        Args:
            batch: A batch as Keras gives it to `train_step`.
            turn: The `Turn`: `turn.generate(network, source)`.
        """
        raise NotImplementedError(self._must_fill("draw"))

    def duels(self, samples: Samples, turn: Turn) -> list[Duel]:
        """Returns a list of `Duel`s: who meets whom, before which judge.

        Args:
            samples: What `draw` returned, or what a pool made of it.
            turn: The `Turn`: `turn.judge(network)`.
        """
        raise NotImplementedError(self._must_fill("duels"))

    def terms(
        self, samples: Samples, duels: Sequence[Duel], turn: Turn
    ) -> dict[str, Any]:
        """Returns what the players minimize besides, a dict by name.

        Names are those of `d_terms` and `g_terms`; each player takes its own.
        A value is a scalar, or a function without arguments, which is called
        only if the term counts in this turn.

        Args:
            samples, turn: See `duels`.
            duels: What `duels` returned.
        """
        raise NotImplementedError(self._must_fill("terms"))

    def layer_losses(self, turn: Turn) -> list[Any]:
        """Returns a list of what layers and regularizers add to the loss.

        Args:
            turn: The `Turn` of the player who minimizes it.
        """
        return [*turn.layer_losses, *weight_losses(turn.player.networks)]

    def measure(
        self, samples: Samples, logs: dict[str, Any], training: bool
    ) -> dict[str, Any]:
        """Updates metrics that look at more than real and fake samples.

        Args:
            samples: What `draw` returned.
            logs: Dict of what the players said of them.
            training: Bool, whether this is no step of `evaluate`.

        Returns:
            Dict of logs that are no results of metrics.
        """
        del samples, logs, training
        return {}

    def inputs_within(self, x: Nest) -> Nest:
        """Returns what the models of `compiled_within` are called on.

        Args:
            x: A nest of `keras.KerasTensor`s like the data's first part.

        Returns:
            Likewise.
        """
        return x

    def made_of(self, x: Nest, y: Nest) -> dict[str, Any]:
        """Returns a dict of the name of a network to the data it shall make.

        Args:
            x, y: Samples as `fit` gets them.
        """
        del x, y
        return {}

    def judged_shapes(self, discriminator: keras.Model) -> Any:
        """As `sample_shapes`, of the samples that a discriminator judges."""
        del discriminator
        return self.sample_shapes

    def outputs(self, samples: Any) -> Any:
        """Returns what the generators made, by which terms are differentiated.

        Args:
            samples: What `draw` returned.
        """
        return samples.fake

    def with_outputs(self, samples: Any, outputs: Any) -> Any:
        """Returns the samples as if other outputs had been made.

        Args:
            samples: What `draw` returned.
            outputs: In the structure of `self.outputs(samples)`.
        """
        return samples._replace(fake=outputs)

    def check_answer(self, output: Any) -> None:
        """Raises if no fake belongs to one right answer.

        Args:
            output: See `penalties.Distance`.
        """
        raise ValueError(
            "`Distance` compares each fake with its right answer, which "
            f"`{type(self).__name__}` does not have. Use `SupervisedGAN`, or "
            "`FeatureMatching`, which compares batches. Received: "
            f"g_penalties with a `Distance` of output={output!r}"
        )

    def answer(self, samples: Any, output: Any) -> Any:
        """Returns what a `penalties.Distance` compares, as `Answers`.

        Args:
            samples: What `draw` returned.
            output: See `penalties.Distance`.
        """
        raise NotImplementedError(self._must_fill("answer"))

    def compile(
        self,
        d_optimizer: Any = None,
        g_optimizer: Any = None,
        d_loss: Any = None,
        g_loss: Any = None,
        penalties: Iterable[Any] = (),
        g_penalties: Iterable[Any] = (),
        loss_weights: dict[str, Any] | None = None,
        transforms: Iterable[Any] = (),
        pool: Any = None,
        updates: Any = "alternating",
        d_steps: int = 1,
        g_steps: int = 1,
        adversarial_start: int = 0,
        d_start: int | None = None,
        ema: float | None = None,
        metrics: Iterable[Any] = (),
        run_eagerly: bool = False,
        steps_per_execution: int = 1,
        jit_compile: bool | str = "auto",
        **unknown: Any,
    ) -> None:
        """Configures the game.

        Every argument has a default. They come in groups:

        * the players: `d_optimizer`, `g_optimizer`;
        * what they minimize: `d_loss`, `g_loss`, `penalties`, `g_penalties`,
          `loss_weights`;
        * what the discriminator sees: `transforms`, `pool`;
        * who plays when: `updates`, `d_steps`, `g_steps`,
          `adversarial_start`, `d_start`;
        * what is averaged and measured: `ema`, `metrics`;
        * how Keras runs it: `run_eagerly`, `steps_per_execution`,
          `jit_compile`.

        Args:
            d_optimizer: Optimizer of the discriminator. Defaults to
                `Adam(2e-4, beta_1=0.5)`.
            g_optimizer: Optimizer of the generator, another object. Same
                default.

            d_loss: The discriminator's loss: a name in `losses.CLASSES`, an
                `AdversarialLoss`, one side of one, a plain Keras loss
                (played with labels one for real and zero for fake), or a
                function of `(real_output, fake_output)`. Defaults to the
                partner of `g_loss`, or to `"modified_minimax"`.
            g_loss: The generator's loss, likewise; a function may take
                `(fake_output)` alone. Defaults to the partner of `d_loss`.
            penalties: List of `penalties.Penalty` objects, which the
                discriminator minimizes too. Their order means nothing.
            g_penalties: Likewise, those of the generator.
            loss_weights: Optional dict of term name to factor: terms are
                `"adversarial"` (the generator's) and the names of the
                model's own terms. A factor is a number or a
                `LearningRateSchedule` of the player's updates in this game,
                whatever its optimizer has done before; that of
                `"adversarial"` may be a `balances.GradientRatio` or
                `balances.Projected`. Penalties carry their weight themselves.
                In place of the dict, `balances.GradientShares` weighs terms
                and penalties.

            transforms: List of `transforms.Transform` objects: what happens
                to real and fake samples before the discriminator sees them.
            pool: Optional `pools.Pool`: what the discriminator learns from
                in place of the newest fakes, such as older ones.

            updates: `"alternating"` (default), `"simultaneous"`, or an
                `updates.UpdateRule`.
            d_steps: Int, the discriminator's updates per turn of the
                generator, each on a batch of its own: the generator plays
                on every `d_steps`-th batch. Defaults to 1.
            g_steps: Int, the generator's updates per turn, those after the
                first on fresh fakes of the same batch. Defaults to 1.
            adversarial_start: Int, the generator's update in this game from
                which on there is a learned loss. Before it, the generator
                minimizes what asks no discriminator (explicit losses, terms
                and penalties such as `Distance`) once a batch, and no
                discriminator is called for it. Defaults to 0.
            d_start: Int, the update from which on the discriminator plays,
                at most `adversarial_start`, its default.

            ema: Optional float in [0, 1), such as 0.999: keeps an averaged
                copy of the generator's weights, which `generate`,
                `predict`, `evaluate` and `export` then use.
            metrics: List of `keras.metrics.Metric` objects of
                `update_state(real, fake)`. A `metrics.SampleMetric`, such as
                `FrechetDistance`, is measured in `evaluate` and on
                `validation_data` alone: while `fit` changes the generator,
                it has no samples that stand for it. `metrics.GradientNorms`
                logs the length of both players' gradients while they train.

            run_eagerly: See `keras.Model.compile`.
            steps_per_execution: See `keras.Model.compile`.
            jit_compile: See `keras.Model.compile`.
            **unknown: None; an error says what there is instead.

        Raises:
            ValueError: If an argument is not what is described here, if
                both optimizers are one object, or if a network cannot be
                trained or shares weights with the other player's.
        """
        foreign_arguments.refuse(type(self), "compile", unknown)
        d_steps = arguments.positive_int("d_steps", d_steps)
        g_steps = arguments.positive_int("g_steps", g_steps)
        optimizers = checks.get_optimizers(d_optimizer, g_optimizer)
        checks.check_networks(
            dict(zip(self.discriminators, self.d_networks)),
            dict(zip(self.generators, self.g_networks)),
        )
        shared_layers.warn_of_hidden(self.networks_by_role())
        self.d_steps, self.g_steps = d_steps, g_steps
        self.gradients_are_checked = self.batch_is_checked = False
        self.updates: updates_module.UpdateRule = updates_module.get(updates)
        self._set_losses(d_loss, g_loss, loss_weights)
        self._set_terms(penalties, g_penalties, transforms, pool)
        self._check_outputs()
        self.updates.check(self)
        self.order = Order(self, adversarial_start, d_start)
        self.set_weight_average(ema)
        self.user_metrics = metric_checks.check_metrics(metrics)
        self._make_players(*optimizers)
        scores.set_metrics(self, self._log_names())
        self.keras_arguments: dict[str, Any] = {
            "run_eagerly": run_eagerly,
            "steps_per_execution": steps_per_execution,
            "jit_compile": jit_compile,
        }
        super().compile(
            optimizer=PlayersOptimizer(self.d_optimizer, self.g_optimizer),
            auto_scale_loss=False,
            **self.keras_arguments,
        )

    def _set_losses(self, d_loss, g_loss, loss_weights):
        if d_loss is None and g_loss is None:
            d_loss = DEFAULT_LOSS
        self.d_loss, self.g_loss = resolve_sides(d_loss, g_loss, losses.CLASSES)
        # Of terms that a balance weighs, whatever the default.
        self.factors: dict[str, Any] = {
            "adversarial": 1.0,
            **self.d_terms,
            **self.g_terms,
        }
        names = tuple(self.factors)
        if isinstance(loss_weights, Balance):
            self.loss_weights: Any = loss_weights
        else:
            given = checks.check_loss_weights(loss_weights, names)
            self.loss_weights = self.factors = {**self.factors, **given}
        if self.balance is not None:
            weighed = {*self.balance.log_names} & {*names}
            self.factors = {**self.factors, **dict.fromkeys(weighed, 1.0)}

    def _check_outputs(self):
        """Warns of discriminators that do not end in logits."""
        for network in self.d_networks:
            checks.warn_of_probabilities(network, self.d_loss.loss)
            ends.check_picked("logits", self.logits, network)
            ends.warn_of_outputs(
                network, self.logits, [self.d_loss.loss, self.g_loss.loss]
            )
            names = ends.judged_names(self.logits, network)
            for side in (self.d_loss, self.g_loss) if names else ():
                side.join([(name, 0.0) for name in names])  # Or it raises.

    @property
    def balance(self) -> Balance | None:
        """The `Balance` of the generator's loss, or `None`."""
        weight = self.loss_weights
        if isinstance(weight, dict):
            weight = weight["adversarial"]
        return weight if isinstance(weight, Balance) else None

    def _weights_of(self, terms):
        """Returns the factors of terms, without those that are zero."""
        weights = {name: self.factors[name] for name in terms}
        return {name: w for name, w in weights.items() if w != 0.0}

    def _set_terms(self, penalties, g_penalties, transforms, pool):
        self.penalties: list[Any] = checks.get_penalties("penalties", penalties)
        self.g_penalties: list[Any] = checks.get_penalties(
            "g_penalties", g_penalties
        )
        checks.check_names([*self.penalties, *self.g_penalties])
        if self.balance is not None:
            named = [p.name for p in self.g_penalties if p.name is not None]
            terms = self._weights_of(self.g_terms)
            self.balance.check(["adversarial", *terms, *named])
        self.transforms: list[transforms_module.Transform] = [
            transforms_module.get(transform)
            for transform in arguments.as_list("transforms", transforms)
        ]
        self.pool: pools_module.Pool | None = self._get_pool(pool)
        for network in self.d_networks:
            for penalty in (*self.penalties, *self.g_penalties):
                penalty.check(network)
        for role in self.discriminators:
            network_checks.check_discriminator(self, role)
        if self.pool is not None:
            self.pool.build(self.sample_shapes, self.conditional)
        for penalty in self.penalties:
            penalty.check_game(self, "discriminator")
            penalty.build(self.d_networks)
        for penalty in self.g_penalties:
            penalty.check_game(self, "generator")
            penalty.build(self.g_networks)
        # What learns from the judgements, each object once.
        pools = [] if self.pool is None else [self.pool]
        terms = [
            self.d_loss.loss,
            self.g_loss.loss,
            *self.penalties,
            *self.g_penalties,
            *self.transforms,
            *pools,
            *([] if self.balance is None else [self.balance]),
        ]
        self.components: list[Any] = list(
            {id(term): term for term in terms}.values()
        )
        # Listed by role: sides of one loss are two objects after loading.
        keras_internals.replace_layer(
            self, "component_state", ComponentState(terms)
        )

    def _get_pool(self, pool):
        pool = pools_module.get(pool)
        if pool is not None and not self.takes_pool:
            raise ValueError(
                f"`{type(self).__name__}` must know what each fake was made "
                "from, and a pool gives older ones. Leave `pool` out. "
                f"Received: pool of type {type(pool).__name__}"
            )
        return pool

    # What update rules call.

    def turn(self, *players: Any, training: bool = True) -> Turn:
        """Returns a new `Turn` of players.

        Args:
            *players: `"discriminator"`, `"generator"` or both.
            training: See `Turn`.
        """
        known = {player.name: player for player in self.players}
        return Turn(self, [known[name] for name in players], training)

    def objectives(self, turn: Turn) -> tuple[Any, Any]:
        """Returns the losses of the players of a turn, and logs."""
        return step.objectives(turn)

    def minimize(
        self, function: Callable[..., Any], *players: Any
    ) -> tuple[dict[str, Any], Any]:
        """Lets players descend at the same time, each its own loss.

        Args:
            function: Returns a list of losses, those of each player in
                turn, a dict of logs, and anything else.
            *players: `"discriminator"`, `"generator"` or both.

        Returns:
            The logs, and whatever else `function` returned.
        """
        known = {player.name: player for player in self.players}
        return step.minimize(function, [known[name] for name in players])

    def update_players(self, batch: Any) -> dict[str, Any]:
        """One training step on a batch; returns the means of the epoch."""
        logs = step.update(self, batch)
        return {**self.get_metrics_result(), **logs}

    def check_players(self, batch: Any) -> dict[str, Any]:
        """Raises if a step on a batch could train nothing; no logs."""
        step.check(self, batch)
        return {}

    def judge_players(self, batch: Any) -> dict[str, Any]:
        """One step of `evaluate`; returns the means of the epoch."""
        logs = step.evaluate(self, batch)
        return {**self.get_evaluation_result(), **logs}

    def pooled(self, samples: Samples) -> Samples:
        """Returns the samples that the discriminator learns from."""
        if self.pool is None:
            return samples
        return self.pool(samples, self.seed_generator)

    def _make_players(self, d_optimizer, g_optimizer):
        self.d_optimizer = checks.with_loss_scaling(
            d_optimizer, self.d_networks
        )
        self.g_optimizer = checks.with_loss_scaling(
            g_optimizer, self.g_networks
        )
        self.d_player: Player = Player(
            "discriminator",
            self.d_networks,
            self.d_optimizer,
            self.d_loss,
            self.penalties,
            self._weights_of(self.d_terms),
            [penalty.after_update for penalty in self.penalties],
            updates=self.d_updates,
            gradient_norms=scores.gradient_norms(self),
        )
        actions = [penalty.after_update for penalty in self.g_penalties]
        if self.weight_average is not None:
            actions.append(self.weight_average.update)
        self.g_player: Player = Player(
            "generator",
            self.g_networks,
            self.g_optimizer,
            self.g_loss,
            self.g_penalties,
            {
                "adversarial": self.factors["adversarial"],
                **self._weights_of(self.g_terms),
            },
            actions,
            self.balance,
            self.g_updates,
            scores.gradient_norms(self),
        )
        self.players = (self.d_player, self.g_player)
        # The generator before the learned loss begins.
        self.beginner = copy.copy(self.g_player)
        self.beginner.balance = None
        checks.check_beginner(self)
        # Built now: what is not built when weights are loaded is skipped.
        for player in self.players:
            if not player.optimizer.built:
                player.optimizer.build(player.variables)

    def set_weight_average(self, ema: float | None) -> None:
        """Keeps averages of the generator from now on, or not."""
        self.ema = ema
        average = self.weight_average
        if ema is None:
            average = None
        elif average is None:
            average = WeightAverage(ema, self.g_networks)
        else:
            average = average.follow(self.g_networks)
            average.decay = check_decay(ema)
        keras_internals.replace_layer(self, "weight_average", average)

    @property
    def d_log_names(self) -> set[str]:
        """Set of the names of the logs that the discriminator's turns have.

        All others are those of the generator's turns.
        """
        penalties = {penalty.name for penalty in self.penalties}
        own = {
            "d_loss",
            GRADIENT_NORMS["discriminator"],
            *self.d_loss.log_names,
            *self.d_terms,
        }
        return own | {*penalties, *objective.SCORES}

    def _log_names(self):
        names = ["d_loss", "g_loss", *self.d_player.terms, *self.g_player.terms]
        names += [*self.d_loss.log_names, *self.g_loss.log_names]
        penalties = (*self.penalties, *self.g_penalties)
        if self.balance is not None:
            names += self.balance.log_names.values()
        taken = ["adversarial", *names, *objective.SCORES]
        taken += GRADIENT_NORMS.values()
        checks.check_not_taken(penalties, taken)
        names += [p.name for p in penalties if p.name is not None]
        names = [name for name in names if name not in self.measured_names]
        return dict.fromkeys([*names, *objective.SCORES])

    def begin_training(self) -> None:
        """Looks at what may have changed since `compile` or the last step.

        Raises:
            ValueError: If other variables are trainable than in `compile`.
        """
        for player in self.players:
            player.check_trained()
        if self.players and self.weight_average is not None:
            self.weight_average.begin(self.g_player.trained)

    @keras_signatures.takes(keras_signatures.fit)
    def fit(self, *args: Any, **kwargs: Any) -> Any:
        self.begin_training()
        call = inspect.signature(super().fit).bind(*args, **kwargs)
        data = call.arguments
        if self.compiled:  # Or Keras says that it is not.
            data["callbacks"] = fit_callbacks.extended(
                self, data.get("callbacks")
            )
        check_readable(self, data)
        data["x"] = first_look.checked(
            self, data["x"], data.get("y"), data.get("batch_size")
        )
        metric_checks.warn_of_unmeasured(scores.sample_metrics(self), data)
        return super().fit(*call.args, **call.kwargs)

    @functools.wraps(keras.Model.train_on_batch)
    def train_on_batch(self, *args: Any, **kwargs: Any) -> Any:
        self.begin_training()
        parts = {**dict(zip(("x", "y", "sample_weight"), args)), **kwargs}
        check_size(self, parts.get("x"))
        for name in ("x", "y", "sample_weight"):
            check_values(name, parts.get(name))
        return super().train_on_batch(*args, **kwargs)

    @functools.wraps(keras.Model.predict)
    def predict(self, *args: Any, **kwargs: Any) -> Any:
        self._check_average()
        return super().predict(*args, **kwargs)

    @keras_signatures.takes(keras_signatures.evaluate)
    def evaluate(
        self, *args: Any, return_dict: bool = False, **kwargs: Any
    ) -> Any:
        self._check_average()
        call = inspect.signature(super().evaluate).bind(*args, **kwargs)
        check_readable(self, call.arguments)
        # A run with `validation_data` trains as one without.
        with self.random_state_kept():
            logs = super().evaluate(*args, return_dict=True, **kwargs)
        logs = scores.with_sample_metrics(self, logs)
        if return_dict:
            return logs
        return [logs[name] for name in self.metrics_names]

    def _check_average(self):
        # What is compiled already would go on with the weights of before.
        if self.weight_average is not None:
            self.weight_average.check()

    def run_generator(
        self, network: keras.Model, inputs: Nest, training: bool
    ) -> Nest:
        """Calls a generator network, outside of training the averaged one."""
        if training or self.weight_average is None:
            return network(inputs, training=training)
        values = self.averages()
        return call_with_values(network, inputs, training, values)[0]

    def averages(self) -> dict[int, Any]:
        """Returns a dict of `id(variable)` to its average, if there is one."""
        if self.weight_average is None:
            return {}
        return self.weight_average.values()

    def averaged_generator(self, name: str = "generator") -> keras.Model:
        """Returns a plain Keras model that makes what this game makes.

        With `ema` it has the averaged weights; `gan.generator` has those of
        the last step. A copy: it shares nothing with the game, so that it can
        be saved, quantized or trained further.

        Args:
            name: Which generator, for games with several: the name of the
                attribute that holds it.

        Raises:
            ValueError: If the game has no such generator.

        Example:

        ```python
        gan.averaged_generator().save("generator.keras")
        ```
        """
        arguments.one_of(self.generators, "name", name)
        with self.averaged_in_place():
            return copy_network(getattr(self, name))

    def quantize(
        self, mode: str | None = None, *args: Any, **kwargs: Any
    ) -> None:
        """Raises: a game is trained, what is made of it is quantized."""
        del args, kwargs
        raise ValueError(
            "A game cannot be quantized, but a copy of its generator can: "
            "`gan.averaged_generator().quantize('int8')`. "
            f"Received: mode={mode!r}"
        )

    @contextlib.contextmanager
    def averaged_in_place(self) -> Iterator[None]:
        """The generator has its averaged weights for the time of a block."""
        if self.weight_average is None:
            yield
        else:
            with self.weight_average.in_place():
                yield

    def random_state_kept(self, seed: int | None = None) -> Any:
        """A block after which the random state is put back.

        Args:
            seed: Optional int, the random state within the block.
        """
        return random_state_kept(self, seed)

    # What is measured.

    @property
    def metrics(self) -> list[Any]:
        if self.means is None:
            return []
        within = [m for model in self.compiled_within for m in model.metrics]
        return [self.means, *self.user_metrics, *within]

    @property
    def batch_metrics(self) -> list[Any]:
        """List of the user's metrics of real and fake samples of a step."""
        return [m for m in self.user_metrics if not isinstance(m, SampleMetric)]

    @property
    def metrics_names(self) -> list[Any]:
        """Names of what the last `evaluate` returned, in its order."""
        if self.means is None:
            return []
        means = sorted(self.means.names)
        return [*self.measured_in_steps, *self.measured_at_end, *means]

    def get_metrics_result(self) -> dict[str, Any]:
        """Returns a dict of what the metrics of training say so far."""
        return scores.global_results(
            [*scores.step_metrics(self), *scores.gradient_norms(self)]
        )

    def get_evaluation_result(self) -> dict[str, Any]:
        """Returns a dict of what the metrics of `evaluate` say so far."""
        return scores.global_results(scores.step_metrics(self))

    # What is saved.

    def save(
        self,
        filepath: Any,
        overwrite: bool = True,
        zipped: bool | None = None,
        **kwargs: Any,
    ) -> None:
        """Writes the whole game; see `keras.Model.save`.

        Args:
            filepath: Path that ends in `.keras`.
            overwrite, zipped, **kwargs: See `keras.Model.save`.

        Raises:
            ValueError: If the path ends in anything else, such as `.h5`, the
                older format, which holds no game: nothing could load it.
        """
        saving.check_path(filepath, zipped)
        super().save(filepath, overwrite, zipped, **kwargs)

    def load_weights(
        self, filepath: Any, skip_mismatch: bool = False, **kwargs: Any
    ) -> None:
        """Loads the weights of both players; see `keras.Model.load_weights`.

        Args:
            filepath, skip_mismatch, **kwargs: See there.

        Raises:
            ValueError: If the path is that of the older format.
        """
        saving.check_weights_path(filepath)
        super().load_weights(filepath, skip_mismatch, **kwargs)

    def get_config(self) -> dict[str, Any]:
        return saving.config(self)

    @classmethod
    def from_config(
        cls,
        config: dict[str, Any],
        custom_objects: dict[str, Any] | None = None,
    ) -> Self:
        config = keras.saving.deserialize_keras_object(
            dict(config), custom_objects=custom_objects
        )
        return saving.from_config(cls, config)

    def get_compile_config(self) -> dict[str, Any]:
        return saving.compile_config(self)

    def compile_from_config(self, config: dict[str, Any]) -> None:
        settings = keras.saving.deserialize_keras_object(config)
        saving.compile_as_saved(self, settings)

    def named_state(self) -> dict[str, Any]:
        """Returns a dict of all that a checkpoint must hold, each by a name."""
        return saving.named_state(self)

    def save_own_variables(self, store: dict[str, Any]) -> None:
        super().save_own_variables(store)
        saving.save_own_state(self, store)

    def load_own_variables(self, store: dict[str, Any]) -> None:
        super().load_own_variables(saving.load_own_state(self, store))

    def _must_fill(self, hook):
        return f"{type(self).__name__} must implement `{hook}`."
