"""What users set up, from public reports, as a whole: right to the number.

Kinds of faults have tests where their code is. What stands there already:

| what somebody did | test |
|---|---|
| data of odd kinds: complex, masked, sparse, lists, `None`, NaN, words | `models/test_readable_data.py`, `models/test_data_errors.py` |
| networks swapped, arguments of other packages, wrong order of inputs | `models/test_first_mistakes.py` |
| conditions of one rank, then of another | `models/test_generating.py` |
| `metrics=["accuracy"]`, `weighted_metrics`, weights of pixels, own `compute_loss` | `models/test_same_as_keras.py` |
| a `train_step` of the model's own | `models/test_explicit_half.py` |
| callbacks that watch `val_loss` | `models/test_explicit_half.py` |
| answers without a target | `models/test_explicit_half.py` |
| integer label maps | `models/test_judged.py` |
| translation that a third network watches | `game/test_turn.py` |
| domains of two sizes, `.h5`, words as conditions | `models/test_readable_data.py` |
| data in 0..255, a softmax at the end | `models/test_range_warning.py`, `game/test_ends.py` |
| freezing after training, saving frozen, weights loaded late | `models/test_averages.py` |
| freezing between two `fit`s | `models/test_freezing.py` |
| `float64` and a penalty | `backend/test_dtypes.py` |
| nothing that has a gradient | `game/test_gradient_checks.py` |
| conditions in a dict, served | `export/test_names.py` |
| `TerminateOnNaN` | `game/test_fit_callbacks.py` |
| features of layers in sub-discriminators | `penalties/test_feature_choice.py` |
"""  # noqa: E501

import keras
import numpy as np
import pytest
from keras import layers
from keras import ops

from keras_ganloss import GAN
from keras_ganloss import SupervisedGAN
from keras_ganloss.balances import GradientRatio
from keras_ganloss.game import Duel
from keras_ganloss.game import Samples
from keras_ganloss.models.supervised_model import SupervisedModel
from keras_ganloss.models.supervision import Answers
from keras_ganloss.penalties import R1
from tests.helpers.networks import LATENT
from tests.helpers.networks import data
from tests.helpers.networks import equal
from tests.helpers.networks import game
from tests.helpers.networks import mlp
from tests.helpers.networks import seeded
from tests.helpers.networks import sgd
from tests.helpers.networks import train

X = data(16)


def numpy(tensor):
    return ops.convert_to_numpy(tensor)


def still(gan, **kwargs):
    """Compiles a game that does not move."""
    gan.compile(d_optimizer=sgd(0.0), g_optimizer=sgd(0.0), **kwargs)
    return gan


@pytest.mark.parametrize("dtype", ["uint8", "bool"])
def test_samples_of_any_dtype(dtype):
    samples = (10.0 * np.abs(X)).astype(dtype)
    runs = [
        train(game(), kind) for kind in (samples, samples.astype("float32"))
    ]
    assert runs[0] == runs[1]


def test_tensors_of_torch():
    torch = pytest.importorskip("torch")
    runs = [train(game(), kind) for kind in (torch.as_tensor(X), X)]
    assert runs[0] == runs[1]


def test_a_last_batch_of_one():
    gan = still(GAN(mlp(LATENT, 2), mlp(2, 1), seed=0))
    logs = train(gan, X[:9])
    judged = numpy(gan.discriminator(X[:9]))
    assert logs["real_output"] == pytest.approx([judged.mean()], rel=1e-5)


def test_samples_in_a_dict():
    """The same as in a list."""

    def pair(kind):
        latent = keras.Input((LATENT,))
        parts = [
            layers.Dense(n, kernel_initializer=seeded(n))(latent)
            for n in (2, 3)
        ]
        a, b = keras.Input((2,), name="a"), keras.Input((3,), name="b")
        joined = layers.Concatenate()([a, b])
        output = layers.Dense(1, kernel_initializer=seeded(1))(joined)
        return (
            keras.Model(latent, kind(parts)),
            keras.Model(kind([a, b]), output),
        )

    runs, made = [], []
    for kind in (list, lambda parts: dict(zip("ab", parts))):
        gan = game(pair(kind), penalties=[R1(1.0)])
        runs.append(train(gan, kind([X, X[:, :1] * np.ones(3, "float32")])))
        made.append(keras.tree.flatten(gan.generate(4, seed=1)))
    assert runs[0] == runs[1]
    assert equal(*made)


def test_samples_of_a_game_that_is_not_compiled():
    gan = GAN(mlp(LATENT, 2), mlp(2, 1), seed=0)
    latent = data(4, LATENT)
    expected = numpy(gan.generator(latent))
    np.testing.assert_allclose(gan.predict(latent), expected, atol=1e-6)
    assert gan.generate(3).shape == (3, 2)


def test_a_schedule_of_rates_goes_on_with_the_game():
    """The callback that steered the model steers it in the game."""
    model = mlp(2, 2)
    model.compile(keras.optimizers.SGD(0.5), "mae")
    gan = SupervisedGAN.from_compiled(model, mlp(2, 1), conditional=False)
    halve = keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2)
    gan.fit(X, X, epochs=2, verbose=0, callbacks=[halve])
    assert float(numpy(model.optimizer.learning_rate)) == 0.125


def square_errors(outputs, target):
    return sum(np.mean((numpy(one) - target) ** 2) for one in outputs)


@pytest.mark.parametrize(
    ("loss", "factor"),
    [("least_squares", 0.5), (keras.losses.MeanSquaredError(), 1.0)],
)
def test_a_vocoder_of_several_discriminators(loss, factor):
    """HiFi-GAN's sums over periods; `least_squares` has the half of LSGAN's."""

    def period(size):
        wave = keras.Input((8, 1))
        folded = layers.Reshape((8 // size, size, 1))(wave)
        hidden = layers.Conv2D(2, (3, 1), padding="same")(folded)
        return keras.Model(wave, layers.Conv2D(1, (2, 1))(hidden))

    wave = keras.Input((8, 1))
    judge = keras.Model(wave, [period(2)(wave), period(4)(wave)])
    generator = keras.Sequential(
        [keras.Input((4, 3)), layers.Conv1DTranspose(1, 2, 2)]
    )
    gan = SupervisedGAN(generator, judge, conditional=False, seed=0)
    weights = {"supervised": 45.0}
    still(gan, loss="mae", d_loss=loss, loss_weights=weights)
    source, target = data(24).reshape(4, 4, 3), data(16).reshape(4, 8, 1)
    logs = gan.evaluate(source, target, verbose=0, return_dict=True)
    real, fake = judge(target), judge(generator(source))
    expected = square_errors(real, 1.0) + square_errors(fake, 0.0)
    assert logs["d_loss"] == pytest.approx(factor * expected, rel=1e-4)
    expected = factor * square_errors(fake, 1.0) + 45.0 * logs["supervised"]
    assert logs["g_loss"] == pytest.approx(expected, rel=1e-4)


class Codebook(layers.Layer):
    """Adds a loss of its own to what it passes on, as a quantizer does."""

    def call(self, inputs):
        self.add_loss(ops.mean(ops.square(inputs - ops.round(inputs))))
        return inputs + ops.stop_gradient(ops.round(inputs) - inputs)


def test_a_quantizer_and_a_balanced_learned_loss():
    """VQGAN's total: reconstruction + codebook + weight * learned."""
    inputs = keras.Input((2,))
    codes = Codebook()(layers.Dense(3)(inputs))
    model = keras.Model(inputs, layers.Dense(2, name="last")(codes))
    gan = SupervisedGAN(model, mlp(2, 1), conditional=False, seed=0)
    balance = GradientRatio(0.8, variables="last/kernel", epsilon=1e-4)
    still(
        gan, loss="mae", d_loss="hinge", loss_weights={"adversarial": balance}
    )
    logs = train(gan, X, X, batch_size=16)
    answers = model(X, training=True)
    (codebook,) = [float(numpy(loss)) for loss in model.losses]
    reconstruction = np.mean(np.abs(numpy(answers) - X))
    learned = -numpy(gan.discriminator(answers)).mean()
    expected = reconstruction + codebook
    assert logs["supervised"] == pytest.approx([expected], rel=1e-4)
    expected += logs["adversarial_weight"][0] * learned
    assert logs["g_loss"] == pytest.approx([expected], rel=1e-4)


@keras.saving.register_keras_serializable("tests")
class AdversarialAutoencoder(SupervisedModel):
    """A reconstruction, and codes that shall look like normal noise."""

    discriminators = ("discriminator",)
    generators = ("encoder", "generator")

    def inputs_within(self, x):
        return self.encoder(x)  # What the supervised generator is called on.

    def draw(self, batch, turn):
        x, _, weight = keras.utils.unpack_x_y_sample_weight(batch)
        code = turn.generate(self.encoder, x)
        again = turn.generate(self.generator, code)
        return Samples(
            turn.normal(code, code.shape[1:]),
            code,
            extras=Answers(x, x, again, None, weight),
        )

    def duels(self, samples, turn):
        return [Duel.over(samples, turn.judge(self.discriminator))]


def test_an_adversarial_autoencoder(tmp_path):
    gan = AdversarialAutoencoder(
        seed=0,
        encoder=mlp(4, 2, seed=1),
        generator=mlp(2, 4, seed=2),
        discriminator=mlp(2, 1, seed=3),
    )
    gan.compile(loss="mse", d_loss="hinge", loss_weights={"adversarial": 0.1})
    x = data(16, 4)
    code = gan.encoder(x)
    logs = gan.evaluate(x, x, verbose=0, return_dict=True)
    error = np.mean((numpy(gan.generator(code)) - x) ** 2)
    learned = -numpy(gan.discriminator(code)).mean()
    assert logs["supervised"] == pytest.approx(error, rel=1e-5)
    assert logs["g_loss"] == pytest.approx(error + 0.1 * learned, rel=1e-4)
    before = [gan.encoder.get_weights(), gan.generator.get_weights()]
    train(gan, x, x)
    for old, network in zip(before, (gan.encoder, gan.generator)):
        moved = [
            not np.array_equal(*w) for w in zip(old, network.get_weights())
        ]
        assert all(moved)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.saving.load_model(tmp_path / "gan.keras")
    assert train(gan, x, x) == train(loaded, x, x)
