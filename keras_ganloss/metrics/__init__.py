"""Metrics of a game."""

from keras_ganloss.metrics.running_means import RunningMeans as RunningMeans
