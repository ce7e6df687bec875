"""Adversarial losses: two functions and the class that binds them."""

import functools

from keras_ganloss.losses.adversarial_loss import (
    AdversarialLoss as AdversarialLoss,
)
from keras_ganloss.losses.began import BEGAN as BEGAN
from keras_ganloss.losses.began import began_balance as began_balance
from keras_ganloss.losses.began import began_convergence as began_convergence
from keras_ganloss.losses.began import began_d_loss as began_d_loss
from keras_ganloss.losses.cramer import Cramer as Cramer
from keras_ganloss.losses.cramer import cramer_d_loss as cramer_d_loss
from keras_ganloss.losses.cramer import cramer_g_loss as cramer_g_loss
from keras_ganloss.losses.divergences import Divergence as Divergence
from keras_ganloss.losses.energy_based import EnergyBased as EnergyBased
from keras_ganloss.losses.energy_based import pulling_away as pulling_away
from keras_ganloss.losses.fgan import DIVERGENCES as DIVERGENCES
from keras_ganloss.losses.fgan import FGAN as FGAN
from keras_ganloss.losses.fisher import Fisher as Fisher
from keras_ganloss.losses.fisher import fisher_d_loss as fisher_d_loss
from keras_ganloss.losses.function_loss import FunctionLoss as FunctionLoss
from keras_ganloss.losses.heads import Heads as Heads
from keras_ganloss.losses.hinge import Hinge as Hinge
from keras_ganloss.losses.hinge import hinge_d_loss as hinge_d_loss
from keras_ganloss.losses.hinge import hinge_g_loss as hinge_g_loss
from keras_ganloss.losses.label_flipping import LabelFlipping as LabelFlipping
from keras_ganloss.losses.label_loss import LabelLoss as LabelLoss
from keras_ganloss.losses.label_noise import LabelNoise as LabelNoise
from keras_ganloss.losses.least_squares import LeastSquares as LeastSquares
from keras_ganloss.losses.least_squares import (
    least_squares_d_loss as least_squares_d_loss,
)
from keras_ganloss.losses.least_squares import (
    least_squares_g_loss as least_squares_g_loss,
)
from keras_ganloss.losses.logistic import Logistic as Logistic
from keras_ganloss.losses.loss_wrapper import LossWrapper as LossWrapper
from keras_ganloss.losses.maximum_mean_discrepancy import (
    MaximumMeanDiscrepancy as MaximumMeanDiscrepancy,
)
from keras_ganloss.losses.minimax import Minimax as Minimax
from keras_ganloss.losses.minimax import logistic_loss as logistic_loss
from keras_ganloss.losses.minimax import minimax_d_loss as minimax_d_loss
from keras_ganloss.losses.minimax import minimax_g_loss as minimax_g_loss
from keras_ganloss.losses.modified_minimax import (
    ModifiedMinimax as ModifiedMinimax,
)
from keras_ganloss.losses.modified_minimax import (
    modified_minimax_g_loss as modified_minimax_g_loss,
)
from keras_ganloss.losses.multi_class_hinge import ClassMargins as ClassMargins
from keras_ganloss.losses.multi_class_hinge import (
    MultiClassHinge as MultiClassHinge,
)
from keras_ganloss.losses.multi_class_hinge import (
    crammer_singer_margin as crammer_singer_margin,
)
from keras_ganloss.losses.non_saturating import NonSaturating as NonSaturating
from keras_ganloss.losses.relativistic import Relativistic as Relativistic
from keras_ganloss.losses.relativistic_average import (
    RelativisticAverage as RelativisticAverage,
)
from keras_ganloss.losses.role_swapped import RoleSwapped as RoleSwapped
from keras_ganloss.losses.separable_loss import SeparableLoss as SeparableLoss
from keras_ganloss.losses.sinkhorn import Sinkhorn as Sinkhorn
from keras_ganloss.losses.sinkhorn import (
    sinkhorn_divergence as sinkhorn_divergence,
)
from keras_ganloss.losses.sliced_wasserstein import (
    SlicedWasserstein as SlicedWasserstein,
)
from keras_ganloss.losses.sliced_wasserstein import (
    sliced_distance as sliced_distance,
)
from keras_ganloss.losses.top_k import TopK as TopK
from keras_ganloss.losses.top_k import keep_lowest as keep_lowest
from keras_ganloss.losses.wasserstein import Wasserstein as Wasserstein
from keras_ganloss.losses.wasserstein import (
    wasserstein_d_loss as wasserstein_d_loss,
)
from keras_ganloss.losses.wasserstein import (
    wasserstein_g_loss as wasserstein_g_loss,
)
from keras_ganloss.utils import registry

# The only list there is.
CLASSES: dict[str, type[AdversarialLoss]] = {
    **registry.by_snake_case_name(
        BEGAN,
        Cramer,
        EnergyBased,
        Fisher,
        Heads,
        Hinge,
        LabelFlipping,
        LabelNoise,
        LeastSquares,
        Logistic,
        MaximumMeanDiscrepancy,
        Minimax,
        ModifiedMinimax,
        MultiClassHinge,
        NonSaturating,
        Relativistic,
        RelativisticAverage,
        RoleSwapped,
        Sinkhorn,
        SlicedWasserstein,
        TopK,
        Wasserstein,
    ),
    **{name: functools.partial(FGAN, name) for name in DIVERGENCES},
}


def get(identifier: object) -> AdversarialLoss:
    """Returns the `AdversarialLoss` of a name, a config or an instance.

    Example:

    >>> type(get("hinge")).__name__
    'Hinge'
    """
    return registry.get(identifier, AdversarialLoss, CLASSES)
