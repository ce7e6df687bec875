"""Callbacks for adversarial training."""

from keras_ganloss.callbacks.answer_grid import AnswerGrid as AnswerGrid
from keras_ganloss.callbacks.backup import Backup as Backup
from keras_ganloss.callbacks.event_file import EventFile as EventFile
from keras_ganloss.callbacks.for_player import ForPlayer as ForPlayer
from keras_ganloss.callbacks.game_monitor import GameMonitor as GameMonitor
from keras_ganloss.callbacks.history_plot import HistoryPlot as HistoryPlot
from keras_ganloss.callbacks.history_plot import plot_history as plot_history
from keras_ganloss.callbacks.latent_grid import LatentGrid as LatentGrid
from keras_ganloss.callbacks.latent_grid import interpolate as interpolate
from keras_ganloss.callbacks.logit_grid import LogitGrid as LogitGrid
from keras_ganloss.callbacks.nearest_fakes import NearestFakes as NearestFakes
from keras_ganloss.callbacks.nearest_reals import NearestReals as NearestReals
from keras_ganloss.callbacks.picture import ImageGrid as ImageGrid
from keras_ganloss.callbacks.picture import Picture as Picture
from keras_ganloss.callbacks.report import Report as Report
from keras_ganloss.callbacks.sample_grid import SampleGrid as SampleGrid
from keras_ganloss.callbacks.scatter_plot import ScatterPlot as ScatterPlot
from keras_ganloss.callbacks.sound_grid import SoundGrid as SoundGrid
from keras_ganloss.callbacks.tensorboard import TensorBoard as TensorBoard
from keras_ganloss.callbacks.truncation_grid import (
    TruncationGrid as TruncationGrid,
)
from keras_ganloss.callbacks.truncation_grid import truncate as truncate
from keras_ganloss.utils.images import tile as tile
