"""Small distances, and their formulas in NumPy, for tests."""

import keras
import numpy as np

from keras_ganloss import distances

LENGTH = 96
RANDOM = np.random.default_rng(0)


def conv_network(seed=0, shape=(8, 8, 3), dtype="float32"):
    """Returns a network of somebody's own with two maps."""
    keras.utils.set_random_seed(seed)
    images = keras.Input(shape, dtype=dtype)
    first = keras.layers.Conv2D(
        4, 3, activation="relu", bias_initializer="random_normal", dtype=dtype
    )(images)
    second = keras.layers.Conv2D(
        5, 3, 2, bias_initializer="random_normal", dtype=dtype
    )(first)
    return keras.Model(images, [first, second])


def discriminator(shape):
    """Returns one of answers and inputs of the same shape."""
    parts = [keras.Input(shape), keras.Input(shape)]
    hidden = keras.layers.Flatten()(keras.layers.Concatenate()(parts))
    return keras.Model(parts, keras.layers.Dense(1)(hidden))


# Of each: how it is made small, and the shape of a sample.
CASES = {
    "perceptual": (
        lambda **kwargs: distances.Perceptual(
            conv_network(), [2.0, [1.0, 0.0, 3.0, 0.5, 1.0]], **kwargs
        ),
        (8, 8, 3),
    ),
    "multi_resolution_stft": (
        lambda **kwargs: distances.MultiResolutionSTFT(
            (16, 32), (4, 8), (12, 32), log_weight=0.5, **kwargs
        ),
        (LENGTH,),
    ),
    "mel_spectrogram": (
        lambda **kwargs: distances.MelSpectrogram(
            8000, 32, 8, 24, num_mel_bins=6, min_freq=50.0, **kwargs
        ),
        (LENGTH, 1),
    ),
    "multi_scale_mel": (
        lambda **kwargs: distances.MultiScaleMel(
            8000, (16, 32), (3, 6), max_freq=3900.0, **kwargs
        ),
        (LENGTH, 2),
    ),
    "sisdr": (distances.SISDR, (LENGTH, 1)),
}


def pair_of(shape, num=3, seed=0):
    """Returns random targets and answers."""
    random = np.random.default_rng(seed)
    return tuple(random.normal(size=(2, num, *shape)).astype("float32"))


def power_oracle(signal, sequence_length, stride, fft_length, padding):
    """Squared magnitudes of one signal, `(num_frames, num_frequencies)`."""
    return (
        np.abs(
            stft_oracle(signal, sequence_length, stride, fft_length, padding)
        )
        ** 2
    )


def stft_oracle(signal, sequence_length, stride, fft_length, padding):
    """The Fourier sums of the windows, one by one."""
    signal = np.asarray(signal, "float64")
    ahead, behind = signal[1 : padding + 1], signal[-padding - 1 : -1]
    signal = np.concatenate([ahead[::-1], signal, behind[::-1]])
    steps = np.arange(sequence_length)
    window = np.zeros(fft_length)
    start = (fft_length - sequence_length) // 2
    window[start : start + sequence_length] = 0.5 - 0.5 * np.cos(
        2 * np.pi * steps / sequence_length
    )
    places = np.arange(fft_length)
    waves = np.exp(
        -2j
        * np.pi
        * np.outer(places, np.arange(fft_length // 2 + 1))
        / fft_length
    )
    first = range(0, len(signal) - fft_length + 1, stride)
    return np.stack(
        [(signal[at : at + fft_length] * window) @ waves for at in first]
    )
