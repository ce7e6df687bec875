"""Variety by similarity: of sets that are known, in any batches."""

import numpy as np
import pytest
from keras import ops

from keras_ganloss.metrics.multi_scale_similarity import multi_scale_similarity
from keras_ganloss.metrics.similarity_within import SimilarityWithin
from keras_ganloss.metrics.similarity_within import similarity_within

RANDOM = np.random.default_rng(0)


def rough_images(num):
    """Some that are alike: they share the half of what they are."""
    shared = RANDOM.uniform(-0.5, 0.5, size=(1, 16, 16, 1))
    own = RANDOM.uniform(-0.5, 0.5, size=(num, 16, 16, 1))
    return (shared + own).astype("float32")


def test_pairs_are_of_different_images():
    images = np.stack([np.full((16, 16, 1), -1.0), np.full((16, 16, 1), 1.0)])
    # Black and white: (0 + 1e-4) / (1 + 1e-4).
    expected = pytest.approx(1e-4 / 1.0001, rel=1e-6)
    assert similarity_within(images, num_pairs=9) == expected
    same = ops.ones((5, 16, 16, 1))
    assert similarity_within(same, num_pairs=9) == pytest.approx(1.0)


def test_mean_over_random_pairs():
    images = rough_images(6)
    pairs = [(i, j) for i in range(6) for j in range(6) if i != j]
    first, second = zip(*pairs)
    every = multi_scale_similarity(images[list(first)], images[list(second)])
    found = similarity_within(images, num_pairs=3000, seed=0)
    every = ops.convert_to_numpy(every)
    noise = every.std() / 3000**0.5
    assert found == pytest.approx(every.mean(), abs=4 * noise)
    assert found == similarity_within(images, num_pairs=3000, seed=0)


def test_one_image_has_no_pairs():
    with pytest.raises(ValueError, match="at least two images. Received"):
        similarity_within(np.ones((1, 16, 16, 1)))


@pytest.mark.parametrize("batches", [[11], [1] * 11, [4, 4, 3]])
def test_class_compares_neighbors_in_any_batches(batches):
    real, fake = rough_images(11), rough_images(11)
    metric = SimilarityWithin(num_samples=9)
    metric.update_state(ops.array(fake), ops.array(fake))
    metric.reset_state()
    starts = np.cumsum(batches)[:-1]
    for parts in zip(np.split(real, starts), np.split(fake, starts)):
        metric.update_state(*(ops.array(part) for part in parts))
    found = metric.result()
    for name, images in (("real", real), ("fake", fake)):
        expected = multi_scale_similarity(images[1:9], images[:8])
        expected = ops.convert_to_numpy(expected).mean()
        assert found[f"{name}_similarity"] == pytest.approx(expected, rel=1e-6)


def test_class_sees_that_fakes_are_the_same():
    metric = SimilarityWithin()
    metric.update_state(rough_images(4), np.repeat(rough_images(1), 4, axis=0))
    found = metric.result()
    assert found["fake_similarity"] == pytest.approx(1.0)
    assert found["real_similarity"] < 0.9


def test_class_with_one_image():
    metric = SimilarityWithin()
    metric.update_state(rough_images(1), rough_images(1))
    with pytest.raises(ValueError, match="Received: 1 in the whole"):
        metric.result()


@pytest.mark.parametrize(
    "shapes", [[(None, 2)], [(None, 16, None, 1)], [(None, 16, 16, 1)] * 2]
)
def test_class_with_what_are_no_images(shapes):
    with pytest.raises(ValueError, match="must be images.*Received"):
        SimilarityWithin().build(shapes)


def test_class_with_images_that_are_too_small():
    with pytest.raises(ValueError, match="images of shape"):
        SimilarityWithin().build([(None, 8, 8, 1)])


@pytest.mark.parametrize(
    "settings", [{"num_samples": 0}, {"value_range": (1.0, -1.0)}]
)
def test_settings_that_are_none(settings):
    with pytest.raises(ValueError, match=f"Received: {next(iter(settings))}"):
        SimilarityWithin(**settings)
