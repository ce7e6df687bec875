"""Distances of all pairs, in blocks, against differences."""

import numpy as np
import pytest

from keras_ganloss.metrics import pairwise
from keras_ganloss.metrics.pairwise import as_vectors
from keras_ganloss.metrics.pairwise import squared_distance_blocks

RANDOM = np.random.default_rng(0)


@pytest.mark.parametrize("block, num_blocks", [(50, 5), (2**22, 1)])
def test_blocks_are_all_pairs(block, num_blocks, monkeypatch):
    monkeypatch.setattr(pairwise, "BLOCK", block)
    queries = RANDOM.normal(size=(9, 3))
    references = RANDOM.normal(size=(25, 3)) + 100.0
    blocks = list(squared_distance_blocks(queries, references))
    assert len(blocks) == num_blocks
    found = np.concatenate([squared for _, squared in blocks])
    differences = queries[:, None] - references
    np.testing.assert_allclose(found, (differences**2).sum(axis=2))
    for part, squared in blocks:
        assert len(queries[part]) == len(squared)


def test_what_rounding_explains_is_zero_and_no_more():
    point = RANDOM.normal(size=(1, 1000))
    references = np.concatenate([point, point + 1e-5, point + 1.0])
    [(_, squared)] = squared_distance_blocks(point.copy(), references)
    assert squared[0, 0] == 0.0
    # 1000 * 1e-10, of which the first digits are left.
    assert squared[0, 1] == pytest.approx(1e-7, rel=1e-4)


def test_bytes_as_vectors():
    images = np.full((2, 2, 2, 1), 255, "uint8")
    vectors = as_vectors(images)
    assert vectors.dtype == "float64" and vectors.shape == (2, 4)
    assert (vectors == 255.0).all()


def test_no_samples():
    for samples in (1.0, [], np.ones((0, 2))):
        with pytest.raises(ValueError, match="Received: samples.shape="):
            as_vectors(samples)
