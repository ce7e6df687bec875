"""Balances: weights of the learned loss that follow the gradients."""

from keras_ganloss.balances.balance import Balance as Balance
from keras_ganloss.balances.gradient_ratio import GradientRatio as GradientRatio
