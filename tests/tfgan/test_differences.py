"""Where `keras_ganloss.tfgan` differs from TF-GAN on purpose.

Every test shows what TF-GAN does, where it can be run, and what we do.
`docs/migrate/from_tfgan.md` gives the reasons.
"""

import keras
import numpy as np
import pytest

from keras_ganloss.tfgan import eval as tfgan_eval
from keras_ganloss.tfgan import features
from tests.helpers import tfgan_oracle

if keras.backend.backend() != "tensorflow":
    pytest.skip("TF-GAN runs on TensorFlow", allow_module_level=True)

tf = pytest.importorskip("tensorflow")
clipping = tfgan_oracle.import_module("features.clip_weights")
spectral = tfgan_oracle.import_module("features.spectral_normalization")
virtual = tfgan_oracle.import_module("features.virtual_batchnorm")
classifier = tfgan_oracle.import_module("eval.classifier_metrics")
sliced = tfgan_oracle.import_module("eval.sliced_wasserstein")


def in_session(function):
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        result = function()
        session.run(tf.compat.v1.global_variables_initializer())
        return session.run(result)


def test_weights_clipped_to_zero_become_zero_and_not_nan():
    def theirs():
        variable = tf.compat.v1.get_variable("w", initializer=[0.0, 1.0])
        optimizer = clipping.clip_variables(
            tf.compat.v1.train.GradientDescentOptimizer(0.0), [variable], 0.0
        )
        update = optimizer.apply_gradients([(tf.zeros(2), variable)])
        with tf.control_dependencies([update]):
            return variable.read_value()

    assert np.isnan(in_session(theirs)[0])
    variable = keras.Variable([0.0, 1.0])
    optimizer = features.clip_variables(
        keras.optimizers.SGD(0.0), [variable], 0.0
    )
    optimizer.apply([tf.zeros(2)], [variable])
    assert variable.numpy().tolist() == [0.0, 0.0]


def test_spectral_norm_takes_u_and_runs_eagerly():
    weights = tf.constant([[3.0, 0.0], [0.0, 1.0]])
    with pytest.raises(ValueError, match="executing eagerly"):
        spectral.compute_spectral_norm(weights)
    with pytest.raises(ValueError, match="spectral_norm_u"):
        features.compute_spectral_norm(weights)
    u = features.spectral_norm_u(weights, seed=0)
    value = features.compute_spectral_norm(weights, 30, u=u)
    assert float(value) == pytest.approx(3.0, rel=1e-6)


def test_spectral_norm_without_rounds_says_so():
    weights = tf.ones((2, 2))
    with pytest.raises(UnboundLocalError):
        in_session(lambda: spectral.compute_spectral_norm(tf.ones((2, 2)), 0))
    u = features.spectral_norm_u(weights)
    with pytest.raises(ValueError, match="power_iteration_rounds=0"):
        features.compute_spectral_norm(weights, 0, u=u)


def test_virtual_batch_normalization_of_one_feature_keeps_its_shape():
    reference, inputs = np.ones((5, 1), "float32"), np.ones((3, 1), "float32")
    assert in_session(lambda: virtual.VBN(reference_of(reference))(
        tf.constant(inputs)
    )).shape == (3, 3)  # fmt: skip
    assert features.VBN(reference)(inputs).shape == (3, 1)


def reference_of(array):
    return tf.constant(array)


def test_virtual_batch_normalization_without_center_of_higher_rank():
    reference = np.random.default_rng(0).normal(size=(5, 4, 2))
    reference = reference.astype("float32")
    with pytest.raises(ValueError, match="Cannot reshape"):
        in_session(
            lambda: virtual.VBN(reference_of(reference), center=False)(
                reference_of(reference)
            )
        )
    # Beta starts at zero, so at first it makes no difference.
    without = features.VBN(reference, center=False)(reference)
    np.testing.assert_allclose(
        without, features.VBN(reference)(reference), rtol=1e-6
    )


def test_virtual_batch_normalization_of_float16():
    reference = np.random.default_rng(0).normal(size=(5, 4, 2))
    half = reference.astype("float16")
    with pytest.raises((TypeError, ValueError)):
        in_session(lambda: virtual.VBN(reference_of(half))(reference_of(half)))
    found = features.VBN(half, dtype="float16")(half)
    assert found.dtype == "float16"
    expected = features.VBN(reference.astype("float32"))(
        reference.astype("float32")
    )
    np.testing.assert_allclose(found, expected, atol=5e-3)


def test_pool_refuses_batches_of_another_size():
    pool = features.TensorPool(2)
    pool(tf.zeros((4, 1)))
    with pytest.raises(ValueError, match="drop_remainder"):
        pool(tf.zeros((3, 1)))


def test_tensor_pool_of_arrays_says_what_to_do():
    with pytest.raises(ValueError, match=r"TensorPool\(pool_size\)"):
        features.tensor_pool(tf.zeros((4, 1)))


def test_variables_cannot_be_reused_by_scope():
    with pytest.raises(ValueError, match="Received: reuse=True"):
        features.instance_norm(tf.zeros((2, 3, 4)), reuse=True)


def test_a_class_that_nothing_shows_is_no_nan():
    logits = tf.constant([[0.0, 0.0, -1e4]])
    assert np.isnan(classifier.classifier_score_from_logits(logits))
    found = tfgan_eval.classifier_score_from_logits(logits)
    assert float(found) == pytest.approx(1.0)


def test_patches_of_one_color_are_no_nan():
    images = tf.zeros((2, 16, 16, 3))
    assert np.isnan(sliced.sliced_wasserstein_distance(images, images)).all()
    found = tfgan_eval.sliced_wasserstein_distance(images, images, seed=0)
    assert [[float(value) for value in pair] for pair in found] == [[0, 0]]


def test_dtypes_of_a_classifier_need_not_be_given_but_are_checked():
    def classify(samples):
        return {"a": samples, "b": 2.0 * samples}

    samples = tf.reshape(tf.range(4.0), (4, 1))
    with pytest.raises((TypeError, ValueError)):
        classifier.run_classifier_fn(samples, classify, num_batches=2)
    found = tfgan_eval.run_classifier_fn(samples, classify, num_batches=2)
    assert found["b"][:, 0].numpy().tolist() == [0.0, 2.0, 4.0, 6.0]
    with pytest.raises(ValueError, match="dtype='float16'"):
        tfgan_eval.run_classifier_fn(
            samples,
            classify,
            num_batches=2,
            dtypes={"a": "float16", "b": "float32"},
        )


def test_kernel_distance_needs_known_numbers_of_samples():
    @tf.function(input_signature=[tf.TensorSpec((None, 2), "float32")])
    def distance(samples):
        return tfgan_eval.kernel_classifier_distance_from_activations(
            samples, samples
        )

    with pytest.raises(ValueError, match="drop_remainder"):
        distance(tf.zeros((3, 2)))
