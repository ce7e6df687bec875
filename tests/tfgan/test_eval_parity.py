"""`tfgan.eval` against TF-GAN's own, run side by side on random features."""

import contextlib
import functools

import keras
import numpy as np
import pytest

from keras_ganloss.tfgan import eval as ours
from tests.helpers import tfgan_oracle

if keras.backend.backend() != "tensorflow":
    pytest.skip("TF-GAN runs on TensorFlow", allow_module_level=True)

tf = pytest.importorskip("tensorflow")
theirs = tfgan_oracle.import_module("eval.classifier_metrics")
grids = tfgan_oracle.import_module("eval.eval_utils")
patches = tfgan_oracle.import_module("eval.sliced_wasserstein")
NUM_CASES = 5000
TOLERANCE = 1e-5

WEIGHTS = np.random.default_rng(1).normal(size=(6, 4)).astype("float32")


def classify(samples):
    """A classifier of six features and four classes."""
    return tf.matmul(samples, WEIGHTS)


def both(samples):
    return {"logits": classify(samples), "pool": 2.0 * samples}


BOTH = {"logits": tf.float32, "pool": tf.float32}


def of_first(name, *args, **kwargs):
    """The function of a module of that name, on the first tensor."""
    return lambda module: (
        lambda first, second: getattr(module, name)(first, *args, **kwargs)
    )


def of_both(name, *args, **kwargs):
    """The function of a module of that name, on both tensors."""
    return lambda module: (
        lambda first, second: getattr(module, name)(
            first, second, *args, **kwargs
        )
    )


def sample_and_run(module):
    return lambda first, second: module.sample_and_run_classifier_fn(
        lambda part: part + 1.0,
        [first[:6], first[6:]],
        classify,
        dtypes=tf.float32,
    )


# What is called, and the numbers of rows of the two tensors.
PAIRS = {
    "classifier_score_from_logits": (
        of_first("classifier_score_from_logits"),
        (12, 2),
    ),
    "classifier_score": (of_first("classifier_score", classify), (12, 2)),
    "classifier_score, 3 batches": (
        of_first("classifier_score", classify, num_batches=3),
        (12, 2),
    ),
    "run_classifier_fn": (of_first("run_classifier_fn", classify), (12, 2)),
    "run_classifier_fn, 3 batches, 2 outputs": (
        of_first("run_classifier_fn", both, num_batches=3, dtypes=BOTH),
        (12, 2),
    ),
    "sample_and_run_classifier_fn": (sample_and_run, (12, 2)),
    "frechet_classifier_distance_from_activations": (
        of_both("frechet_classifier_distance_from_activations"),
        (20, 15),
    ),
    "frechet_..._from_activations, fewer samples than features": (
        of_both("frechet_classifier_distance_from_activations"),
        (4, 5),
    ),
    "frechet_classifier_distance, 2 batches": (
        of_both("frechet_classifier_distance", classify, num_batches=2),
        (20, 14),
    ),
    "mean_only_frechet_...": (
        of_both("mean_only_frechet_classifier_distance_from_activations"),
        (20, 15),
    ),
    "diagonal_only_frechet_...": (
        of_both("diagonal_only_frechet_classifier_distance_from_activations"),
        (20, 15),
    ),
    "kernel_classifier_distance_from_activations": (
        of_both("kernel_classifier_distance_from_activations"),
        (20, 15),
    ),
    "kernel_..._and_std_from_activations, blocks": (
        of_both(
            "kernel_classifier_distance_and_std_from_activations",
            max_block_size=7,
        ),
        (20, 15),
    ),
    "kernel_..._and_std_from_activations, blocks, float64": (
        of_both(
            "kernel_classifier_distance_and_std_from_activations",
            max_block_size=7,
            dtype=tf.float64,
        ),
        (20, 15),
    ),
    "kernel_classifier_distance, 2 batches": (
        of_both("kernel_classifier_distance", classify, num_batches=2),
        (20, 14),
    ),
    "kernel_classifier_distance_and_std, 2 batches, blocks": (
        of_both(
            "kernel_classifier_distance_and_std",
            classify,
            num_batches=2,
            max_block_size=6,
        ),
        (20, 14),
    ),
}


@functools.cache
def make_cases(numbers, num_cases=NUM_CASES):
    """Random features of all sizes, 1 % to 3, around means of 0 to 1."""
    generator = np.random.default_rng(0)
    cases = []
    for number in numbers:
        scale = 10.0 ** generator.uniform(-2, 0.5, (num_cases, 1, 1))
        mean = generator.uniform(size=(num_cases, 1, 6))
        noise = generator.normal(size=(num_cases, number, 6))
        cases.append((scale * noise + mean).astype("float32"))
    return tuple(cases)


def run(function, mode, cases):
    """Returns the values of all cases as an array, a row a case."""

    def values(first, second):
        leaves = tf.nest.flatten(function(first, second))
        return tf.concat(
            [tf.reshape(tf.cast(leaf, "float64"), [-1]) for leaf in leaves], 0
        )

    if mode == "eager":
        return np.array([values(*case) for case in zip(*cases)])
    compiled = tf.function(
        lambda *cases: tf.map_fn(
            lambda case: values(*case), cases, fn_output_signature=tf.float64
        ),
        jit_compile=mode == "xla",
    )
    return compiled(*cases).numpy()


def compare(name, mode, num_cases=NUM_CASES):
    """Returns the largest difference, relative to the case's size.

    The size is that of the largest value; of distances it is at least that
    of the terms whose difference they are, which rounding is relative to.
    """
    pair, numbers = PAIRS[name]
    cases = [
        part[: 100 if mode == "eager" else num_cases]
        for part in make_cases(numbers, num_cases)
    ]
    found = run(pair(ours), mode, cases)
    expected = run(pair(theirs), "graph", cases)
    size = np.abs(expected).max(axis=1, keepdims=True)
    if name.startswith("kernel") and "float64" not in name:
        features = [part.astype("float64") for part in cases]
        if "activations" not in name:
            features = [part @ WEIGHTS for part in features]
        size = size + sum(
            ((part**2).sum(2) / part.shape[2] + 1.0).max(1)[:, None] ** 3
            for part in features
        )
    return (np.abs(found - expected) / size).max()


@pytest.mark.parametrize("mode", ["eager", "graph", "xla"])
@pytest.mark.parametrize("name", PAIRS)
def test_values_equal_tf_gans(name, mode):
    assert compare(name, mode) <= TOLERANCE


def test_dtypes_equal_tf_gans():
    for dtype in ("float16", "float32", "float64"):
        first, second = (
            tf.cast(part[0], dtype) for part in make_cases((20, 15))
        )
        for name in (
            "classifier_score_from_logits",
            "frechet_classifier_distance_from_activations",
            "mean_only_frechet_...",
            "diagonal_only_frechet_...",
            "kernel_classifier_distance_from_activations",
        ):
            pair, _ = PAIRS[name]
            found = pair(ours)(first, second)
            expected = pair(theirs)(first, second)
            assert found.dtype == expected.dtype == dtype
            if dtype != "float16" or not name.startswith("kernel"):
                np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_one_block_has_no_standard_error_as_in_tf_gan():
    first, second = (part[0] for part in make_cases((20, 15)))
    for module in (ours, theirs):
        error = module.kernel_classifier_distance_and_std_from_activations(
            tf.constant(first), tf.constant(second)
        )[1]
        assert np.isnan(error)


def test_roots_of_tiny_eigenvalues_are_left_out_as_in_tf_gan():
    # Features of size 1e-6: covariances of 1e-12.
    first, second = (
        tf.constant(1e-6 * part[0].astype("float64"))
        for part in make_cases((20, 15))
    )
    name = "frechet_classifier_distance_from_activations"
    found, expected = (
        float(PAIRS[name][0](module)(first, second))
        for module in (ours, theirs)
    )
    assert found == pytest.approx(expected, rel=1e-6, abs=0.0)


# Grids hold the same numbers, so they are equal and not only close.

GRIDS = {
    "image_grid": (
        lambda module: (
            lambda images: module.image_grid(
                images, (2, 3), image_shape=(4, 5), num_channels=3
            )
        ),
        (6, 4, 5, 3),
    ),
    "image_grid, flat": (
        lambda module: (
            lambda images: module.image_grid(
                images, (3, 2), image_shape=(4, 5), num_channels=1
            )
        ),
        (6, 20),
    ),
    "image_reshaper": (
        lambda module: lambda images: module.image_reshaper(images),
        (7, 4, 5, 3),
    ),
    "image_reshaper, a list, 2 columns": (
        lambda module: (
            lambda images: module.image_reshaper(tf.unstack(images), num_cols=2)
        ),
        (5, 4, 5, 1),
    ),
}


def compare_grids(name, mode, num_cases=NUM_CASES):
    """Returns the largest difference of any pixel."""
    pair, shape = GRIDS[name]
    images = np.random.default_rng(0).normal(size=(num_cases, *shape))

    def all_of(module):
        return tf.function(
            lambda cases: tf.map_fn(pair(module), cases),
            jit_compile=mode == "xla",
        )(images)

    return np.abs(all_of(ours) - all_of(grids)).max()


@pytest.mark.parametrize("mode", ["graph", "xla"])
@pytest.mark.parametrize("name", GRIDS)
def test_grids_equal_tf_gans(name, mode):
    assert compare_grids(name, mode) == 0.0


def compare_python_grids(num_cases=NUM_CASES):
    """Returns the largest difference of any pixel."""
    images = np.random.default_rng(0).normal(size=(num_cases, 6, 4, 5, 2))
    return max(
        np.abs(
            ours.python_image_grid(case, (2, 3))
            - grids.python_image_grid(case, (2, 3))
        ).max()
        for case in images
    )


def test_python_grids_equal_tf_gans():
    assert compare_python_grids() == 0.0


# The sliced Wasserstein distance draws: both must draw the same.


class Recorder:
    """Keeps what functions return, and gives it again."""

    def __init__(self):
        self.values = []

    def recording(self, function):
        def recorded(*args, **kwargs):
            self.values.append(np.array(function(*args, **kwargs)))
            return self.values[-1]

        return recorded

    def replaying(self, *args, size=None, **kwargs):
        value = self.values.pop(0)
        return value if size is None else value.reshape(size)


@contextlib.contextmanager
def replaced(module, **functions):
    before = {name: getattr(module, name) for name in functions}
    try:
        for name, function in functions.items():
            setattr(module, name, function)
        yield
    finally:
        for name, function in before.items():
            setattr(module, name, function)


def compare_sliced(num_cases, **kwargs):
    """Returns the largest relative difference."""
    generator = np.random.default_rng(0)
    worst = 0.0
    for _ in range(num_cases):
        size = generator.choice([16, 32, 40])
        scale = 10.0 ** generator.uniform(-1, 1, size=(2, 1, 1, 1, 1))
        images = scale * generator.normal(size=(2, 3, size, size, 3))
        images = images.astype("float32")
        draws = Recorder()
        with replaced(
            keras.random,
            randint=draws.recording(keras.random.randint),
            normal=draws.recording(keras.random.normal),
        ):
            found = ours.sliced_wasserstein_distance(*images, **kwargs)
        with (
            replaced(np.random, randint=draws.replaying),
            replaced(tf.random, normal=draws.replaying),
        ):
            expected = patches.sliced_wasserstein_distance(
                *(tf.constant(part) for part in images), **kwargs
            )
        found, expected = np.array(found), np.array(expected)
        assert not draws.values
        assert found.shape == expected.shape
        worst = max(worst, (np.abs(found - expected) / expected).max())
    return worst


SLICED = {
    "sliced_wasserstein_distance": {"patches_per_image": 16},
    "sliced_wasserstein_distance, 2 draws, 5 x 5": {
        "patches_per_image": 8,
        "patch_size": 5,
        "random_sampling_count": 2,
        "random_projection_dim": 20,
    },
    "sliced_wasserstein_distance, even patch size": {
        "patches_per_image": 8,
        "patch_size": 4,
        "resolution_min": 8,
    },
    "sliced_wasserstein_distance, svd": {
        "patches_per_image": 64,
        "use_svd": True,
    },
}


@pytest.mark.parametrize("name", SLICED)
def test_sliced_wasserstein_distances_equal_tf_gans(name):
    assert compare_sliced(20, **SLICED[name]) <= TOLERANCE


def test_sliced_wasserstein_distance_is_the_same_in_every_mode():
    images = np.random.default_rng(0).normal(size=(2, 3, 32, 32, 3))

    def distance():
        return tf.stack(
            [
                tf.stack(pair)
                for pair in ours.sliced_wasserstein_distance(
                    *images.astype("float32"),
                    seed=7,
                    patches_per_image=16,
                    use_svd=True,
                )
            ]
        )

    # XLA draws other numbers, so the distance is another draw of the same.
    expected = distance()
    np.testing.assert_allclose(tf.function(distance)(), expected, rtol=1e-5)
    compiled = tf.function(distance, jit_compile=True)()
    np.testing.assert_allclose(compiled, expected, rtol=0.3)
