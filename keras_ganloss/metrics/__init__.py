"""Metrics of a game, and the math of those of samples."""

from keras_ganloss.metrics.class_coverage import ClassCoverage as ClassCoverage
from keras_ganloss.metrics.class_coverage import (
    class_coverage as class_coverage,
)
from keras_ganloss.metrics.class_coverage import (
    for_each_channel as for_each_channel,
)
from keras_ganloss.metrics.classifier_score import (
    ClassifierScore as ClassifierScore,
)
from keras_ganloss.metrics.classifier_score import (
    classifier_score as classifier_score,
)
from keras_ganloss.metrics.critic_distance import (
    CriticDistance as CriticDistance,
)
from keras_ganloss.metrics.critic_distance import (
    critic_distance as critic_distance,
)
from keras_ganloss.metrics.feature_metric import FeatureMetric as FeatureMetric
from keras_ganloss.metrics.frechet_distance import (
    FrechetDistance as FrechetDistance,
)
from keras_ganloss.metrics.frechet_distance import (
    frechet_distance as frechet_distance,
)
from keras_ganloss.metrics.frechet_distance import (
    mean_and_covariance as mean_and_covariance,
)
from keras_ganloss.metrics.game_metric import GameMetric as GameMetric
from keras_ganloss.metrics.gradient_norms import GradientNorms as GradientNorms
from keras_ganloss.metrics.kernel_distance import (
    KernelDistance as KernelDistance,
)
from keras_ganloss.metrics.kernel_distance import cubic_kernel as cubic_kernel
from keras_ganloss.metrics.kernel_distance import (
    kernel_distance as kernel_distance,
)
from keras_ganloss.metrics.kernel_distance import (
    kernel_distance_of_blocks as kernel_distance_of_blocks,
)
from keras_ganloss.metrics.memorization import Memorization as Memorization
from keras_ganloss.metrics.memorization import memorization as memorization
from keras_ganloss.metrics.memorization import rank_sum_z as rank_sum_z
from keras_ganloss.metrics.mode_coverage import ModeCoverage as ModeCoverage
from keras_ganloss.metrics.mode_coverage import mode_coverage as mode_coverage
from keras_ganloss.metrics.multi_scale_similarity import (
    multi_scale_similarity as multi_scale_similarity,
)
from keras_ganloss.metrics.nearest_neighbors import (
    nearest_neighbors as nearest_neighbors,
)
from keras_ganloss.metrics.perceptual_distance import (
    PerceptualDistance as PerceptualDistance,
)
from keras_ganloss.metrics.perceptual_path_length import (
    PerceptualPathLength as PerceptualPathLength,
)
from keras_ganloss.metrics.perceptual_path_length import (
    linear_interpolation as linear_interpolation,
)
from keras_ganloss.metrics.perceptual_path_length import (
    perceptual_path_length as perceptual_path_length,
)
from keras_ganloss.metrics.perceptual_path_length import (
    spherical_interpolation as spherical_interpolation,
)
from keras_ganloss.metrics.precision_recall_density_coverage import (
    PrecisionRecallDensityCoverage as PrecisionRecallDensityCoverage,
)
from keras_ganloss.metrics.precision_recall_density_coverage import (
    precision_recall_density_coverage as precision_recall_density_coverage,
)
from keras_ganloss.metrics.reference import Reference as Reference
from keras_ganloss.metrics.running_means import RunningMeans as RunningMeans
from keras_ganloss.metrics.sample_buffer import SampleBuffer as SampleBuffer
from keras_ganloss.metrics.sample_metric import SampleMetric as SampleMetric
from keras_ganloss.metrics.similarity_within import (
    SimilarityWithin as SimilarityWithin,
)
from keras_ganloss.metrics.similarity_within import (
    similarity_within as similarity_within,
)
from keras_ganloss.metrics.sliced_wasserstein import cut_patches as cut_patches
from keras_ganloss.metrics.sliced_wasserstein import (
    distance_of_sorted as distance_of_sorted,
)
from keras_ganloss.metrics.sliced_wasserstein import (
    laplacian_pyramid as laplacian_pyramid,
)
from keras_ganloss.metrics.sliced_wasserstein import (
    sliced_wasserstein as sliced_wasserstein,
)
from keras_ganloss.metrics.sliced_wasserstein import (
    standardize_patches as standardize_patches,
)
from keras_ganloss.metrics.sliced_wasserstein_distance import (
    SlicedWassersteinDistance as SlicedWassersteinDistance,
)
from keras_ganloss.metrics.wasserstein_distance import (
    wasserstein_distance as wasserstein_distance,
)
