"""TF-GAN's sliced Wasserstein distance between sets of images."""

import itertools

import keras
from keras import ops

from keras_ganloss import metrics
from keras_ganloss.utils import arguments
from keras_ganloss.utils.typing import Tensor


def sliced_wasserstein_distance(
    real_images: Tensor,
    fake_images: Tensor,
    resolution_min: int = 16,
    patches_per_image: int = 64,
    patch_size: int = 7,
    random_sampling_count: int = 1,
    random_projection_dim: int = 7 * 7 * 3,
    use_svd: bool = False,
    seed: int | None = None,
) -> list[tuple[Tensor, Tensor]]:
    """Distances between patches of images, one per scale.

    Patches are cut out of every level of the Laplacian pyramid of the images
    and compared along random lines. The first number of each pair compares
    real images with themselves: what the second one would be at best.

    As in TF-GAN the numbers are not those of the paper's tables, which are
    1000 times larger, and patches are `2 * (patch_size // 2) + 1` wide.

    Args:
        real_images, fake_images: Tensors of the same shape `(batch_size,
            size, size, 3)`.
        resolution_min: Int, the smallest scale. Defaults to 16.
        patches_per_image: Int, per scale. Defaults to 64.
        patch_size: Int, odd. Defaults to 7.
        random_sampling_count: Int, how often lines are drawn. Defaults to 1.
        random_projection_dim: Int, the number of lines. Defaults to 147.
        use_svd: Bool, whether to use the singular vectors of the patches
            instead of random lines. Defaults to `False`.
        seed: Optional int or `keras.random.SeedGenerator`. Defaults to fresh
            draws. Needed inside of a compiled JAX function.

    Returns:
        List of pairs of float32 scalars, the largest scale first.

    Raises:
        ValueError: If the images are not of one shape, square and RGB.

    Reference: [Karras et al., 2017](https://arxiv.org/abs/1710.10196)
    """
    real_images = ops.cast(real_images, "float32")
    fake_images = ops.cast(fake_images, "float32")
    _check_images(real_images, fake_images)
    # An int seeds every draw alike, so each gets one of its own.
    seeds = (
        itertools.count(seed)
        if arguments.is_int(seed)
        else itertools.repeat(seed)
    )
    resolution = real_images.shape[1]
    num_levels = (
        resolution.bit_length() - min(resolution_min, resolution).bit_length()
    ) + 1

    def draw_patches(images):
        return _draw_patches(images, patches_per_image, patch_size // 2, seeds)

    real_pairs = [
        (draw_patches(level), draw_patches(level))
        for level in metrics.laplacian_pyramid(real_images, num_levels)
    ]
    fakes = [
        draw_patches(level)
        for level in metrics.laplacian_pyramid(fake_images, num_levels)
    ]

    def distance(patches, others):
        if use_svd:
            return _svd_distance(patches, others)
        distances = [
            metrics.sliced_wasserstein(
                patches,
                others,
                keras.random.normal(
                    (patches.shape[1], random_projection_dim),
                    seed=next(seeds),
                ),
            )
            for _ in range(random_sampling_count)
        ]
        return sum(distances) / random_sampling_count

    return [
        (distance(real, other), distance(real, fake))
        for (real, other), fake in zip(real_pairs, fakes)
    ]


def _draw_patches(images, num_each, radius, seeds):
    batch_size, height, width = ops.shape(images)[:3]
    rows, columns = (
        keras.random.randint(
            (batch_size * num_each,),
            radius,
            size - radius,
            seed=next(seeds),
        )
        for size in (height, width)
    )
    return metrics.standardize_patches(
        metrics.cut_patches(images, rows, columns, radius)
    )


def _svd_distance(patches, others):
    vectors, sizes, _ = ops.svd(
        ops.concatenate([patches, others]), full_matrices=False
    )
    return metrics.distance_of_sorted(*ops.split(vectors * sizes, 2))


def _check_images(real_images, fake_images):
    shape = tuple(real_images.shape)
    square = len(shape) == 4 and shape[1] == shape[2] and shape[3] == 3
    if not square or shape[1] is None or shape != tuple(fake_images.shape):
        raise ValueError(
            "Real and fake images must have the same shape (batch_size, size, "
            f"size, 3). Received: real_images.shape={shape}, "
            f"fake_images.shape={tuple(fake_images.shape)}"
        )
