"""Tricks around the step in a game: under `fit`, saved, and refused."""

import keras
import numpy as np
import pytest
from keras import layers
from keras import ops

from keras_ganloss.penalties import R1
from keras_ganloss.pools import APA
from keras_ganloss.pools import BatchPool
from keras_ganloss.pools import Pool
from keras_ganloss.pools import SamplePool
from keras_ganloss.transforms import ADA
from keras_ganloss.transforms import Augment
from keras_ganloss.transforms import DiffAugment
from keras_ganloss.transforms import InstanceNoise
from keras_ganloss.transforms import Pack
from keras_ganloss.updates import AlternatingConsensus
from keras_ganloss.updates import Consensus
from keras_ganloss.updates import Unrolled
from tests.helpers import networks

IMAGE = (6, 6, 2)
STATEFUL = {
    "ada": lambda: {
        "transforms": [
            ADA([DiffAugment(["translation"])], interval=2, num_samples=30)
        ]
    },
    "augment": lambda: {
        "transforms": [
            Augment(
                [layers.RandomFlip(seed=1), layers.GaussianNoise(0.1, seed=2)]
            )
        ]
    },
    "sample_pool": lambda: {"pool": SamplePool(6)},
    "batch_pool": lambda: {"pool": BatchPool(4, size=2)},
    "apa": lambda: {"pool": APA(interval=2, num_samples=30)},
}
STATELESS = {
    "instance_noise": lambda: {"transforms": [InstanceNoise(0.3)]},
    "unrolled": lambda: {"updates": Unrolled(0.1, 2)},
    "consensus": lambda: {"updates": Consensus(0.1)},
    "alternating_consensus": lambda: {"updates": AlternatingConsensus(0.1)},
}
TRICKS = {**STATEFUL, **STATELESS}


def images(num=10):
    draw = np.random.default_rng(0).normal(size=(num, *IMAGE))
    return draw.astype("float32")


def game(name, **kwargs):
    options = {"penalties": [R1(0.5)], **TRICKS[name](), **kwargs}
    return networks.game(networks.of_shape(IMAGE), 0.01, **options)


def variables(gan):
    return [ops.convert_to_numpy(variable) for variable in gan.variables]


@pytest.mark.parametrize("name", TRICKS)
def test_resumed_is_uninterrupted(name, tmp_path):
    gan = game(name)
    networks.train(gan, images())
    gan.save(tmp_path / "gan.keras")
    again = keras.saving.load_model(tmp_path / "gan.keras")
    assert networks.equal(variables(gan), variables(again))
    for one in (gan, again):
        networks.train(one, images())
    assert networks.equal(variables(gan), variables(again))


@pytest.mark.parametrize("name", STATEFUL)
def test_what_is_remembered_changes_in_training_alone(name):
    gan = game(name)
    start = [ops.convert_to_numpy(v) for v in gan.component_state.variables]
    gan.evaluate(images(), batch_size=4, verbose=0)
    assert networks.equal(
        start, [ops.convert_to_numpy(v) for v in gan.component_state.variables]
    )
    networks.train(gan, images())
    assert not networks.equal(
        start, [ops.convert_to_numpy(v) for v in gan.component_state.variables]
    )


EAGERLY = {
    name: trick
    for name, trick in TRICKS.items()
    if name in ("ada", "sample_pool", "unrolled", "consensus")
}


@pytest.mark.parametrize("name", EAGERLY)
def test_compiled_is_eager(name):
    gans = [game(name), game(name, run_eagerly=True)]
    for gan in gans:
        networks.train(gan, images())
    for one, other in zip(*map(variables, gans), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


class Apart(Pool):
    """Gives the discriminator zeros for fakes."""

    def __call__(self, samples, seed_generator):
        return samples._replace(fake=ops.zeros_like(samples.fake))


@pytest.mark.parametrize("updates", ["alternating", "simultaneous"])
def test_a_pool_is_for_the_discriminator_alone(updates):
    """D(x) = w x, Wasserstein, real 3: D sees fakes 0, G its own."""
    generator = keras.Sequential(
        [keras.Input((2,)), layers.Dense(1, kernel_initializer="zeros")]
    )
    gan = networks.game(
        (generator, networks.linear(1)),
        d_loss="wasserstein",
        pool=Apart(),
        updates=updates,
    )
    history = networks.train(gan, np.full((4, 1), 3.0, "float32"))
    weight = float(gan.discriminator.get_weights()[0][0, 0])
    assert weight == pytest.approx(1.0 + 0.1 * 3.0)
    seen = 1.0 if updates == "simultaneous" else weight
    bias = float(gan.generator.get_weights()[1][0])
    assert bias == pytest.approx(0.1 * seen)
    assert history["d_loss"] == [-3.0]


def test_packs_under_fit():
    """D sums up both of a pack: two samples of 3 a pack, and one left out."""
    generator = keras.Sequential(
        [keras.Input((2,)), layers.Dense(1, kernel_initializer="zeros")]
    )
    gan = networks.game(
        (generator, networks.linear(2)),
        d_loss="wasserstein",
        transforms=[Pack(2)],
        penalties=[R1(1.0)],
    )
    x = np.full((5, 1), 3.0, "float32")
    assert gan.evaluate(x, batch_size=5, verbose=0, return_dict=True)[
        "d_loss"
    ] == pytest.approx(-6.0 + 0.5 * 4 / 5)
    networks.train(gan, x, batch_size=5)
    # D is -w.(3, 3); R1 is |w_j|^2 / 2 over samples, of which one has none:
    # 2 w_1^2 + 2 w_2^2, by 5, by 2.
    weights = gan.discriminator.get_weights()[0].ravel()
    np.testing.assert_allclose(weights, 1.0 + 0.1 * (3.0 - 0.4), rtol=1e-5)
    bias = float(gan.generator.get_weights()[1][0])
    assert bias == pytest.approx(0.1 * 2 * weights[0], rel=1e-5)


def test_a_discriminator_that_was_not_made_for_packs():
    with networks.raises("that `transforms` make"):
        networks.game(networks.vectors(), transforms=[Pack(2)])


def test_packs_have_no_weights():
    generator, _ = networks.conditional()
    sample, condition = keras.Input((4,)), keras.Input((6,))
    x = layers.Concatenate()([sample, condition])
    discriminator = keras.Model([sample, condition], layers.Dense(1)(x))
    gan = networks.game((generator, discriminator), transforms=[Pack(2)])
    x, condition = networks.data(8), networks.data(8, 3)
    networks.train(gan, x, condition)
    with pytest.raises(ValueError, match="weights of samples.*Received: "):
        networks.train(gan, x, condition, sample_weight=np.ones(8))


def test_pools_refuse_conditions():
    with networks.raises("without a condition"):
        networks.game(networks.conditional(), pool=SamplePool())
    networks.game(networks.conditional(), pool=APA())


def test_penalties_differentiate_before_the_transform():
    """Noise of any size leaves the gradient of a linear D as it is."""
    gan = networks.game(
        (networks.linear(networks.LATENT), networks.linear(1, kernel=2.0)),
        0.0,
        transforms=[InstanceNoise(5.0)],
        penalties=[R1(1.0)],
    )
    history = networks.train(gan, np.zeros((8, 1), "float32"))
    assert history["r1"] == [pytest.approx(0.5 * 2.0**2)]


def test_freeze_d():
    """FreezeD: the first layers of a trained discriminator stay."""
    discriminator = networks.mlp(2, 1, seed=5)
    discriminator.layers[0].trainable = False
    gan = networks.game((networks.vectors()[0], discriminator))
    before = discriminator.get_weights(), gan.generator.get_weights()
    networks.train(gan, networks.data(8))
    after = discriminator.get_weights(), gan.generator.get_weights()
    assert [np.array_equal(*pair) for pair in zip(before[0], after[0])] == [
        True, True, False, False,
    ]  # fmt: skip
    # The generator learns through the frozen layer.
    assert not np.array_equal(before[1][0], after[1][0])
