"""Where our functions differ from TF-GAN's on purpose, each with its reason.

The tests name what TF-GAN does, and show it where TF-GAN can run beside.
"""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops

from keras_ganloss import backend
from keras_ganloss import tfgan
from keras_ganloss.losses.gradient_ratio import global_norm
from keras_ganloss.losses.gradient_ratio import gradient_ratio_weight
from tests.helpers import tfgan_oracle

theirs = tfgan_oracle.import_losses()
FAKE = np.array([10.0, 4.4, -5.5, 3.6], "float32")
FUNCTIONS = [
    "wasserstein_generator_loss",
    "least_squares_generator_loss",
    "minimax_generator_loss",
    "modified_generator_loss",
]
is_tensorflow = keras.backend.backend() == "tensorflow"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_collections_are_refused(name):
    # Keras 3 has none. In TF-GAN's, minimax and mutual information had the
    # wrong sign.
    function = getattr(tfgan, name)
    with pytest.raises(ValueError, match="Received: loss_collection='mine'"):
        function(FAKE, loss_collection="mine")
    assert float(function(FAKE, loss_collection=None)) == float(function(FAKE))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_summaries_are_refused(name):
    # Keras 3 has no graph summaries; logs take their place.
    with pytest.raises(ValueError, match="Received: add_summaries=True"):
        getattr(tfgan, name)(FAKE, add_summaries=True)


def test_a_scope_changes_nothing():
    # It names operations of a graph, and no number.
    function = tfgan.wasserstein_generator_loss
    assert float(function(FAKE, scope="mine")) == float(function(FAKE))


@pytest.mark.parametrize("smoothing", [-0.5, 1.5])
def test_label_smoothing_out_of_its_range_is_refused(smoothing):
    # TF-GAN ignores a negative one in silence.
    ignored = theirs.modified_generator_loss(FAKE, label_smoothing=-0.5)
    assert float(ignored) == float(theirs.modified_generator_loss(FAKE))
    for call in (
        lambda: tfgan.modified_generator_loss(FAKE, label_smoothing=smoothing),
        lambda: tfgan.minimax_discriminator_loss(FAKE, FAKE, smoothing),
        lambda: tfgan.acgan_discriminator_loss(
            FAKE[None], FAKE[None], FAKE[None], label_smoothing=smoothing
        ),
    ):
        with pytest.raises(ValueError, match="Received: label_smoothing"):
            call()


def test_halves_that_would_broadcast_are_refused():
    # Unreduced, (4, 1) + (4,) is (4, 4) in TF-GAN.
    column = FAKE[:, None]
    unreduced = theirs.minimax_discriminator_loss(
        column, FAKE, reduction="none"
    )
    assert unreduced.shape == (4, 4)
    with pytest.raises(ValueError, match=r"Received: loss_on_real.shape"):
        tfgan.minimax_discriminator_loss(column, FAKE, reduction="none")
    # Reduced, they are two numbers, and may.
    found = tfgan.minimax_discriminator_loss(column, FAKE)
    expected = theirs.minimax_discriminator_loss(column, FAKE)
    assert float(found) == pytest.approx(float(expected))


def penalty(real, generated, discriminator_fn):
    return tfgan.wasserstein_gradient_penalty(
        real, generated, None, discriminator_fn, None
    )


def test_penalty_refuses_data_that_would_broadcast():
    # TF-GAN mixes one real sample into all generated ones.
    with pytest.raises(ValueError, match=r"Received: real_data.shape=\(1, 4\)"):
        penalty(np.ones((1, 4)), np.ones((3, 4)), lambda data, _: data)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float64"])
def test_penalty_takes_any_float(dtype):
    # TF-GAN draws float32, and fails on other data with a TypeError.
    found = penalty(
        ops.ones((2, 4), dtype), ops.zeros((2, 4), dtype), lambda x, _: 2 * x
    )
    assert float(found) == pytest.approx(9.0)


def test_penalty_of_a_discriminator_that_ignores_its_data():
    # Its gradient is zero; TF-GAN fails on the missing one. The norm is the
    # root of epsilon, 1e-5.
    found = penalty(
        np.ones((2, 4), "float32"),
        np.zeros((2, 4), "float32"),
        lambda data, _: ops.ones((2, 1)),
    )
    assert float(found) == pytest.approx((1 - 1e-5) ** 2)


def test_penalty_runs_eagerly():
    # TF-GAN: RuntimeError.
    data = tf.ones((2, 4))
    with pytest.raises(RuntimeError):
        theirs.wasserstein_gradient_penalty(
            data, data, None, lambda x, _: x, "scope"
        )
    ones = np.ones((2, 4), "float32")
    found = penalty(ones, ones, lambda x, _: x)
    assert float(found) == pytest.approx(1.0)


def test_softmax_is_differentiated_as_it_is_computed():
    # TF-GAN's slope is softmax - labels, whatever the labels sum up to. Of
    # the labels (2, 0) and equal logits it is 1 - 2 = -1, not -1.5.
    _, _, slopes = backend.value_and_input_gradients(
        lambda logits: (
            tfgan.acgan_generator_loss(logits, [[2.0, 0.0]]),
            None,
        ),
        ops.zeros((1, 2)),
    )
    np.testing.assert_allclose(
        ops.convert_to_numpy(slopes), [[-1.0, 1.0]], atol=1e-6
    )
    with tf.GradientTape() as tape:
        logits = tf.zeros((1, 2))
        tape.watch(logits)
        loss = theirs.acgan_generator_loss(logits, [[2.0, 0.0]])
    np.testing.assert_allclose(tape.gradient(loss, logits), [[-1.5, 0.5]])


def test_means_of_half_precision_do_not_overflow():
    # TF-GAN adds up float16 in float16, and has NaN.
    large = np.full(4, 3e4, "float16")
    for name in (
        "relativistic_discriminator_loss",
        "relativistic_generator_loss",
    ):
        assert not np.isfinite(float(getattr(theirs, name)(large, large)))
        found = getattr(tfgan, name)(large, large)
        assert float(found) == pytest.approx(2 * np.log(2), rel=1e-3)


def test_functions_have_names_of_their_own():
    # TF-GAN's two Wasserstein generator losses both go by the hinge's name.
    assert theirs.wasserstein_generator_loss.__name__ == (
        "wasserstein_hinge_generator_loss"
    )
    assert tfgan.wasserstein_generator_loss.__name__ == (
        "wasserstein_generator_loss"
    )
    assert tfgan.wasserstein_hinge_generator_loss is (
        tfgan.wasserstein_generator_loss
    )


@pytest.mark.parametrize(
    "slopes, expected",
    [
        ((0.0, 3.0), 5.0),  # The main loss has no say.
        ((2.0, 0.0), 5.0 + 2.0 / 1e-6 * 7.0),  # Epsilon alone divides.
        ((0.0, 0.0), 5.0),
    ],
)
def test_ratio_of_gradients_that_are_zero_is_finite(slopes, expected):
    # TF-GAN divides by the largest number of the gradient: NaN.
    variable = keras.Variable(1.0)
    loss = tfgan.combine_adversarial_loss(
        lambda: slopes[0] * (variable - 1.0) + 5.0,
        lambda: slopes[1] * (variable - 1.0) + 7.0,
        gradient_ratio=1.0,
        variables=[variable],
    )
    assert float(loss) == pytest.approx(expected, rel=1e-6)


def test_ratio_of_gradients_is_nan_in_tf_gan():
    @tf.function(autograph=False)
    def combine():
        variable = tf.ones(())
        return theirs.combine_adversarial_loss(
            0.0 * variable, 3.0 * variable, None, 1.0, variables=[variable]
        )

    assert np.isnan(float(combine()))


def test_combination_runs_eagerly_with_default_arguments():
    # TF-GAN wants gradients for its summaries: RuntimeError.
    one = tf.ones(())
    with pytest.raises(RuntimeError):
        theirs.combine_adversarial_loss(one, one, weight_factor=1.0)
    ones = ops.ones(())
    found = tfgan.combine_adversarial_loss(ones, ones, weight_factor=1.0)
    assert float(found) == 2.0


def test_ratio_needs_variables():
    # TF-GAN takes all of the graph; Keras has no such list.
    for variables in (None, [], [np.ones(2)]):
        with pytest.raises(ValueError, match="Received: variables="):
            tfgan.combine_adversarial_loss(
                lambda: 1.0,
                lambda: 1.0,
                gradient_ratio=1.0,
                variables=variables,
            )


def ratio_of_tensors(variable):
    value = ops.convert_to_tensor(variable)
    return tfgan.combine_adversarial_loss(
        2.0 * value, 3.0 * value, gradient_ratio=0.5, variables=[variable]
    )


@pytest.mark.skipif(
    keras.backend.backend() == "torch", reason="torch tensors remember"
)
def test_ratio_of_tensors_that_do_not_remember():
    with pytest.raises(ValueError, match="as functions.*Received: main_loss"):
        ratio_of_tensors(keras.Variable(1.0))


@pytest.mark.skipif(
    keras.backend.backend() == "jax", reason="JAX arrays do not remember"
)
@pytest.mark.parametrize("jit_compile", [False, True])
def test_ratio_of_tensors_that_remember(jit_compile):
    variable = keras.Variable(1.0)
    run = lambda: ratio_of_tensors(variable)  # noqa: E731
    if is_tensorflow:
        run = tf.function(run, jit_compile=jit_compile, autograph=False)
    assert float(run()) == pytest.approx(6.0, rel=1e-6)


def test_combination_can_be_differentiated_further():
    # v^2 + w v with w = 2v / 1 held: 2 v + w = 4 v. The weight is constant.
    variable = keras.Variable(3.0)

    def losses():
        combined = tfgan.combine_adversarial_loss(
            lambda: ops.square(variable),
            lambda: 1.0 * variable,
            gradient_ratio=1.0,
            gradient_ratio_epsilon=0.0,
            variables=[variable],
        )
        return [combined], None

    (value,), _, ((slope,),) = backend.compute_gradients(
        losses, [[variable]], [lambda loss: loss]
    )
    assert float(value) == pytest.approx(9.0 + 6.0 * 3.0, rel=1e-6)
    assert float(slope) == pytest.approx(12.0, rel=1e-6)


@pytest.mark.parametrize(
    "weights", [{}, {"weight_factor": 1.0, "gradient_ratio": 1.0}]
)
def test_exactly_one_weight(weights):
    with pytest.raises(ValueError, match="exactly one.*Received"):
        tfgan.combine_adversarial_loss(ops.ones(()), ops.ones(()), **weights)


def test_losses_of_other_shapes_are_averaged_by_sample():
    main = ops.convert_to_tensor([[1.0, 3.0], [5.0, 7.0]])
    adversarial = ops.convert_to_tensor([10.0, 20.0])
    with pytest.warns(UserWarning, match="mean of each sample"):
        loss = tfgan.combine_adversarial_loss(
            main, adversarial, weight_factor=0.1
        )
    np.testing.assert_allclose(ops.convert_to_numpy(loss), [3.0, 8.0])


@pytest.mark.parametrize("shape", [(), (3,), (3, 2)])
def test_losses_of_other_batches_are_refused(shape):
    # TF-GAN: IndexError for a scalar.
    with pytest.raises(ValueError, match="Received: main_loss.shape"):
        tfgan.combine_adversarial_loss(
            ops.ones(shape), ops.ones((5,)), weight_factor=1.0
        )


def test_a_weight_of_zero_leaves_the_adversarial_loss_out():
    # As in TF-GAN; multiplied, a NaN would stay.
    broken = ops.full((2,), float("nan"))
    for weights in ({"weight_factor": 0.0}, {"gradient_ratio": 0}):
        loss = tfgan.combine_adversarial_loss(ops.ones((2,)), broken, **weights)
        np.testing.assert_array_equal(ops.convert_to_numpy(loss), [1.0, 1.0])


def test_norms_do_not_overflow():
    huge = ops.convert_to_tensor(np.array([3e30, 4e30], "float32"))
    assert float(global_norm([huge, None])) == pytest.approx(5e30, rel=1e-6)
    assert float(global_norm([None])) == 0.0
    assert float(gradient_ratio_weight([huge], [huge], 4.0)) == (
        pytest.approx(0.25)
    )


# What TF-GAN refuses too, with errors of TensorFlow's.


@pytest.mark.parametrize("shape", [(2,), (4, 1), (1, 4), (1, 1)])
def test_weights_that_do_not_fit(shape):
    with pytest.raises(ValueError):
        theirs.wasserstein_generator_loss(FAKE, weights=np.ones(shape))
    with pytest.raises(ValueError, match="Received: weights.shape"):
        tfgan.wasserstein_generator_loss(FAKE, weights=np.ones(shape))


def test_no_weights():
    with pytest.raises(ValueError, match="Received: weights=None"):
        tfgan.wasserstein_generator_loss(FAKE, weights=None)


def test_unknown_reduction():
    with pytest.raises(ValueError, match="Received: reduction='mean'"):
        tfgan.wasserstein_generator_loss(FAKE, reduction="mean")


@pytest.mark.parametrize(
    "name", ["wasserstein", "wasserstein_hinge", "least_squares"]
)
def test_outputs_of_other_shapes(name):
    name = f"{name}_discriminator_loss"
    with pytest.raises(ValueError):
        getattr(theirs, name)(FAKE, FAKE[:2])
    with pytest.raises(ValueError, match="Received: discriminator_real_out"):
        getattr(tfgan, name)(FAKE, FAKE[:2])


def test_other_shapes_of_labels_and_reconstructions():
    with pytest.raises(ValueError, match="Received: classification_logits"):
        tfgan.acgan_generator_loss(np.ones((2, 3), "float32"), np.ones((2, 2)))
    with pytest.raises(ValueError, match="Received: data_y.shape"):
        tfgan.cycle_consistency_loss(FAKE, FAKE, FAKE, FAKE[:2])


def test_logits_that_are_integers():
    with pytest.raises(ValueError, match="Received: logits of dtype"):
        tfgan.modified_generator_loss(np.array([1, 2], "int32"))


@pytest.mark.parametrize(
    "codes, distributions",
    [([], object()), ([FAKE], [object()]), ([FAKE, FAKE], [])],
)
def test_distributions_that_do_not_fit(codes, distributions):
    with pytest.raises(ValueError):
        theirs.mutual_information_penalty(codes, distributions)
    with pytest.raises(ValueError, match="Received"):
        tfgan.mutual_information_penalty(codes, distributions)


def test_no_codes():
    assert float(tfgan.mutual_information_penalty([], [])) == 0.0
