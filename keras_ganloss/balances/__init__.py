"""Balances: weights of the generator's terms that follow the gradients."""

from keras_ganloss.balances.balance import Balance as Balance
from keras_ganloss.balances.gradient_ratio import GradientRatio as GradientRatio
from keras_ganloss.balances.gradient_shares import (
    GradientShares as GradientShares,
)
from keras_ganloss.balances.projected import Projected as Projected
