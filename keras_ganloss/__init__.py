"""The learned loss for Keras: adversarial losses, penalties and games."""

from keras_ganloss.utils import versions as _versions

_versions.check_versions()

from keras_ganloss import losses as losses
from keras_ganloss import penalties as penalties
from keras_ganloss.models import GAN as GAN
from keras_ganloss.models import AdversarialModel as AdversarialModel
