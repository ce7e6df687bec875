"""Sounds and spectrograms of sines, whose every pixel is known."""

import io
import re
import wave

import keras
import numpy as np
import pytest
from keras import layers

from keras_ganloss import GAN
from keras_ganloss import SupervisedGAN
from keras_ganloss.callbacks import Report
from keras_ganloss.callbacks import SoundGrid
from keras_ganloss.callbacks import TensorBoard
from keras_ganloss.utils.sounds import FRAME
from keras_ganloss.utils.sounds import MOST_COLUMNS
from keras_ganloss.utils.sounds import clipped_share
from keras_ganloss.utils.sounds import spectrograms
from keras_ganloss.utils.sounds import to_wav
from keras_ganloss.utils.sounds import to_waves
from tests.helpers import image_games

pytest.importorskip("PIL")
accumulator = pytest.importorskip(
    "tensorboard.backend.event_processing.event_accumulator"
)

RATE = 8000
LENGTH = 640  # Two columns.
TIMES = np.arange(LENGTH)
NAMES = ["real 1", "real 2", "fake 1", "fake 2"]


def sine(cycles, amplitude=1.0, length=LENGTH):
    """So many cycles a column."""
    angles = 2.0 * np.pi * cycles * np.arange(length) / FRAME
    return amplitude * np.sin(angles)


# The second is half as loud, and both are four times as loud as made ones.
X = np.stack([sine(32), sine(96, 0.5)])[..., None].astype("float32")


def vocoder(factor=0.25, shape=(LENGTH, 1)):
    """Answers are inputs times a factor, plus a weight of zero."""
    sound, judged = keras.Input(shape), keras.Input(shape)
    generator = keras.Model(
        sound, image_games.Offset()(layers.Rescaling(factor)(sound))
    )
    judge = keras.Model(judged, layers.Dense(1)(layers.Flatten()(judged)))
    gan = SupervisedGAN(generator, judge, conditional=False)
    gan.compile(keras.optimizers.SGD(0.0), keras.optimizers.SGD(0.0),
                loss="mae", d_loss="hinge")  # fmt: skip
    return gan


def read(wav):
    with wave.open(io.BytesIO(wav)) as sound:
        assert sound.getnchannels() == 1 and sound.getsampwidth() == 2
        frames = sound.readframes(sound.getnframes())
        return np.frombuffer(frames, "<i2"), sound.getframerate()


def test_files_hold_the_levels_and_clip_what_exceeds_them():
    values = np.array([0.0, 1.0, -1.0, 0.5, 1.5, -7.0, np.nan])
    integers, rate = read(to_wav(values, RATE))
    right = [0, 32767, -32767, 16384, 32767, -32767, 0]
    np.testing.assert_array_equal(integers, right)
    assert rate == RATE
    assert clipped_share(values) == pytest.approx(3 / 7)
    assert clipped_share(values[:4]) == 0.0


def test_spectrograms_by_hand():
    pictures = spectrograms(np.stack([sine(32), sine(96, 0.1), 0 * TIMES]))
    assert pictures.shape == (3, FRAME // 2 + 1, 2, 1)
    # White at full scale, and 20 of 80 decibels below it; lowest at the
    # bottom.
    for index, (cycles, shade) in enumerate([(32, 255), (96, 191)]):
        column = pictures[index, ::-1, 0, 0]
        assert np.argmax(column) == cycles
        assert column[cycles] == shade
        # A Hann window halves the neighbors, 6.02 decibels, and no more.
        lower = np.floor(shade - 255.0 * 20.0 * np.log10(2.0) / 80.0 + 0.5)
        assert abs(column[cycles + 1] - lower) <= 1
        assert (column[[cycles - 2, cycles + 2]] == 0).all()
    assert (pictures[2] == 0).all()


def test_long_and_short_waveforms():
    click = np.zeros((1, 400 * FRAME))
    click[0, 200 * FRAME] = 1.0
    picture = spectrograms(click)[0, :, :, 0]
    assert picture.shape[1] <= MOST_COLUMNS
    (columns,) = np.nonzero(picture.max(axis=0))
    share = columns / picture.shape[1]
    assert 0 < len(columns) <= 2 and share == pytest.approx(0.5, abs=0.01)
    assert spectrograms(np.ones((2, 3))).shape == (2, 257, 1, 1)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run of two epochs: what stands in its directory."""
    directory = tmp_path_factory.mktemp("run")
    grid = SoundGrid(directory / "sounds", (X, X), RATE)
    game = vocoder()
    game.fit(
        X,
        X,
        batch_size=2,
        epochs=2,
        verbose=0,
        callbacks=[
            grid,
            TensorBoard(directory / "logs", [grid]),
            Report(directory / "report.html", [grid]),
        ],
    )
    return directory


def expected(name):
    kind, number = name.split()
    values = X[int(number) - 1, :, 0] * (1.0 if kind == "real" else 0.25)
    return np.rint(32767 * values.astype("float64"))


def test_sounds_are_saved(run):
    files = sorted(path.name for path in (run / "sounds").iterdir())
    stems = [name.replace(" ", "_") for name in NAMES]
    assert files == sorted(
        f"epoch_000{epoch}{rest}"
        for epoch in (1, 2)
        for rest in (".png", *(f"_{stem}.wav" for stem in stems))
    )
    for name, stem in zip(NAMES, stems):
        path = run / "sounds" / f"epoch_0002_{stem}.wav"
        integers, rate = read(path.read_bytes())
        np.testing.assert_allclose(integers, expected(name), atol=1)
        assert rate == RATE


def test_tensorboard_plays_them(run):
    reader = accumulator.EventAccumulator(
        str(run / "logs" / "train"), size_guidance={"audio": 0}
    )
    reader.Reload()
    assert set(reader.Tags()["audio"]) == {f"sounds/{name}" for name in NAMES}
    assert reader.Tags()["images"] == ["sounds"]
    events = reader.Audio("sounds/fake 2")
    assert [event.step for event in events] == [1, 2]
    sound = events[1]
    assert (sound.sample_rate, sound.length_frames) == (RATE, LENGTH)
    assert sound.content_type == "audio/wav"
    integers, _ = read(sound.encoded_audio_string)
    np.testing.assert_allclose(integers, expected("fake 2"), atol=1)


def test_the_report_plays_them(run):
    page = (run / "report.html").read_text()
    players = re.findall(
        r'<audio controls="" src="data:audio/wav;base64,[^"]+" '
        r'aria-label="([^"]+)">',
        page,
    )
    assert players == [f"{n}, epoch {e}" for e in (1, 2) for n in NAMES]


def test_the_picture(tmp_path):
    from PIL import Image

    grid = SoundGrid(None, (X, X), RATE)
    grid.begin(vocoder())
    picture = np.asarray(Image.open(io.BytesIO(grid.png(1))))
    # Two columns each, of 90 pixels.
    real, fake = (
        spectrograms(part[..., 0]).repeat(90, 2)[..., 0]
        for part in (X, 0.25 * X)
    )
    right = np.hstack([np.vstack(real), np.vstack(fake)])
    height, width = right.shape
    place = np.s_[-height:, -width:]
    np.testing.assert_allclose(picture[place].astype(int), right, atol=1)


def test_a_gan_draws_the_same_latents_and_leaves_training_alone():
    latent, sound = keras.Input((3,)), keras.Input((LENGTH,))
    gan = GAN(
        keras.Model(latent, layers.Dense(LENGTH)(latent)),
        keras.Model(sound, layers.Dense(1)(sound)),
        seed=0,
    )
    gan.compile(ema=0.9)
    grid = SoundGrid(None, X[..., 0], RATE)
    before = image_games.numpy(gan.seed_generator.state)
    grid.begin(gan)
    first, second = grid.waves(), grid.waves()
    np.testing.assert_array_equal(first["real"], X[..., 0])
    np.testing.assert_array_equal(first["fake"], second["fake"])
    assert np.ptp(first["fake"]) > 0.0
    after = image_games.numpy(gan.seed_generator.state)
    np.testing.assert_array_equal(before, after)


def test_errors(monkeypatch):
    with pytest.raises(ValueError, match="sample_rate=0"):
        SoundGrid(None, X, 0)
    with pytest.raises(ValueError, match="game of this package"):
        SoundGrid(None, X, RATE).begin(vocoder().generator)
    with pytest.raises(ValueError, match=r"\(num, length, 1\).*\(2, 640, 2\)"):
        stereo = np.concatenate([X, X], axis=-1)
        game = vocoder(shape=(LENGTH, 2))
        SoundGrid(None, (stereo, stereo), RATE).begin(game)
    monkeypatch.setattr(
        keras.config, "image_data_format", lambda: "channels_first"
    )
    assert to_waves(X.transpose(0, 2, 1)).shape == (2, LENGTH)
