"""The engine: what a step of a game is, whatever the game."""

from keras_ganloss.game.data_checks import unpack as unpack
from keras_ganloss.game.data_checks import unpack_domains as unpack_domains
from keras_ganloss.game.data_checks import unpack_pairs as unpack_pairs
from keras_ganloss.game.game import Game as Game
from keras_ganloss.game.judge import Judge as Judge
from keras_ganloss.game.samples import Duel as Duel
from keras_ganloss.game.samples import Made as Made
from keras_ganloss.game.samples import Samples as Samples
from keras_ganloss.game.turn import Turn as Turn
