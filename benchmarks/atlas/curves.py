"""What a loss says of one output."""

import numpy as np
import tensorflow as tf

OUTPUTS = np.linspace(-6.0, 6.0, 241)
# Densities of the data in units of the fakes'.
RATIOS = (0.25, 1.0, 4.0)
FAR = 15.0


def energies(entry):
    """Returns the outputs that make sense for a loss."""
    return OUTPUTS[OUTPUTS >= 0.0] if entry.low_is_real else OUTPUTS


def d_values(loss, real_output, fake_output):
    """What the discriminator pays, sample by sample, in float64."""
    real, fake = (
        tf.constant(output, "float64")[:, None]
        for output in np.broadcast_arrays(real_output, fake_output)
    )
    return loss.d_call(real, fake).numpy()[:, 0]


def generator_curve(entry):
    """Returns outputs, what the generator pays there, and its slope.

    The real sample of a pair, where the loss looks at one, has the output
    zero.
    """
    outputs = energies(entry)
    values, slopes = [], []
    for output in outputs:  # One by one: some losses look at the whole batch.
        fake = tf.constant([[output]], "float64")
        with tf.GradientTape() as tape:
            tape.watch(fake)
            value = entry.loss.g_call(tf.zeros_like(fake), fake)
        values.append(value.numpy().item())
        slopes.append(tape.gradient(value, fake).numpy().item())
    return outputs, np.array(values), np.array(slopes)


def discriminator_curves(entry):
    """Returns outputs, and what a real and a fake sample cost there.

    The other sample of the pair has the output zero.
    """
    outputs = energies(entry)
    zero = np.zeros(1)
    of_real = [d_values(entry.loss, np.array([x]), zero)[0] for x in outputs]
    of_fake = [d_values(entry.loss, zero, np.array([x]))[0] for x in outputs]
    return outputs, np.array(of_real), np.array(of_fake)


def best_outputs(entry):
    """Returns the output that costs least where real samples are denser.

    For losses that are a sum of a real and a fake half, by a search over
    outputs; one number for each of `RATIOS`, not finite where costs are still
    falling, or flat, beyond `FAR`. `None` for other losses.
    """
    if not hasattr(entry.loss, "real_half"):
        return None
    outputs = np.linspace(-20.0, 20.0, 40001)
    if entry.low_is_real:
        outputs = outputs[outputs >= 0.0]
    tensor = tf.constant(outputs, "float64")
    real = entry.loss.real_half(tensor).numpy()
    fake = entry.loss.fake_half(tensor).numpy()
    best = []
    for ratio in RATIOS:
        output = outputs[np.argmin(ratio * real + fake)]
        far = abs(output) > FAR
        best.append(np.copysign(np.inf, output) if far else output)
    return best
