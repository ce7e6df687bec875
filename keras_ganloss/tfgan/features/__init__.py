"""TF-GAN's `tfgan.features`: the same names, arguments and numbers.

TF-GAN's functions make variables where they are called, once, when the graph
is built. Here a functional model is that graph: `instance_norm`, `group_norm`,
`condition_tensor`, `condition_tensor_from_onehot` and `tensor_pool` make a
layer and call it on their argument, so on a `KerasTensor` its weights become
weights of the model. On arrays every call makes a layer of its own, as
TF-GAN's do when executing eagerly.
"""

from keras_ganloss.tfgan.features.clip_weights import (
    VariableClippingOptimizer as VariableClippingOptimizer,
)
from keras_ganloss.tfgan.features.clip_weights import (
    clip_discriminator_weights as clip_discriminator_weights,
)
from keras_ganloss.tfgan.features.clip_weights import (
    clip_variables as clip_variables,
)
from keras_ganloss.tfgan.features.conditioning import (
    condition_tensor as condition_tensor,
)
from keras_ganloss.tfgan.features.conditioning import (
    condition_tensor_from_onehot as condition_tensor_from_onehot,
)
from keras_ganloss.tfgan.features.normalization import group_norm as group_norm
from keras_ganloss.tfgan.features.normalization import (
    instance_norm as instance_norm,
)
from keras_ganloss.tfgan.features.spectral_normalization import (
    compute_spectral_norm as compute_spectral_norm,
)
from keras_ganloss.tfgan.features.spectral_normalization import (
    spectral_norm_regularizer as spectral_norm_regularizer,
)
from keras_ganloss.tfgan.features.spectral_normalization import (
    spectral_norm_u as spectral_norm_u,
)
from keras_ganloss.tfgan.features.spectral_normalization import (
    spectral_normalize as spectral_normalize,
)
from keras_ganloss.tfgan.features.tensor_pool import TensorPool as TensorPool
from keras_ganloss.tfgan.features.tensor_pool import tensor_pool as tensor_pool
from keras_ganloss.tfgan.features.virtual_batch_normalization import VBN as VBN
