"""One player's view of a step."""

import copy
import dataclasses
import functools
from collections.abc import Callable
from collections.abc import Sequence
from typing import Any

import keras

from keras_ganloss.game.calls import Call
from keras_ganloss.game.calls import call
from keras_ganloss.game.calls import call_fixed
from keras_ganloss.game.calls import call_with_values
from keras_ganloss.game.calls import joined
from keras_ganloss.game.ends import get_head
from keras_ganloss.game.judge import AbsentJudge
from keras_ganloss.game.judge import Judge
from keras_ganloss.game.samples import made_by
from keras_ganloss.utils.precision import widen_all
from keras_ganloss.utils.shapes import batch_size
from keras_ganloss.utils.shapes import map_shapes
from keras_ganloss.utils.typing import Nest


def normal_for(batch: Nest, shape: Any, seed: Any) -> Nest:
    """As `Turn.normal`, with a `keras.random.SeedGenerator`."""
    num = batch_size(batch)
    return map_shapes(
        lambda one: keras.random.normal((num, *one), seed=seed), shape
    )


class Turn:
    """One player's view of a step: calls networks, remembers the calls.

    What will be asked of the discriminators is known before they are called:
    one pass over samples serves the loss, the penalties, the features and
    the logs, in whatever order these are listed.

    Args:
        game: The `Game`.
        players: List of the `Player`s whose turn it is. If the discriminator
            is not among them, its networks judge with the statistics of the
            batch, but keep their moving ones.
        training: Bool, whether this is no step of `evaluate`.

    Attributes:
        player: The `Player` whose loss is computed.
        samples: The `Samples` of the turn, once they are drawn.
        made: List of `Made`: what the fakes were made from, where it is
            known.
    """

    def __init__(self, game: Any, players: Any, training: bool = True) -> None:
        self.game = game
        self.players = players
        self.player: Any = players[0]
        self.training = training
        self.transforms: Any = game.transforms
        self.seed_generator: Any = game.seed_generator
        self.samples: Any = None
        self.made: list[Any] = []
        self.look: Callable[..., Any] = functools.partial(
            call, training=training
        )
        if game.d_player not in players:
            self.look = functools.partial(
                call_with_values, training=training, values={}
            )
        self._draws = False
        self._calls = []
        self._judges = {}

    @property
    def step(self) -> Any:
        """How many updates the player has made, a scalar."""
        return self.player.step

    @property
    def d_step(self) -> Any:
        """How many updates the discriminator has made, a scalar."""
        return self.game.d_player.step

    # What a game calls.

    def generate(
        self, network: keras.Model, source: Nest, condition: Nest = None
    ) -> Nest:
        """Calls a generator, in `evaluate` the averaged one.

        In `draw` moving statistics move, and what layers add to the loss
        counts. Later calls change random states alone: statistics are
        those of the samples that the generator is there for, not of its own
        makings.

        Args:
            network: A `keras.Model`.
            source: What to call it on, a tensor or a nest of tensors.
            condition: Optional condition; the network is then called on
                `[source, condition]`.

        Returns:
            What it makes, in float32 at least.
        """
        outputs = widen_all(self.call_generator(network, source, condition))
        if self._draws:
            self._calls[-1] = self._calls[-1]._replace(outputs=outputs)
        return outputs

    def call_generator(
        self, network: keras.Model, source: Nest, condition: Nest = None
    ) -> Nest:
        """As `generate`; returns what it makes as it is, with its mask."""
        inputs = joined(network, source, condition)
        values = {} if self.training else self.game.averages()
        if self._draws and not values:
            outputs, losses = call(network, inputs, self.training)
        else:
            outputs, losses = call_with_values(
                network, inputs, self.training, values
            )
        if self._draws:
            self.remember(network, source, outputs, losses, condition)
        return outputs

    def normal(self, batch: Nest, shape: Any) -> Nest:
        """Draws standard normal numbers, such as latents.

        Args:
            batch: A tensor or a nest of tensors of shape `(batch_size, ...)`.
            shape: Tuple without the batch, or a list or dict of such.

        Returns:
            Tensor of shape `(batch_size, *shape)`, or a nest of such.
        """
        return normal_for(batch, shape, self.seed_generator)

    def judge(
        self,
        network: keras.Model,
        condition: Nest = None,
        head: Callable[..., Any] | None = None,
    ) -> Judge:
        """Returns a discriminator bound to a condition.

        Args:
            network: A `keras.Model`.
            condition: Optional condition; the network is then called on
                `[samples, condition]`.
            head: Optional function of what the network returns that picks
                the logits.

        Returns:
            A `Judge`, the same one for the same arguments.
        """
        key = (
            id(network),
            head,
            *(id(leaf) for leaf in keras.tree.flatten(condition)),
        )
        if key not in self._judges:
            head = head or get_head(self.game.logits, network)
            kind = AbsentJudge if self.player is self.game.beginner else Judge
            self._judges[key] = kind(self, network, condition, head)
        return self._judges[key]

    def frozen(self, network: keras.Model, inputs: Nest) -> Nest:
        """Calls a network that learns nothing; gradients flow to its inputs.

        It runs in inference mode.

        Args:
            network: A `keras.Model`.
            inputs: What to call it on.

        Returns:
            What it returns, in float32 at least.
        """
        return call_fixed(network, inputs)

    # What the engine calls.

    def draw(self, batch: Any) -> Any:
        """Draws the samples of the turn; returns them."""
        self._draws = True
        samples = self.game.draw(batch, self)
        self._draws = False
        return self.take(samples, made_by(self._calls, samples))

    def take(self, samples: Nest, made: Any = ()) -> Any:
        """Makes samples those of the turn; returns them."""
        self.samples = samples
        self.made = list(made)
        return samples

    def answered(self, samples: Nest) -> "Turn":
        """Returns the discriminator's turn over samples of this one.

        Args:
            samples: Those that were drawn, or what a pool made of them.
        """
        turn = Turn(self.game, [self.game.d_player], self.training)
        turn.take(samples, self.made)
        return turn

    def with_values(self, values: dict[int, Any]) -> "Turn":
        """Returns this turn before discriminators of other values.

        Args:
            values: Dict of `id(variable)` to a tensor.
        """
        turn = copy.copy(self)
        turn._judges = {}
        turn.look = functools.partial(
            call_with_values, training=self.training, values=values
        )
        return turn

    def at(self, outputs: list[Any]) -> "Turn":
        """Returns this turn over other outputs of the generators.

        Args:
            outputs: Flat list of those that stand for `game.outputs`.
        """
        turn = copy.copy(self)
        turn._judges, turn._calls = {}, list(self._calls)
        structure = self.game.outputs(self.samples)
        samples = self.game.with_outputs(
            self.samples, keras.tree.pack_sequence_as(structure, outputs)
        )
        places = zip(
            *(keras.tree.flatten(one.fake) for one in (self.samples, samples))
        )
        new = {id(before): after for before, after in places}
        made = [
            one._replace(
                fake=keras.tree.map_structure(
                    lambda leaf: new.get(id(leaf), leaf), one.fake
                )
            )
            for one in self.made
        ]
        turn.take(samples, made)
        return turn

    def remember(
        self,
        network: keras.Model,
        source: Nest,
        outputs: Nest,
        losses: Any,
        condition: Nest = None,
    ) -> None:
        """Records a call."""
        self._calls.append(Call(network, source, condition, outputs, losses))

    @property
    def layer_losses(self) -> list[Any]:
        """What layers of the player's networks added in the calls so far."""
        return self.losses_of(*self.player.networks)

    def losses_of(self, *networks: Any) -> list[Any]:
        """Returns what layers of networks added in the calls so far."""
        own = {id(network) for network in networks}
        return [
            loss
            for entry in self._calls
            if id(entry.network) in own
            for loss in entry.losses
        ]

    def ask(self, duels: Sequence[Any]) -> None:
        """Lets discriminators look at samples, once for all that is asked."""
        if self.player is self.game.beginner:
            return
        penalties = [p for player in self.players for p in player.penalties]
        layers = {name for p in penalties for name in p.features_at}
        layers = sorted(layers, key=str)
        gradients_at = {
            (which, name)
            for p in penalties
            for which in p.gradients_at
            for name in p.at or [None]
        }
        both = self.game.d_player in self.players
        both = both or self.game.g_player.side.needs_real_output or layers
        for duel in duels:
            for which in ("fake", "real"):
                names = {name for x, name in gradients_at if x == which}
                if which == "fake" or both or names:
                    duel.judge.answer(
                        getattr(duel, which),
                        None in names,
                        layers,
                        sorted(name for name in names if name is not None),
                    )

    def of(self, player: Any) -> "Turn":
        """Returns this turn as one of its players sees it."""
        turn = copy.copy(self)
        turn.player = player
        return turn

    def afresh(self, duels: Sequence[Any]) -> tuple[Any, Any]:
        """Returns this turn without its memory of judgements, and its duels.

        What is computed in a branch cannot be remembered outside of it.
        """
        turn = self.of(self.player)
        turn._calls, turn._judges = [], {}
        judges = {id(duel.judge): duel.judge.within(turn) for duel in duels}
        return turn, [
            dataclasses.replace(duel, judge=judges[id(duel.judge)])
            for duel in duels
        ]
