"""Nearest neighbors by hand, and against a search that is not in blocks."""

import numpy as np
import pytest
from keras import ops
from sklearn.neighbors import NearestNeighbors

from keras_ganloss.metrics import pairwise
from keras_ganloss.metrics.nearest_neighbors import nearest_neighbors

RANDOM = np.random.default_rng(0)


def test_by_hand():
    queries = [[0.0, 0.0], [10.0, 0.0]]
    references = [[3.0, 4.0], [9.0, 0.0], [0.0, 1.0]]
    distances, indices = nearest_neighbors(queries, references, k=2)
    np.testing.assert_allclose(distances, [[1.0, 5.0], [1.0, 65**0.5]])
    np.testing.assert_array_equal(indices, [[2, 0], [1, 0]])
    assert distances.dtype == "float64" and indices.dtype == "int64"


@pytest.mark.parametrize("block", [1, 1000, 2**22])
def test_same_as_another_search_whatever_the_blocks(block, monkeypatch):
    monkeypatch.setattr(pairwise, "BLOCK", block)
    references = RANDOM.normal(size=(90, 6))
    queries = RANDOM.normal(size=(41, 6))
    found = nearest_neighbors(queries, references, k=7)
    search = NearestNeighbors(n_neighbors=7, algorithm="kd_tree")
    expected = search.fit(references).kneighbors(queries)
    np.testing.assert_allclose(found[0], expected[0], rtol=1e-12)
    np.testing.assert_array_equal(found[1], expected[1])


def test_images_as_tensors_and_their_copies():
    images = RANDOM.normal(size=(5, 4, 4, 3)).astype("float32")
    distances, indices = nearest_neighbors(ops.array(images[::-1]), images)
    assert (distances == 0.0).all()
    np.testing.assert_array_equal(indices[:, 0], [4, 3, 2, 1, 0])


def test_far_from_the_origin_no_digits_are_lost():
    references = 1e9 + np.array([[0.0], [1.0], [2.5]])
    distances, _ = nearest_neighbors(references, references, k=3)
    expected = [[0.0, 1.0, 2.5], [0.0, 1.0, 1.5], [0.0, 1.5, 2.5]]
    np.testing.assert_array_equal(distances, expected)


def test_samples_that_are_all_equal():
    samples = np.full((4, 100), 0.1)
    distances, indices = nearest_neighbors(samples, samples, k=4)
    assert (distances == 0.0).all()
    np.testing.assert_array_equal(indices, [[0, 1, 2, 3]] * 4)


@pytest.mark.parametrize(
    "queries, references, k, message",
    [
        ([[1.0]], [[1.0]], 2, "Received: k=2, 1 references"),
        ([[1.0]], [[1.0]], 0, "Received: k=0"),
        ([], [[1.0]], 1, r"Received: queries.shape=\(0,\)"),
        ([[1.0, 2.0]], [[1.0]], 1, "Received: 2 and 1 numbers"),
        ([[1.0]], [[np.nan], [1.0]], 1, "Received: 1 of 2 samples with a NaN"),
    ],
)
def test_errors(queries, references, k, message):
    with pytest.raises(ValueError, match=message):
        nearest_neighbors(queries, references, k)
