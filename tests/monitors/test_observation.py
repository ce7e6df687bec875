"""What an `Observer` sees by pencil, of every game, and without a trace."""

import keras
import numpy as np
import pytest

from keras_ganloss import GAN
from keras_ganloss.models import SupervisedGAN
from keras_ganloss.monitors.observation import Observer
from tests.helpers import dirac
from tests.helpers import networks
from tests.models import test_bi_gan
from tests.models import test_cycle_gan
from tests.models import test_star_gan

THETA, PSI = 1.0, 2.0


def look(gan, *data, batch_size=4, **settings):
    return Observer(gan, batch_size, seed=0, **settings).look(data)


@pytest.mark.parametrize("loss", sorted(dirac.G_GRADIENTS))
def test_gradient_by_pencil(loss):
    gan = dirac.dirac_gan(THETA, PSI)
    gan.compile(dirac.sgd(0.1), dirac.sgd(0.1), d_loss=loss)
    view = look(gan, np.zeros((8, 1)))
    # Each sample is theta, and the mean loss is that of each.
    expected = abs(dirac.G_GRADIENTS[loss](THETA, PSI))
    assert view.gradient == pytest.approx(expected, rel=1e-5)
    np.testing.assert_allclose(view.fake[0], np.full((8, 1), THETA))
    np.testing.assert_allclose(view.fake_output, np.full(8, THETA * PSI))
    np.testing.assert_array_equal(view.real_output, np.zeros(8))


def test_gradient_is_that_of_one_sample():
    """Of a mean, n samples have an n-th each; the size of a batch is none."""
    gan = dirac.dirac_gan(THETA, PSI)
    gan.compile(dirac.sgd(0.1), dirac.sgd(0.1), d_loss="wasserstein")
    for num, batch_size in ((2, 2), (8, 2), (8, 8), (9, 4)):
        view = look(gan, np.zeros((num, 1)), batch_size=batch_size)
        assert view.gradient == pytest.approx(PSI)


def test_noise_is_the_same_each_time_and_new_in_each_batch():
    gan = networks.game()
    first, second = (look(gan, networks.data(8)).fake[0] for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert not np.allclose(first[:4], first[4:])


def test_what_fills_no_batch_is_left_out():
    gan = networks.game()
    assert look(gan, networks.data(11)).real[0].shape == (8, 2)
    assert look(gan, networks.data(3)).real[0].shape == (3, 2)


def test_the_averaged_generator_is_seen():
    gan = networks.game(ema=0.5)
    networks.begin_average(gan)
    zeros = [0.0 * weight for weight in gan.generator.get_weights()]
    gan.generator.set_weights(zeros)
    assert np.ptp(look(gan, networks.data(4)).fake[0]) > 0.0


def test_samples_of_several_parts():
    gan = test_cycle_gan.of_unequal_domains()
    view = look(gan, networks.data(4, 2), networks.data(4, 3))
    assert [part.shape for part in view.real] == [(4, 2), (4, 3)]
    assert [part.shape for part in view.fake] == [(4, 2), (4, 3)]
    assert view.real_output.shape == view.fake_output.shape == (8,)


def test_conditions():
    gan = networks.game(networks.labelled())
    view = look(gan, networks.data(4), networks.labels(4))
    assert view.fake[0].shape == (4, 2)


def test_supervised_answers_are_the_samples():
    gan = SupervisedGAN(
        networks.linear(2, kernel=0.5), networks.linear(1),
        conditional=False, seed=0,
    )  # fmt: skip
    gan.compile(loss="mse", d_loss="wasserstein")
    x = networks.data(4)
    view = look(gan, x, x.sum(axis=1, keepdims=True))
    np.testing.assert_allclose(
        view.fake[0][:, 0], 0.5 * x.sum(axis=1), rtol=1e-5
    )
    # The critic is the identity, and the explicit loss is left out.
    assert view.gradient == pytest.approx(1.0)


def test_pairs_of_samples_and_codes():
    view = look(test_bi_gan.small(), networks.data(4))
    # Of the pairs the discriminator sees, the codes are no samples.
    assert [part.shape for part in view.fake] == [(4, 2)]


def test_domains():
    view = look(test_star_gan.small(), networks.data(4), np.arange(4) % 3)
    assert view.fake[0].shape == (4, 2)
    # Another output beside the logits is not theirs.
    assert view.real_output.shape == (4,)


def test_images_and_patches():
    generator, discriminator = networks.of_shape((6, 6, 1))
    patches = keras.Sequential(
        [keras.Input((6, 6, 1)), keras.layers.Conv2D(1, 2, strides=2)]
    )
    gan = GAN(generator, patches, seed=0)
    gan.compile()
    view = look(gan, np.zeros((4, 6, 6, 1), "uint8"))
    assert view.fake[0].shape == (4, 36)
    assert view.fake_output.shape == (4 * 9,)
    del discriminator


def test_features_are_compared_in_place_of_samples():
    gan = networks.game()
    view = look(
        gan, networks.data(4), features=lambda x: x.sum(axis=1, keepdims=True)
    )
    np.testing.assert_allclose(
        view.real[0][:, 0], networks.data(4).sum(axis=1), rtol=1e-5
    )


@pytest.mark.parametrize(
    "view, expected", [((1.0, 2.0), True), ((np.nan, 1.0), False)]
)
def test_finite(view, expected):
    gan = networks.game()
    seen = look(gan, networks.data(4))._replace(real_output=np.array(view))
    assert seen.is_finite() is expected


def test_held_out_data_score_as_others_do():
    gan = networks.game()
    samples = networks.data(8)
    held_out = Observer(gan, batch_size=4, seed=0).score((samples,))
    view = look(gan, samples)
    np.testing.assert_array_equal(held_out.real[0], view.real[0])
    np.testing.assert_allclose(
        held_out.real_output, view.real_output, rtol=1e-6
    )
    assert held_out.is_finite()
    assert not held_out._replace(real=[np.array([np.inf])]).is_finite()


def test_no_trace():
    """Dropout, moving statistics and random states stay as they are."""
    gan = networks.game(
        networks.vectors(dropout=0.5, batch_normalization=True), ema=0.5
    )
    networks.train(gan, networks.data())
    before = networks.weights(gan)
    look(gan, networks.data())
    Observer(gan, batch_size=4, seed=0).score((networks.data(),))
    assert networks.equal(before, networks.weights(gan))
