"""Distances of signals, against formulas in NumPy and numbers by hand."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_ganloss import backend
from keras_ganloss.distances import SISDR
from keras_ganloss.distances import MelSpectrogram
from keras_ganloss.distances import MultiResolutionSTFT
from keras_ganloss.distances import MultiScaleMel
from keras_ganloss.distances import hertz_to_mel
from keras_ganloss.distances import mel_filters
from keras_ganloss.distances import mel_to_hertz
from keras_ganloss.distances.signals import power_spectrum
from tests.helpers.distance_cases import pair_of
from tests.helpers.distance_cases import power_oracle
from tests.helpers.distance_cases import stft_oracle

LOG_2 = np.log(2.0)
# Window, stride, transform and padding: a short window, an odd stride, an
# offset of half a sample, no padding.
CUTS = [(12, 4, 16, 8), (16, 7, 16, 3), (13, 5, 16, 8), (32, 8, 32, 0)]


@pytest.mark.parametrize("cut", CUTS)
def test_power_against_fourier_sums(cut):
    signals = pair_of((2, 96))[0]
    found = ops.convert_to_numpy(power_spectrum(ops.array(signals), *cut))
    for i, j in np.ndindex(*signals.shape[:2]):
        expected = power_oracle(signals[i, j], *cut)
        np.testing.assert_allclose(found[i, j], expected, atol=1e-4)


@pytest.mark.parametrize("cut", CUTS)
def test_slopes_of_the_power_in_closed_form(cut):
    # The transform is a matrix A, so the slope of sum(w |Ax|^2) is
    # 2 Re(A^H (w * Ax)).
    signal = pair_of((40,), num=1)[0][0]
    matrix = np.stack(
        [stft_oracle(unit, *cut).reshape(-1) for unit in np.eye(40)], axis=1
    )
    weights = np.random.default_rng(1).normal(size=len(matrix))
    expected = 2.0 * (matrix.conj().T @ (weights * (matrix @ signal))).real

    def value(inputs):
        power = ops.reshape(power_spectrum(inputs[0], *cut), (-1,))
        return ops.sum(power * ops.cast(weights, "float32")), None

    _, _, (found,) = backend.value_and_input_gradients(
        value, [ops.array(signal[None, None])]
    )
    found = ops.convert_to_numpy(found)[0, 0]
    np.testing.assert_allclose(found, expected, atol=2e-4)


@pytest.mark.parametrize("shape", [(2100,), (2100, 2)])
def test_half_as_loud(shape):
    signals = 100.0 * pair_of(shape, num=2)[0]
    for loss, expected in (
        (MultiResolutionSTFT(), 0.5 + LOG_2),
        (MultiResolutionSTFT(convergence_weight=0.0), LOG_2),
        (MultiResolutionSTFT(log_weight=0.0), 0.5),
        (MelSpectrogram(), LOG_2),
        (MultiScaleMel(), 7.0 * np.log10(2.0)),  # 2.10721
    ):
        value = float(loss(signals, 0.5 * signals))
        assert value == pytest.approx(expected, abs=2e-5)


def test_multi_resolution_stft_by_its_formula():
    loss = MultiResolutionSTFT((16, 32), (4, 8), (12, 32), 2.0, 3.0)
    true, predicted = pair_of((96,), num=1)
    expected = 0.0
    for cut in ((12, 4, 16, 8), (32, 8, 32, 16)):
        one, other = (
            np.sqrt(np.maximum(power_oracle(x[0], *cut), 1e-7))
            for x in (true, predicted)
        )
        convergence = np.linalg.norm(one - other) / np.linalg.norm(one)
        logs = np.abs(np.log(one) - np.log(other)).mean()
        expected += (2.0 * convergence + 3.0 * logs) / 2.0
    assert float(loss(true, predicted)) == pytest.approx(expected, rel=1e-4)


def log_mels(signal, filters, *cut):
    magnitudes = np.sqrt(power_oracle(signal, *cut) + 1e-9)
    return np.log(np.maximum(magnitudes @ filters, 1e-5))


def test_mel_spectrogram_by_its_formula():
    loss = MelSpectrogram(8000, 32, 8, 24, num_mel_bins=6)
    true, predicted = pair_of((96, 2), num=1)
    filters = mel_filters(6, 32, 8000)
    differences = [
        log_mels(true[0, :, channel], filters, 24, 8, 32, 12)
        - log_mels(predicted[0, :, channel], filters, 24, 8, 32, 12)
        for channel in range(2)
    ]
    # As many frames as strides.
    assert differences[0].shape == (96 // 8, 6)
    expected = np.abs(differences).mean()
    assert float(loss(true, predicted)) == pytest.approx(expected, rel=1e-4)


def test_multi_scale_mel_by_its_formula():
    loss = MultiScaleMel(8000, (16, 32), (3, 6), floor=1e-5)
    true, predicted = pair_of((96,), num=1)
    expected = 0.0
    for bins, size in ((3, 16), (6, 32)):
        filters = mel_filters(bins, size, 8000)
        one, other = (
            log_mels(x[0], filters, size, size // 4, size, size // 2)
            for x in (true, predicted)
        )
        expected += np.abs(one - other).mean() / np.log(10.0)
    assert float(loss(true, predicted)) == pytest.approx(expected, rel=1e-4)


def test_floor_hides_what_is_quieter():
    loss = MelSpectrogram(8000, 32, 8, num_mel_bins=6, floor=1.0)
    true, predicted = (1e-4 * x for x in pair_of((96,)))
    assert float(loss(true, predicted)) == 0.0


def test_mel_scales():
    # Numbers of librosa's documentation, and of the definition of HTK's.
    mels = hertz_to_mel([60.0, 110.0, 220.0, 440.0])
    np.testing.assert_allclose(mels, [0.9, 1.65, 3.3, 6.6], rtol=1e-12)
    np.testing.assert_allclose(mel_to_hertz(3.0), 200.0, rtol=1e-12)
    # 27 steps up from 1 kHz, which is 15, is 6.4 times as high.
    assert hertz_to_mel(6400.0) == pytest.approx(42.0, rel=1e-12)
    assert hertz_to_mel(700.0, "htk") == pytest.approx(2595 * np.log10(2))
    frequencies = np.linspace(0.0, 12000.0, 50)
    for scale in ("slaney", "htk"):
        again = mel_to_hertz(hertz_to_mel(frequencies, scale), scale)
        np.testing.assert_allclose(again, frequencies, atol=1e-8)


def test_mel_filters_are_those_of_librosa():
    # `librosa.filters.mel(sr=22050, n_fft=1024, n_mels=80)`, of 0.11.
    filters = mel_filters(80, 1024, 22050)
    assert filters.shape == (513, 80)
    assert filters.sum() == pytest.approx(3.7146471721459062, rel=1e-12)
    assert filters.max() == pytest.approx(0.024146901073277983, rel=1e-12)
    for bin, place, height in ((3, 8, 0.01963176), (60, 219, 0.00475563)):
        assert filters[:, bin].argmax() == place
        assert filters[:, bin].max() == pytest.approx(height, abs=1e-8)
    # The same with `htk=True, norm=None, fmin=20, fmax=8000`.
    filters = mel_filters(80, 1024, 22050, 20.0, 8000.0, "htk", None)
    assert filters.sum() == pytest.approx(363.9694235711439, rel=1e-12)
    for bin, place, height in ((3, 5, 0.73188221), (60, 186, 0.98059498)):
        assert filters[:, bin].argmax() == place
        assert filters[:, bin].max() == pytest.approx(height, abs=1e-8)


def test_areas_and_heights_of_mel_filters():
    step = 8000 / 4096
    areas = step * mel_filters(6, 4096, 8000).sum(axis=0)
    np.testing.assert_allclose(areas, 1.0, atol=1e-4)
    heights = mel_filters(6, 4096, 8000, norm=None).max(axis=0)
    np.testing.assert_allclose(heights, 1.0, atol=0.02)


def test_empty_mel_bins_are_named():
    with pytest.warns(UserWarning, match=r"mel bins \[0\].*num_mel_bins=5"):
        MelSpectrogram(48000, 32, 8, num_mel_bins=5)


def test_si_sdr_by_hand():
    true = np.array([[1.0, 0.0, 2.0, 0.0], [3.0, 0.0, 0.0, 4.0]])
    noise = np.array([[0.0, 3.0, 0.0, -4.0], [4.0, 0.0, 0.0, -3.0]])
    tenth = np.sqrt([[5.0 / 250.0], [25.0 / 250.0]])
    for scale in (1.0, 7.0, -0.01):
        for loudness in (1.0, 100.0):
            predicted = scale * (true + tenth * noise)
            value = float(SISDR()(loudness * true, predicted))
            assert value == pytest.approx(-10.0, abs=1e-4)
    # In two channels, of -10 and of 0 dB.
    noise = np.stack([noise * tenth, noise * np.sqrt(10) * tenth], axis=-1)
    true = np.stack([true, true], axis=-1)
    assert float(SISDR()(true, true + noise)) == pytest.approx(-5.0, abs=1e-4)


def test_si_sdr_has_ends():
    true, other = np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])
    nothing = np.zeros((1, 2))
    for pair, expected in (
        ((true, -3.0 * true), -80.0),
        ((true, other), 80.0),
        ((nothing, true), 80.0),
        ((true, nothing), 0.0),
        ((nothing, nothing), 0.0),
    ):
        assert float(SISDR()(*pair)) == pytest.approx(expected, abs=1e-4)


def test_signals_that_are_too_short():
    # Mirrored by 12 at both ends, or by 16 and less; the largest FFT is 32.
    for loss, least in (
        (MelSpectrogram(8000, 32, 8, num_mel_bins=6), 13),
        (MelSpectrogram(8000, 32, 32, num_mel_bins=6), 32),
        (MultiResolutionSTFT((16, 32), (4, 8), (12, 32)), 17),
        (MultiScaleMel(8000, (16, 32), (3, 6)), 17),
    ):
        short = np.ones((2, least - 1), "float32")
        with pytest.raises(ValueError, match=f"{least} samples at least"):
            loss(short, short)
        enough = np.ones((2, least), "float32")
        assert float(loss(enough, enough)) == 0.0


@pytest.mark.parametrize("shape", [(2,), (2, 64, 64, 3)])
def test_what_is_no_signal(shape):
    for loss in (MelSpectrogram(), MultiResolutionSTFT(), SISDR()):
        with pytest.raises(ValueError, match="Signals must have shape"):
            loss(np.ones(shape), np.ones(shape))


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: MultiResolutionSTFT((16,), (4, 4), (16,)), "an entry each"),
        (lambda: MultiResolutionSTFT([], [], []), "an entry each"),
        (lambda: MultiResolutionSTFT((16,), (4,), (17,)), "at most"),
        (lambda: MultiResolutionSTFT((16,), (0,), (16,)), "sequence_strides"),
        (lambda: MultiResolutionSTFT(log_weight=-1.0), "log_weight"),
        (lambda: MelSpectrogram(sequence_length=1025), "at most"),
        (lambda: MelSpectrogram(sequence_length=0), "sequence_length"),
        (lambda: MelSpectrogram(max_freq=12000.0), "half of"),
        (lambda: MelSpectrogram(min_freq=500.0, max_freq=500.0), "half of"),
        (lambda: MelSpectrogram(mel_scale="mel"), "mel_scale"),
        (lambda: MelSpectrogram(norm=1), "norm"),
        (lambda: MelSpectrogram(floor=0.0), "floor"),
        (lambda: MelSpectrogram(sampling_rate=0), "sampling_rate"),
        (lambda: MelSpectrogram(num_mel_bins=0), "num_mel_bins"),
        (lambda: MultiScaleMel(sequence_lengths=(30,)), "an entry for each"),
        (lambda: MultiScaleMel(8000, (30,), (3,)), "multiples of 4"),
        (lambda: MultiScaleMel(floor=0), "floor"),
    ],
)
def test_settings_that_do_not_fit(make, message):
    with pytest.raises(ValueError, match=f"(?s){message}.*Received: "):
        make()


def test_length_that_is_not_known_before():
    signals = pair_of((96, 1), num=2)[0]
    loss = MelSpectrogram(8000, 32, 8, num_mel_bins=6)
    model = keras.Sequential(
        [keras.Input((None, 1)), keras.layers.Rescaling(0.5)]
    )
    model.compile(loss=loss)
    for length in (96, 64):
        part = signals[:, :length]
        found = model.evaluate(part, part, verbose=0)
        assert found == pytest.approx(LOG_2, abs=1e-3)


def test_spectrogram_that_a_vocoder_gets():
    loss = MelSpectrogram(
        8000, fft_length=64, sequence_stride=16, num_mel_bins=4
    )
    signals = pair_of((160, 2))[0]
    found = ops.convert_to_numpy(loss.spectrogram(ops.array(signals)))
    # As many frames as strides; windows begin 24 samples before the signal.
    assert found.shape == (len(signals), 2, 10, 4)
    filters = mel_filters(4, 64, 8000)
    for i, j in np.ndindex(*found.shape[:2]):
        power = power_oracle(signals[i, :, j], 64, 16, 64, 24)
        expected = np.log(np.maximum(np.sqrt(power) @ filters, 1e-5))
        np.testing.assert_allclose(found[i, j], expected, atol=1e-3)
