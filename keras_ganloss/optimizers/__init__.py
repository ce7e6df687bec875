"""Optimizers of games, and those of two players as one."""

from keras_ganloss.optimizers.domain_adversarial_schedule import (
    DomainAdversarialSchedule as DomainAdversarialSchedule,
)
from keras_ganloss.optimizers.optimistic import OptimisticAdam as OptimisticAdam
from keras_ganloss.optimizers.optimistic import OptimisticSGD as OptimisticSGD
from keras_ganloss.optimizers.players_optimizer import (
    PlayersOptimizer as PlayersOptimizer,
)
from keras_ganloss.optimizers.scheduled_adam import (
    ScheduledAdam as ScheduledAdam,
)
