"""The same step by hand on JAX: one compiled function of the whole state.

As fast as we could make it: one generator pass a step, memory given away, no
metrics, no callbacks.
"""

import jax
from jax import numpy as jnp

LEARNING_RATE, BETA_1, BETA_2, EPSILON = 2e-4, 0.5, 0.999, 1e-7


def start(network):
    """Returns a network's weights, its state, and Adam's."""
    weights = [variable.value + 0.0 for variable in network.trainable_variables]
    state = [variable.value + 0 for variable in network.non_trainable_variables]
    return weights, state, start_adam(weights)


def start_adam(weights):
    zeros = [jnp.zeros_like(weight) for weight in weights]
    return jnp.zeros((), "int32"), zeros, [jnp.copy(zero) for zero in zeros]


def adam(weights, gradients, moments):
    """Returns updated weights and moments."""
    count, first, second = moments
    count += 1
    rate = LEARNING_RATE * jnp.sqrt(1 - BETA_2**count) / (1 - BETA_1**count)

    def move(weight, gradient, one, two):
        one += (gradient - one) * (1 - BETA_1)
        two += (gradient**2 - two) * (1 - BETA_2)
        return weight - rate * one / (jnp.sqrt(two) + EPSILON), one, two

    moved = map(move, weights, gradients, first, second)
    weights, first, second = map(list, zip(*moved))
    return weights, (count, first, second)


def loop(step, generator, discriminator, batches_a_step=1):
    """Returns a function that trains on an array of batches."""
    compiled = jax.jit(step, donate_argnums=(0, 1, 2))
    players = [start(discriminator), start(generator)]
    key = jax.random.key(0)

    def run(batches):
        nonlocal players, key
        for index in range(0, len(batches), batches_a_step):
            real = batches[index : index + batches_a_step]
            *players, key = compiled(*players, key, real)
        jax.block_until_ready(players)

    return run


def logistic_step(generator, discriminator):
    """The non-saturating game."""

    def step(d_player, g_player, key, real):
        (real,) = real
        key, noise = draw(key, real, generator)
        d_weights, d_state, d_moments = d_player
        g_weights, g_state, g_moments = g_player

        def g_loss(weights):
            fake, state = generator.stateless_call(
                weights, g_state, noise, training=True
            )

            def d_loss(weights):
                fixed = jax.lax.stop_gradient(fake)
                one, state = judge(weights, d_state, real)
                two, state = judge(weights, state, fixed)
                loss = (
                    jax.nn.softplus(-one).mean() + jax.nn.softplus(two).mean()
                )
                return loss, state

            gradients, new_d_state = jax.grad(d_loss, has_aux=True)(d_weights)
            new, moments = adam(d_weights, gradients, d_moments)
            output, _ = judge(new, new_d_state, fake)
            loss = jax.nn.softplus(-output).mean()
            return loss, (state, (new, new_d_state, moments))

        gradients, (state, d_player) = jax.grad(g_loss, has_aux=True)(g_weights)
        weights, moments = adam(g_weights, gradients, g_moments)
        return d_player, (weights, state, moments), key

    def judge(weights, state, samples):
        return discriminator.stateless_call(
            weights, state, samples, training=True
        )

    return loop(step, generator, discriminator)


def draw(key, real, generator):
    key, own = jax.random.split(key)
    return key, jax.random.normal(own, (len(real), *generator.input_shape[1:]))


def wgan_step(generator, discriminator, d_steps):
    """WGAN-GP: `d_steps` batches, the generator plays on the last one."""

    def judge(weights, state, samples):
        return discriminator.stateless_call(
            weights, state, samples, training=True
        )

    def critic_step(d_player, key, real, fake):
        d_weights, d_state, moments = d_player
        share = jax.random.uniform(key, (len(real), 1, 1, 1))
        between = real + share * (fake - real)

        def d_loss(weights):
            def total(samples):
                output, state = judge(weights, d_state, samples)
                return output.sum(), state

            slope, state = jax.grad(total, has_aux=True)(between)
            norm = jnp.sqrt((slope**2).sum(axis=(1, 2, 3)) + 1e-12)
            real_output, state = judge(weights, state, real)
            fake_output, state = judge(weights, state, fake)
            loss = 10.0 * ((norm - 1.0) ** 2).mean()
            return loss + fake_output.mean() - real_output.mean(), state

        gradients, d_state = jax.grad(d_loss, has_aux=True)(d_weights)
        d_weights, moments = adam(d_weights, gradients, moments)
        return d_weights, d_state, moments

    def step(d_player, g_player, key, batches):
        g_weights, g_state, g_moments = g_player
        for real in batches[:-1]:
            key, noise = draw(key, real, generator)
            key, own = jax.random.split(key)
            fake, g_state = generator.stateless_call(
                g_weights, g_state, noise, training=True
            )
            d_player = critic_step(d_player, own, real, fake)
        real = batches[-1]
        key, noise = draw(key, real, generator)
        key, own = jax.random.split(key)

        def g_loss(weights):
            fake, state = generator.stateless_call(
                weights, g_state, noise, training=True
            )
            fixed = jax.lax.stop_gradient(fake)
            player = critic_step(d_player, own, real, fixed)
            output, _ = judge(player[0], player[1], fake)
            return -output.mean(), (state, player)

        gradients, (state, d_player) = jax.grad(g_loss, has_aux=True)(g_weights)
        g_weights, g_moments = adam(g_weights, gradients, g_moments)
        return d_player, (g_weights, state, g_moments), key

    return loop(step, generator, discriminator, d_steps)
