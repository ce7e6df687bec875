"""Several discriminators of one generator, and data that are no images."""

import keras
import numpy as np
import pytest
from keras import layers
from keras import ops

from keras_ganloss import GAN
from keras_ganloss import SupervisedGAN
from keras_ganloss.penalties import R1
from keras_ganloss.penalties import GradientPenalty
from keras_ganloss.pools import SamplePool
from tests.helpers.networks import LATENT
from tests.helpers.networks import data
from tests.helpers.networks import equal
from tests.helpers.networks import game
from tests.helpers.networks import mlp
from tests.helpers.networks import seeded
from tests.helpers.networks import sgd
from tests.helpers.networks import train
from tests.helpers.networks import weights

RANDOM = np.random.default_rng(0)


def score(seed):
    """A linear critic of vectors."""
    return layers.Dense(1, kernel_initializer=seeded(seed))


def ensemble(structure=list):
    """Three critics that look at one, the other, and both of two numbers."""
    sample = keras.Input((2,))
    outputs = [
        score(1)(sample[:, :1]),
        score(2)(sample[:, 1:]),
        mlp(2, 1, seed=3)(sample),
    ]
    if structure is dict:
        outputs = dict(zip(("left", "right", "both"), outputs))
    return keras.Model(sample, outputs)


def scales():
    """Two linear patch critics of images of 8 x 8: as they are, and halved."""

    def patches(seed):
        return layers.Conv2D(1, 2, strides=2, kernel_initializer=seeded(seed))

    image = keras.Input((8, 8, 1))
    half = layers.AveragePooling2D(2)(image)
    return keras.Model(image, [patches(1)(image), patches(2)(half)])


def generator_of(shape):
    return keras.Sequential(
        [
            keras.Input((LATENT,)),
            layers.Dense(int(np.prod(shape)), kernel_initializer=seeded(9)),
            layers.Reshape(shape),
        ]
    )


def both_sides(gan, real):
    """Outputs on real samples and on fakes, as flat lists of arrays."""
    samples = gan.turn("generator", training=False).draw((real,))
    return [
        [
            ops.convert_to_numpy(output)
            for output in keras.tree.flatten(gan.discriminator(batch))
        ]
        for batch in (samples.real, samples.fake)
    ]


def hinge(real, fake):
    """Both sides, added up over the critics, averaged within each."""
    d_loss = sum(
        np.maximum(0, 1 - one).mean() + np.maximum(0, 1 + other).mean()
        for one, other in zip(real, fake)
    )
    return d_loss, -sum(other.mean() for other in fake)


@pytest.mark.parametrize("structure", [list, dict])
def test_losses_of_critics_add_up(structure):
    gan = GAN(mlp(LATENT, 2), ensemble(structure), seed=0)
    gan.compile(d_loss="hinge")
    real = data(6)
    with gan.random_state_kept():
        expected = hinge(*both_sides(gan, real))
    logs = gan.evaluate(real, verbose=0, return_dict=True)
    found = logs["d_loss"], logs["g_loss"]
    assert found == pytest.approx(expected, rel=1e-5)


def test_each_scale_and_each_patch_counts():
    gan = GAN(generator_of((8, 8, 1)), scales(), seed=0)
    gan.compile(d_loss="hinge", penalties=[R1(2.0)])
    real = RANDOM.normal(size=(6, 8, 8, 1)).astype("float32")
    with gan.random_state_kept():
        judged = both_sides(gan, real)
    assert [output.shape for output in judged[0]] == [
        (6, 4, 4, 1),
        (6, 2, 2, 1),
    ]
    logs = gan.evaluate(real, verbose=0, return_dict=True)
    # The gradient of the sum of the outputs: the small kernel is in each of
    # 4 x 4 places, and a quarter of it in each pixel it is averaged from.
    near, far = (
        ops.convert_to_numpy(layer.kernel)[..., 0, 0]
        for layer in gan.discriminator.layers
        if isinstance(layer, layers.Conv2D)
    )
    gradient = np.tile(near, (4, 4))
    gradient += np.kron(np.tile(far, (2, 2)), np.full((2, 2), 0.25))
    penalty = np.sum(gradient**2)
    d_loss, g_loss = hinge(*judged)
    assert logs["r1"] == pytest.approx(penalty, rel=1e-5)
    assert logs["d_loss"] == pytest.approx(d_loss + penalty, rel=1e-5)
    assert logs["g_loss"] == pytest.approx(g_loss, rel=1e-5)


def test_critics_in_a_dict_train_as_in_a_list():
    gans = [
        game(
            (mlp(LATENT, 2), ensemble(structure)),
            penalties=[GradientPenalty(1.0)],
        )
        for structure in (list, dict)
    ]
    histories = [train(gan, data(8), epochs=2) for gan in gans]
    for name, values in histories[0].items():
        assert values == pytest.approx(histories[1][name], rel=1e-5)


def test_each_critic_learns_by_itself():
    """A step of an ensemble is a step of each, on what it looks at."""
    together = GAN(mlp(LATENT, 2), ensemble(), seed=0)
    alone = GAN(mlp(LATENT, 2), mlp(2, 1, seed=3), seed=0)
    for gan in (together, alone):
        gan.compile(sgd(0.1), sgd(0.0), d_loss="hinge")
        train(gan, data(8))
    both = together.discriminator.layers[-1]
    for one, other in zip(both.weights, alone.discriminator.weights):
        np.testing.assert_allclose(
            ops.convert_to_numpy(one), ops.convert_to_numpy(other), rtol=1e-5
        )


def test_a_supervised_model_before_two_critics():
    x = RANDOM.normal(size=(8, LATENT)).astype("float32")
    gan = SupervisedGAN(
        mlp(LATENT, 2), ensemble(dict), conditional=False, seed=0
    )
    gan.compile(loss="mae", d_loss="hinge", loss_weights={"adversarial": 0.5})
    y = data(8)
    fake = gan.predict(x, verbose=0)
    judged = [
        [gan.discriminator(batch)[name] for name in ("left", "right", "both")]
        for batch in (y, fake)
    ]
    judged = keras.tree.map_structure(ops.convert_to_numpy, judged)
    d_loss, g_loss = hinge(*judged)
    logs = gan.evaluate(x, y, verbose=0, return_dict=True)
    assert logs["d_loss"] == pytest.approx(d_loss, rel=1e-5)
    assert logs["g_loss"] == pytest.approx(
        0.5 * g_loss + np.abs(y - fake).mean(), rel=1e-5
    )


def convolutional():
    discriminator = keras.Sequential(
        [
            keras.Input((4, 2)),
            layers.Conv1D(3, 3, activation="tanh"),
            layers.GlobalAveragePooling1D(),
            score(1),
        ]
    )
    return generator_of((4, 2)), discriminator


def recurrent():
    generator = keras.Sequential(
        [
            keras.Input((LATENT,)),
            layers.RepeatVector(4),
            layers.LSTM(3, return_sequences=True, seed=1),
            layers.Dense(2, kernel_initializer=seeded(2)),
        ]
    )
    discriminator = keras.Sequential(
        [keras.Input((4, 2)), layers.LSTM(3, seed=2), score(1)]
    )
    return generator, discriminator


@pytest.mark.parametrize("networks", [convolutional, recurrent])
def test_sequences_go_to_a_level(networks):
    """Real sequences are constant; so become those that are made."""
    real = np.full((256, 4, 2), [1.0, -1.0], "float32")
    real += 0.05 * RANDOM.normal(size=real.shape).astype("float32")
    keras.utils.set_random_seed(0)
    gan = GAN(*networks(), seed=0)
    gan.compile(
        keras.optimizers.Adam(2e-2, beta_1=0.5),
        keras.optimizers.Adam(2e-2, beta_1=0.5),
        penalties=[R1(0.1)],
        ema=0.9,
    )
    gan.fit(real, batch_size=64, epochs=20, verbose=0)
    means = gan.generate(200, seed=0).mean(axis=(0, 1))
    np.testing.assert_allclose(means, [1.0, -1.0], atol=0.25)


def tabular():
    """Rows of two numbers and one class of three."""
    latent = keras.Input((LATENT,))
    hidden = layers.Dense(16, "tanh", kernel_initializer=seeded(1))(latent)
    kinds = layers.Dense(3, "softmax", kernel_initializer=seeded(2))(hidden)
    numbers = layers.Dense(2, kernel_initializer=seeded(3))(hidden)
    generator = keras.Model(latent, {"kind": kinds, "numbers": numbers})
    row = {
        name: keras.Input((size,), name=name)
        for name, size in (("kind", 3), ("numbers", 2))
    }
    hidden = layers.Concatenate()([row["kind"], row["numbers"]])
    hidden = layers.Dense(16, "tanh", kernel_initializer=seeded(4))(hidden)
    return generator, keras.Model(row, score(5)(hidden))


def rows(num=512):
    """The first number says the class, which is never the last one."""
    kinds = RANDOM.integers(0, 2, num)
    numbers = np.stack([2.0 * kinds - 1.0, np.zeros(num)], axis=1)
    numbers += 0.1 * RANDOM.normal(size=numbers.shape)
    return {
        "kind": np.eye(3, dtype="float32")[kinds],
        "numbers": numbers.astype("float32"),
    }


def test_rows_of_mixed_columns():
    gan = GAN(*tabular(), seed=0)
    gan.compile(
        keras.optimizers.Adam(2e-2, beta_1=0.5),
        keras.optimizers.Adam(2e-2, beta_1=0.5),
        penalties=[R1(0.1)],
        ema=0.9,
    )
    gan.fit(rows(), batch_size=64, epochs=10, verbose=0)
    made = gan.generate(500, seed=0)
    kinds = made["kind"].argmax(axis=1)
    assert set(np.unique(kinds)) == {0, 1}
    # Columns go together.
    sign = made["numbers"][:, 0] > 0.0
    assert np.mean(sign == (kinds == 1)) > 0.9


def test_rows_saved_in_the_middle_end_the_same(tmp_path):
    samples = rows(8)

    def make():
        gan = GAN(*tabular(), seed=0)
        gan.compile(pool=SamplePool(4), penalties=[R1(0.1)])
        return gan

    whole, half = make(), make()
    train(whole, samples, epochs=4)
    train(half, samples, epochs=2)
    half.save(tmp_path / "gan.keras")
    half = keras.saving.load_model(tmp_path / "gan.keras")
    train(half, samples, epochs=4, initial_epoch=2)
    assert equal(weights(half), weights(whole))
