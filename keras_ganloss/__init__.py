"""The learned loss for Keras: adversarial losses, penalties and games."""

from keras_ganloss.utils import versions as _versions

_versions.check_versions()

from keras_ganloss import balances as balances
from keras_ganloss import callbacks as callbacks
from keras_ganloss import data as data
from keras_ganloss import distances as distances
from keras_ganloss import export as export
from keras_ganloss import game as game
from keras_ganloss import layers as layers
from keras_ganloss import losses as losses
from keras_ganloss import metrics as metrics
from keras_ganloss import models as models
from keras_ganloss import monitors as monitors
from keras_ganloss import networks as networks
from keras_ganloss import optimizers as optimizers
from keras_ganloss import penalties as penalties
from keras_ganloss import pools as pools
from keras_ganloss import recipes as recipes
from keras_ganloss import tfgan as tfgan
from keras_ganloss import transforms as transforms
from keras_ganloss import updates as updates
from keras_ganloss.game import Duel as Duel
from keras_ganloss.game import Game as Game
from keras_ganloss.game import Samples as Samples
from keras_ganloss.game import unpack as unpack
from keras_ganloss.game import unpack_domains as unpack_domains
from keras_ganloss.game import unpack_pairs as unpack_pairs
from keras_ganloss.models import ACGAN as ACGAN
from keras_ganloss.models import GAN as GAN
from keras_ganloss.models import AlphaGAN as AlphaGAN
from keras_ganloss.models import BiGAN as BiGAN
from keras_ganloss.models import CycleGAN as CycleGAN
from keras_ganloss.models import InfoGAN as InfoGAN
from keras_ganloss.models import LatentGAN as LatentGAN
from keras_ganloss.models import RotationGAN as RotationGAN
from keras_ganloss.models import StarGAN as StarGAN
from keras_ganloss.models import SupervisedGAN as SupervisedGAN
from keras_ganloss.utils.versions import __version__ as __version__
