"""Games: models that play two groups of networks against each other."""

from keras_ganloss.models.ac_gan import ACGAN as ACGAN
from keras_ganloss.models.alpha_gan import AlphaGAN as AlphaGAN
from keras_ganloss.models.bi_gan import BiGAN as BiGAN
from keras_ganloss.models.codes import Categorical as Categorical
from keras_ganloss.models.codes import Code as Code
from keras_ganloss.models.codes import Uniform as Uniform
from keras_ganloss.models.cycle_gan import CycleGAN as CycleGAN
from keras_ganloss.models.domain_adversarial import (
    DomainAdversarial as DomainAdversarial,
)
from keras_ganloss.models.encoding_model import EncodingModel as EncodingModel
from keras_ganloss.models.gan import GAN as GAN
from keras_ganloss.models.info_gan import InfoGAN as InfoGAN
from keras_ganloss.models.judged import one_hot as one_hot
from keras_ganloss.models.judged import one_hot_of_logits as one_hot_of_logits
from keras_ganloss.models.latent_gan import LatentGAN as LatentGAN
from keras_ganloss.models.latent_model import LatentModel as LatentModel
from keras_ganloss.models.rotation_gan import RotationGAN as RotationGAN
from keras_ganloss.models.star_gan import StarGAN as StarGAN
from keras_ganloss.models.supervised_gan import SupervisedGAN as SupervisedGAN
from keras_ganloss.models.translation_model import (
    TranslationModel as TranslationModel,
)
