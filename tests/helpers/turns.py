"""Turns without a game: networks, and what a turn asks of one."""

import types

import keras

from keras_ganloss import backend
from keras_ganloss.game import Turn
from keras_ganloss.game.player import trainable_variables
from keras_ganloss.models.supervision import Answers


def make_turn(
    networks=(),
    player="discriminator",
    training=True,
    step=0,
    transforms=(),
    pool=None,
    draw=None,
    seed=0,
):
    """A turn of a player who has these networks, and no optimizer.

    Args:
        networks: List of `keras.Model`s, those of the player.
        player: `"discriminator"` or `"generator"`.
        training, transforms, pool: Those of the turn and its game.
        step: The updates that both players have made.
        draw: Optional function of `(batch, turn)`, as that of a game.
        seed: Int, that of the game.
    """
    players = {
        name: types.SimpleNamespace(
            name=name,
            step=step,
            networks=list(networks) if name == player else [],
            variables=trainable_variables(networks if name == player else []),
            penalties=[],
        )
        for name in ("discriminator", "generator")
    }
    game = types.SimpleNamespace(
        d_player=players["discriminator"],
        g_player=players["generator"],
        beginner=None,
        transforms=list(transforms),
        seed_generator=backend.SeedGenerator(seed),
        pool=pool,
        averages=dict,
        logits=None,
        draw=draw,
        answer=lambda samples, output: Answers(
            None, samples.real, samples.fake, None, None
        ),
    )
    return Turn(game, [players[player]], training)


def make_judge(network, condition=None, **settings):
    """The judge of a turn of its own; settings are those of `make_turn`."""
    return make_turn([network], **settings).judge(network, condition)


class Maker(keras.Model):
    """A network without weights: what a function returns."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def call(self, inputs, training=False):
        return self.function(inputs)
