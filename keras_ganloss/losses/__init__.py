"""Adversarial losses: two functions and the class that binds them."""

from keras_ganloss.losses.adversarial_loss import (
    AdversarialLoss as AdversarialLoss,
)
from keras_ganloss.losses.function_loss import FunctionLoss as FunctionLoss
from keras_ganloss.losses.hinge import Hinge as Hinge
from keras_ganloss.losses.hinge import hinge_d_loss as hinge_d_loss
from keras_ganloss.losses.hinge import hinge_g_loss as hinge_g_loss
from keras_ganloss.losses.label_loss import LabelLoss as LabelLoss
from keras_ganloss.losses.least_squares import LeastSquares as LeastSquares
from keras_ganloss.losses.least_squares import (
    least_squares_d_loss as least_squares_d_loss,
)
from keras_ganloss.losses.least_squares import (
    least_squares_g_loss as least_squares_g_loss,
)
from keras_ganloss.losses.minimax import Minimax as Minimax
from keras_ganloss.losses.minimax import minimax_d_loss as minimax_d_loss
from keras_ganloss.losses.minimax import minimax_g_loss as minimax_g_loss
from keras_ganloss.losses.modified_minimax import (
    ModifiedMinimax as ModifiedMinimax,
)
from keras_ganloss.losses.modified_minimax import (
    modified_minimax_g_loss as modified_minimax_g_loss,
)
from keras_ganloss.losses.wasserstein import Wasserstein as Wasserstein
from keras_ganloss.losses.wasserstein import (
    wasserstein_d_loss as wasserstein_d_loss,
)
from keras_ganloss.losses.wasserstein import (
    wasserstein_g_loss as wasserstein_g_loss,
)
from keras_ganloss.utils import registry

# The only list there is.
CLASSES = registry.by_snake_case_name(
    Hinge, LeastSquares, Minimax, ModifiedMinimax, Wasserstein
)


def get(identifier):
    """Returns the `AdversarialLoss` of a name, a config or an instance.

    Example:

    >>> type(get("hinge")).__name__
    'Hinge'
    """
    return registry.get(identifier, AdversarialLoss, CLASSES)
