"""TF-GAN's `tfgan.eval`: the same names, arguments and numbers."""

from keras_ganloss.tfgan.eval.classifier_metrics import (
    classifier_score as classifier_score,
)
from keras_ganloss.tfgan.eval.classifier_metrics import (
    classifier_score_from_logits as classifier_score_from_logits,
)
from keras_ganloss.tfgan.eval.classifier_metrics import (
    diagonal_only_frechet_classifier_distance_from_activations as diagonal_only_frechet_classifier_distance_from_activations,  # noqa: E501
)
from keras_ganloss.tfgan.eval.classifier_metrics import (
    frechet_classifier_distance as frechet_classifier_distance,
)
from keras_ganloss.tfgan.eval.classifier_metrics import (
    frechet_classifier_distance_from_activations as frechet_classifier_distance_from_activations,  # noqa: E501
)
from keras_ganloss.tfgan.eval.classifier_metrics import (
    kernel_classifier_distance as kernel_classifier_distance,
)
from keras_ganloss.tfgan.eval.classifier_metrics import (
    kernel_classifier_distance_and_std as kernel_classifier_distance_and_std,
)
from keras_ganloss.tfgan.eval.classifier_metrics import (
    kernel_classifier_distance_and_std_from_activations as kernel_classifier_distance_and_std_from_activations,  # noqa: E501
)
from keras_ganloss.tfgan.eval.classifier_metrics import (
    kernel_classifier_distance_from_activations as kernel_classifier_distance_from_activations,  # noqa: E501
)
from keras_ganloss.tfgan.eval.classifier_metrics import (
    mean_only_frechet_classifier_distance_from_activations as mean_only_frechet_classifier_distance_from_activations,  # noqa: E501
)
from keras_ganloss.tfgan.eval.classifier_metrics import (
    run_classifier_fn as run_classifier_fn,
)
from keras_ganloss.tfgan.eval.classifier_metrics import (
    sample_and_run_classifier_fn as sample_and_run_classifier_fn,
)
from keras_ganloss.tfgan.eval.image_grids import image_grid as image_grid
from keras_ganloss.tfgan.eval.image_grids import (
    image_reshaper as image_reshaper,
)
from keras_ganloss.tfgan.eval.image_grids import (
    python_image_grid as python_image_grid,
)
from keras_ganloss.tfgan.eval.sliced_wasserstein import (
    sliced_wasserstein_distance as sliced_wasserstein_distance,
)
