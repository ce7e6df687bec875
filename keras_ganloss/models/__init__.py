"""Games: models that play two groups of networks against each other."""

from keras_ganloss.models.adversarial_model import (
    AdversarialModel as AdversarialModel,
)
from keras_ganloss.models.duel import Duel as Duel
from keras_ganloss.models.duel import Samples as Samples
from keras_ganloss.models.gan import GAN as GAN
from keras_ganloss.models.judge import Judge as Judge
