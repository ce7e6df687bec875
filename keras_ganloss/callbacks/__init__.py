"""Callbacks for adversarial training."""

from keras_ganloss.callbacks.backup import Backup as Backup
from keras_ganloss.callbacks.for_player import ForPlayer as ForPlayer
from keras_ganloss.callbacks.history_plot import HistoryPlot as HistoryPlot
from keras_ganloss.callbacks.history_plot import plot_history as plot_history
from keras_ganloss.callbacks.sample_grid import SampleGrid as SampleGrid
from keras_ganloss.callbacks.sample_grid import tile as tile
