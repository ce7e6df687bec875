"""TF-GAN's losses, of tensors; `wargs` holds them under its name too."""

from keras_ganloss.tfgan.losses import wargs as wargs
from keras_ganloss.tfgan.losses.acgan import (
    acgan_discriminator_loss as acgan_discriminator_loss,
)
from keras_ganloss.tfgan.losses.acgan import (
    acgan_generator_loss as acgan_generator_loss,
)
from keras_ganloss.tfgan.losses.combine_adversarial import (
    combine_adversarial_loss as combine_adversarial_loss,
)
from keras_ganloss.tfgan.losses.cycle_consistency import (
    cycle_consistency_loss as cycle_consistency_loss,
)
from keras_ganloss.tfgan.losses.gradient_penalty import (
    wasserstein_gradient_penalty as wasserstein_gradient_penalty,
)
from keras_ganloss.tfgan.losses.least_squares import (
    least_squares_discriminator_loss as least_squares_discriminator_loss,
)
from keras_ganloss.tfgan.losses.least_squares import (
    least_squares_generator_loss as least_squares_generator_loss,
)
from keras_ganloss.tfgan.losses.minimax import (
    minimax_discriminator_loss as minimax_discriminator_loss,
)
from keras_ganloss.tfgan.losses.minimax import (
    minimax_generator_loss as minimax_generator_loss,
)
from keras_ganloss.tfgan.losses.minimax import (
    modified_discriminator_loss as modified_discriminator_loss,
)
from keras_ganloss.tfgan.losses.minimax import (
    modified_generator_loss as modified_generator_loss,
)
from keras_ganloss.tfgan.losses.mutual_information import (
    mutual_information_penalty as mutual_information_penalty,
)
from keras_ganloss.tfgan.losses.reduction import Reduction as Reduction
from keras_ganloss.tfgan.losses.relativistic import (
    relativistic_discriminator_loss as relativistic_discriminator_loss,
)
from keras_ganloss.tfgan.losses.relativistic import (
    relativistic_generator_loss as relativistic_generator_loss,
)
from keras_ganloss.tfgan.losses.stargan import (
    stargan_discriminator_loss_wrapper as stargan_discriminator_loss_wrapper,
)
from keras_ganloss.tfgan.losses.stargan import (
    stargan_generator_loss_wrapper as stargan_generator_loss_wrapper,
)
from keras_ganloss.tfgan.losses.stargan import (
    stargan_gradient_penalty_wrapper as stargan_gradient_penalty_wrapper,
)
from keras_ganloss.tfgan.losses.wasserstein import (
    wasserstein_discriminator_loss as wasserstein_discriminator_loss,
)
from keras_ganloss.tfgan.losses.wasserstein import (
    wasserstein_generator_loss as wasserstein_generator_loss,
)
from keras_ganloss.tfgan.losses.wasserstein import (
    wasserstein_hinge_discriminator_loss as wasserstein_hinge_discriminator_loss,  # noqa: E501
)
from keras_ganloss.tfgan.losses.wasserstein import (
    wasserstein_hinge_generator_loss as wasserstein_hinge_generator_loss,
)
