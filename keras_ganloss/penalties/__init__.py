"""Penalties: terms of either player that carry their weight."""

from keras_ganloss.penalties.check import check as check
from keras_ganloss.penalties.clipping import Clipping as Clipping
from keras_ganloss.penalties.consistency import (
    BalancedConsistency as BalancedConsistency,
)
from keras_ganloss.penalties.consistency import (
    ConsistencyRegularization as ConsistencyRegularization,
)
from keras_ganloss.penalties.distance import Distance as Distance
from keras_ganloss.penalties.dragan import DRAGAN as DRAGAN
from keras_ganloss.penalties.drift import Drift as Drift
from keras_ganloss.penalties.every import Every as Every
from keras_ganloss.penalties.feature_matching import (
    FeatureMatching as FeatureMatching,
)
from keras_ganloss.penalties.feature_penalty import (
    distance_of_means as distance_of_means,
)
from keras_ganloss.penalties.finite_difference_penalty import (
    FiniteDifferenceR1 as FiniteDifferenceR1,
)
from keras_ganloss.penalties.finite_difference_penalty import (
    FiniteDifferenceR2 as FiniteDifferenceR2,
)
from keras_ganloss.penalties.gradient_norm_penalty import (
    GradientNormPenalty as GradientNormPenalty,
)
from keras_ganloss.penalties.gradient_penalty import (
    GradientPenalty as GradientPenalty,
)
from keras_ganloss.penalties.historical_average import (
    HistoricalAverage as HistoricalAverage,
)
from keras_ganloss.penalties.input_gradient_penalty import (
    InputGradientPenalty as InputGradientPenalty,
)
from keras_ganloss.penalties.latent_consistency import (
    LatentConsistency as LatentConsistency,
)
from keras_ganloss.penalties.latent_consistency import (
    LatentDiversity as LatentDiversity,
)
from keras_ganloss.penalties.le_cam import LeCam as LeCam
from keras_ganloss.penalties.max_gradient_penalty import (
    MaxGradientPenalty as MaxGradientPenalty,
)
from keras_ganloss.penalties.norm_clipping import NormClipping as NormClipping
from keras_ganloss.penalties.orthogonal_regularization import (
    OrthogonalRegularization as OrthogonalRegularization,
)
from keras_ganloss.penalties.path_length import PathLength as PathLength
from keras_ganloss.penalties.penalty import Penalty as Penalty
from keras_ganloss.penalties.penalty import squared_norm as squared_norm
from keras_ganloss.penalties.r1 import R1 as R1
from keras_ganloss.penalties.r2 import R2 as R2
from keras_ganloss.penalties.sobolev import Sobolev as Sobolev
from keras_ganloss.penalties.weight_clipping import (
    WeightClipping as WeightClipping,
)
from keras_ganloss.penalties.wrong_condition import (
    WrongCondition as WrongCondition,
)
from keras_ganloss.utils import registry
from keras_ganloss.utils.features import features as features

# The only list there is.
CLASSES = registry.by_snake_case_name(
    BalancedConsistency,
    ConsistencyRegularization,
    Distance,
    DRAGAN,
    Drift,
    Every,
    FeatureMatching,
    FiniteDifferenceR1,
    FiniteDifferenceR2,
    GradientPenalty,
    HistoricalAverage,
    LatentConsistency,
    LatentDiversity,
    LeCam,
    MaxGradientPenalty,
    NormClipping,
    OrthogonalRegularization,
    PathLength,
    R1,
    R2,
    Sobolev,
    WeightClipping,
    WrongCondition,
)


def get(identifier: object, argument: str = "penalties") -> Penalty:
    """Returns the penalty of an instance or a config.

    Names are refused: a penalty without its weight says nothing.

    Args:
        identifier: A penalty or its config.
        argument: What the user's argument is called, for the error message.
    """
    classes = sorted(entry.__name__ for entry in CLASSES.values())
    return registry.get(
        identifier,
        Penalty,
        {},
        "Penalties carry their weight, so they are objects, such as "
        f"`R1(1.0)`, of the classes {classes}. ",
        argument,
    )
