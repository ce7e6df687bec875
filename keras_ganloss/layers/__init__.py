"""Layers that adversarial networks need and Keras lacks or gets wrong."""

from keras_ganloss.layers.batch_normalization import (
    BatchNormalization as BatchNormalization,
)
from keras_ganloss.layers.blur_pooling import BlurPooling as BlurPooling
from keras_ganloss.layers.conditional_batch_normalization import (
    ConditionalBatchNormalization as ConditionalBatchNormalization,
)
from keras_ganloss.layers.equalized_learning_rate import (
    EqualizedLearningRate as EqualizedLearningRate,
)
from keras_ganloss.layers.fold_period import FoldPeriod as FoldPeriod
from keras_ganloss.layers.group_normalization import (
    GroupNormalization as GroupNormalization,
)
from keras_ganloss.layers.instance_normalization import (
    InstanceNormalization as InstanceNormalization,
)
from keras_ganloss.layers.layer_normalization import (
    LayerNormalization as LayerNormalization,
)
from keras_ganloss.layers.minibatch_discrimination import (
    MinibatchDiscrimination as MinibatchDiscrimination,
)
from keras_ganloss.layers.minibatch_standard_deviation import (
    MinibatchStandardDeviation as MinibatchStandardDeviation,
)
from keras_ganloss.layers.pixel_normalization import (
    PixelNormalization as PixelNormalization,
)
from keras_ganloss.layers.projection import Projection as Projection
from keras_ganloss.layers.reference_batch import (
    ReferenceBatch as ReferenceBatch,
)
from keras_ganloss.layers.reparametrization import (
    Reparametrization as Reparametrization,
)
from keras_ganloss.layers.resizing import Resizing as Resizing
from keras_ganloss.layers.reverse_gradient import (
    ReverseGradient as ReverseGradient,
)
from keras_ganloss.layers.spectral_normalization import (
    SpectralNormalization as SpectralNormalization,
)
from keras_ganloss.layers.spectrogram import Spectrogram as Spectrogram
from keras_ganloss.layers.virtual_batch_normalization import (
    VirtualBatchNormalization as VirtualBatchNormalization,
)
from keras_ganloss.layers.weight_normalization import (
    WeightNormalization as WeightNormalization,
)
from keras_ganloss.utils import registry

# The only list there is.
CLASSES = registry.by_snake_case_name(
    BatchNormalization,
    BlurPooling,
    ConditionalBatchNormalization,
    EqualizedLearningRate,
    FoldPeriod,
    GroupNormalization,
    InstanceNormalization,
    LayerNormalization,
    MinibatchDiscrimination,
    MinibatchStandardDeviation,
    PixelNormalization,
    Projection,
    ReferenceBatch,
    Resizing,
    ReverseGradient,
    SpectralNormalization,
    Spectrogram,
    VirtualBatchNormalization,
    WeightNormalization,
)
