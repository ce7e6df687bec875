"""One number against one number: where a loss goes, with and without R1.

The data are zeros, the generator answers theta, the discriminator is
D(x) = psi x. Each player descends in turn, the discriminator first. See
Mescheder et al., 2018 (https://arxiv.org/abs/1801.04406).
"""

import math

import numpy as np
import tensorflow as tf

STEPS = 500
RATE = 0.2
GAMMA = 1.0


def path(entry, gamma, steps=STEPS):
    """Returns the states `(theta, psi)`, an array of shape `(steps + 1, 2)`.

    Args:
        entry: An `Entry`; energies are |D|, so the game begins with the fake
            taken for the less real.
        gamma: Float, the weight of R1, `gamma / 2 * psi ** 2`.
        steps: Int.
    """
    theta = tf.Variable([[1.0]], dtype="float64")
    psi = tf.Variable([[-1.0]], dtype="float64")
    zero = tf.zeros((1, 1), "float64")

    def judge(sample):
        output = psi * sample
        return tf.abs(output) if entry.low_is_real else output

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            loss = entry.loss.d_call(judge(zero), judge(theta))
            loss = tf.reduce_mean(loss) + 0.5 * gamma * tf.reduce_sum(psi**2)
        psi.assign_sub(RATE * tape.gradient(loss, psi))
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(entry.loss.g_call(judge(zero), judge(theta)))
        theta.assign_sub(RATE * tape.gradient(loss, theta))

    states = [(1.0, -1.0)]
    for _ in range(steps):
        step()
        states.append((theta.numpy().item(), psi.numpy().item()))
    return np.array(states)


def radii(states):
    """Returns the distance from the equilibrium, by step."""
    return np.hypot(states[:, 0], states[:, 1])


def verdict(states):
    """Says in a word where a path went."""
    start, end = radii(states)[[0, -1]]
    if not math.isfinite(end) or end > 10.0 * start:
        return "runs away"
    if end < 1e-3 * start:
        return "converges"
    return "approaches" if end < 0.5 * start else "circles"
