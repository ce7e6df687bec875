"""Spectral normalization, against numpy's singular values."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_ganloss import GAN
from keras_ganloss import backend
from keras_ganloss import layers
from keras_ganloss import penalties
from tests.helpers.turns import make_judge

KERNEL = np.array([[3.0, 0.0], [0.0, -2.0], [0.0, 0.0]], "float32")
POINTS = np.eye(3, dtype="float32")


def dense(kernel=KERNEL, **kwargs):
    layer = layers.SpectralNormalization(
        keras.layers.Dense(2, use_bias=False), **kwargs
    )
    layer.build((None, 3))
    layer.layer.kernel.assign(kernel)
    layer.vectors[0].assign([[1.0, 1.0]])
    return layer


def numpy(tensor):
    return ops.convert_to_numpy(tensor)


def test_by_hand():
    # v = W u / |.| = (3, -2) / sqrt(13), W'v = (9, 4) / sqrt(13), sigma is
    # the norm of the latter: sqrt(97 / 13); u = (9, 4) / sqrt(97).
    layer = dense()
    found = numpy(layer(POINTS, training=True))
    np.testing.assert_allclose(found, KERNEL / np.sqrt(97 / 13), rtol=1e-6)
    np.testing.assert_allclose(
        numpy(layer.vectors[0]), np.array([[9.0, 4.0]]) / np.sqrt(97), rtol=1e-6
    )
    np.testing.assert_array_equal(numpy(layer.layer.kernel), KERNEL)


def test_nothing_moves_outside_of_training():
    layer = dense()
    first = numpy(layer(POINTS, training=False))
    np.testing.assert_array_equal(numpy(layer.vectors[0]), [[1.0, 1.0]])
    np.testing.assert_array_equal(first, numpy(layer(POINTS)))


@pytest.mark.parametrize(
    "factor, constrained, norm",
    [(1.0, True, 1.0), (0.1, True, 1.0), (1.0, False, 1.0), (0.1, False, 0.3)],
)
def test_equality_constrained(factor, constrained, norm):
    layer = dense(
        factor * KERNEL, power_iterations=50, equality_constrained=constrained
    )
    found = numpy(layer(POINTS))
    assert np.linalg.norm(found, 2) == pytest.approx(norm, rel=1e-5)


def test_a_kernel_of_zeros_stays_finite_and_recovers():
    layer = dense(0.0 * KERNEL)
    np.testing.assert_array_equal(numpy(layer(POINTS, training=True)), 0.0)
    layer.layer.kernel.assign(KERNEL)
    for _ in range(50):
        layer(POINTS, training=True)
    assert np.linalg.norm(numpy(layer(POINTS)), 2) == pytest.approx(1.0)


def test_gradient_goes_through_the_norm():
    # The quotient does not change with the kernel's size, so its gradient is
    # orthogonal to the kernel.
    layer = dense(power_iterations=50)
    _, _, ((slope,),) = backend.compute_gradients(
        lambda: ([ops.sum(layer(POINTS) ** 3)], None),
        [layer.trainable_weights],
        [lambda loss: loss],
    )
    assert abs(numpy(slope)).max() > 0.1
    assert (numpy(slope) * KERNEL).sum() == pytest.approx(0.0, abs=1e-5)


@pytest.mark.parametrize(
    "inner, shape, count",
    [
        (lambda: keras.layers.Conv1D(3, 2), (5, 2), 1),
        (lambda: keras.layers.Conv2D(3, 3), (5, 5, 2), 1),
        (lambda: keras.layers.Conv3D(3, 2), (4, 4, 4, 2), 1),
        (lambda: keras.layers.Conv2DTranspose(3, 3, strides=2), (5, 5, 2), 1),
        (lambda: keras.layers.DepthwiseConv2D(3), (5, 5, 2), 1),
        (lambda: keras.layers.SeparableConv2D(3, 3), (5, 5, 2), 2),
        (lambda: keras.layers.EinsumDense("ab,bc->ac", 3), (4,), 1),
        (lambda: keras.layers.GRU(3), (4, 2), 2),
    ],
)
def test_every_kernel_has_norm_one(inner, shape, count):
    layer = layers.SpectralNormalization(inner(), power_iterations=1000)
    points = np.random.default_rng(0).normal(size=(2, *shape))
    points = points.astype("float32")
    found = numpy(layer(points))
    assert len(layer.kernels) == count
    for kernel in layer.kernels:
        matrix = numpy(kernel).reshape(-1, kernel.shape[-1])
        norm = np.linalg.norm(matrix, 2)
        kernel.assign(numpy(kernel) / norm)
    np.testing.assert_allclose(found, numpy(layer.layer(points)), atol=1e-4)


def test_embedding_and_its_mask():
    layer = layers.SpectralNormalization(
        keras.layers.Embedding(3, 2, mask_zero=True), power_iterations=50
    )
    layer.build((None, 4))
    layer.layer.embeddings.assign(KERNEL)
    found = layer(np.array([[0, 1, 2, 0]]))
    np.testing.assert_allclose(
        numpy(found)[0], KERNEL[[0, 1, 2, 0]] / 3.0, atol=1e-6
    )
    assert numpy(layer.compute_mask(np.array([[0, 1]]))).tolist() == [
        [False, True]
    ]


def test_losses_and_states_of_the_layer_are_kept():
    layer = layers.SpectralNormalization(
        keras.Sequential(
            [
                keras.layers.Dense(2, activity_regularizer="l2"),
                keras.layers.BatchNormalization(momentum=0.0),
            ]
        )
    )
    layer(POINTS + 1.0, training=True)
    assert len(layer.losses) == 1
    mean = layer.layer.layers[1].moving_mean
    assert abs(numpy(mean)).max() > 0.0


def critic(wrap):
    return keras.Sequential(
        [
            keras.Input((2,)),
            wrap(keras.layers.Dense(4, activation="tanh")),
            wrap(keras.layers.Dense(1)),
        ]
    )


@pytest.mark.parametrize("d_steps", [1, 2])
def test_game_with_a_penalty_on_gradients(d_steps):
    generator = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    discriminator = critic(layers.SpectralNormalization)
    gan = GAN(generator, discriminator, seed=0)
    gan.compile(d_loss="hinge", penalties=[penalties.R1(1.0)], d_steps=d_steps)
    wrapper = discriminator.layers[0]
    before = numpy(wrapper.vectors[0]), numpy(wrapper.layer.kernel)
    data = np.random.default_rng(0).normal(size=(8, 2)).astype("float32")
    history = gan.fit(data, batch_size=4, epochs=2, verbose=0).history
    assert np.isfinite(history["d_loss"]).all()
    assert np.isfinite(history["r1"]).all()
    assert abs(numpy(wrapper.vectors[0]) - before[0]).max() > 1e-4
    # Adam moved the kernel by its rate a step; nothing else did.
    moved = abs(numpy(wrapper.layer.kernel) - before[1]).max()
    assert 0.0 < moved < 4 * 2e-4 * 1.5


def test_generators_turn_moves_no_vector():
    discriminator = critic(layers.SpectralNormalization)
    vectors = [v for wrap in discriminator.layers for v in wrap.vectors]
    before = [numpy(vector) for vector in vectors]
    points = ops.ones((4, 2))
    seen = make_judge(discriminator, player="generator").outputs(points)
    for vector, value in zip(vectors, before):
        np.testing.assert_array_equal(numpy(vector), value)
    np.testing.assert_allclose(
        numpy(seen), numpy(discriminator(points, training=True)), rtol=1e-6
    )


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: layers.SpectralNormalization("dense"), "layer='dense'"),
        (
            lambda: layers.SpectralNormalization(
                keras.layers.Dense(1), power_iterations=0
            ),
            "power_iterations=0",
        ),
        (
            lambda: layers.SpectralNormalization(keras.layers.PReLU()).build(
                (None, 3)
            ),
            r"layer=PReLU, with the weights \['alpha'\]",
        ),
        (
            lambda: layers.SpectralNormalization(
                keras.layers.MultiHeadAttention(1, 2)
            ).build((None, 3, 2)),
            "layer=MultiHeadAttention",
        ),
    ],
)
def test_errors(make, message):
    with pytest.raises(ValueError, match="Received: " + message):
        make()
