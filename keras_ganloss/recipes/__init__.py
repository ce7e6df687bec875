"""Arguments of `compile` that were found to go well together."""

from keras_ganloss.recipes.annealed import annealed as annealed
from keras_ganloss.recipes.encodec import encodec as encodec
from keras_ganloss.recipes.esrgan import esrgan as esrgan
from keras_ganloss.recipes.hifi_gan import hifi_gan as hifi_gan
from keras_ganloss.recipes.pix2pix import pix2pix as pix2pix
from keras_ganloss.recipes.projected import projected as projected
from keras_ganloss.recipes.vqgan import kl_autoencoder as kl_autoencoder
from keras_ganloss.recipes.vqgan import vqgan as vqgan
