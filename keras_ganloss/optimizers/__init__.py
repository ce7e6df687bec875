"""The optimizers of two players as one."""

from keras_ganloss.optimizers.players_optimizer import (
    PlayersOptimizer as PlayersOptimizer,
)
