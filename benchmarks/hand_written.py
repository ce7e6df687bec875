"""The same step by hand: one `tf.function` around a loop over the data.

As fast as we could make it: one generator pass a step, the discriminator's
pass shared with R1 and R2, no metrics, no callbacks, one graph for many
steps.
"""

import tensorflow as tf


def loop(step):
    """Returns a compiled function that takes `num` batches of an iterator."""

    @tf.function(reduce_retracing=True)
    def run(iterator, num):
        for _ in tf.range(num):
            step(iterator)

    return run


def logistic_step(generator, discriminator, d_optimizer, g_optimizer, r=0.0):
    """The non-saturating game; `r` is the weight of R1 and of R2."""
    latent_dim = generator.input_shape[-1]
    d_weights = [v.value for v in discriminator.trainable_variables]
    g_weights = [v.value for v in generator.trainable_variables]

    def outputs_and_penalty(samples):
        if not r:
            return _float(discriminator(samples, training=True)), 0.0
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(samples)
            output = _float(discriminator(samples, training=True))
            total = tf.reduce_sum(output)
        squared = tf.square(tape.gradient(total, samples))
        penalty = tf.reduce_mean(tf.reduce_sum(squared, axis=[1, 2, 3]))
        return output, 0.5 * r * penalty

    def step(iterator):
        real = next(iterator)
        with tf.GradientTape(watch_accessed_variables=False) as g_tape:
            g_tape.watch(g_weights)
            noise = tf.random.normal((tf.shape(real)[0], latent_dim))
            fake = _float(generator(noise, training=True))
            fixed = tf.stop_gradient(fake)
            with tf.GradientTape(watch_accessed_variables=False) as d_tape:
                d_tape.watch(d_weights)
                real_output, real_penalty = outputs_and_penalty(real)
                fake_output, fake_penalty = outputs_and_penalty(fixed)
                d_loss = tf.reduce_mean(tf.nn.softplus(-real_output))
                d_loss += tf.reduce_mean(tf.nn.softplus(fake_output))
                d_loss += real_penalty + fake_penalty
            d_gradients = d_tape.gradient(d_loss, d_weights)
            d_optimizer.apply(d_gradients, discriminator.trainable_variables)
            output = _float(discriminator(fake, training=True))
            g_loss = tf.reduce_mean(tf.nn.softplus(-output))
        g_gradients = g_tape.gradient(g_loss, g_weights)
        g_optimizer.apply(g_gradients, generator.trainable_variables)

    return step


def wgan_step(generator, discriminator, d_optimizer, g_optimizer, d_steps):
    """WGAN-GP: `d_steps` batches, the generator plays on the last one."""
    latent_dim = generator.input_shape[-1]
    d_weights = [v.value for v in discriminator.trainable_variables]
    g_weights = [v.value for v in generator.trainable_variables]

    def critic_step(real, fake):
        fake = tf.stop_gradient(fake)
        share = tf.random.uniform((tf.shape(real)[0], 1, 1, 1))
        between = real + share * (fake - real)
        with tf.GradientTape(watch_accessed_variables=False) as d_tape:
            d_tape.watch(d_weights)
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch(between)
                output = _float(discriminator(between, training=True))
                total = tf.reduce_sum(output)
            squared = tf.square(tape.gradient(total, between))
            norm = tf.sqrt(tf.reduce_sum(squared, axis=[1, 2, 3]) + 1e-12)
            d_loss = 10.0 * tf.reduce_mean(tf.square(norm - 1.0))
            real_output = _float(discriminator(real, training=True))
            fake_output = _float(discriminator(fake, training=True))
            d_loss += tf.reduce_mean(fake_output) - tf.reduce_mean(real_output)
        d_gradients = d_tape.gradient(d_loss, d_weights)
        d_optimizer.apply(d_gradients, discriminator.trainable_variables)

    def draw(real):
        noise = tf.random.normal((tf.shape(real)[0], latent_dim))
        return _float(generator(noise, training=True))

    def step(iterator):
        for _ in range(d_steps - 1):
            real = next(iterator)
            critic_step(real, draw(real))
        real = next(iterator)
        with tf.GradientTape(watch_accessed_variables=False) as g_tape:
            g_tape.watch(g_weights)
            fake = draw(real)
            critic_step(real, fake)
            output = _float(discriminator(fake, training=True))
            g_loss = -tf.reduce_mean(output)
        g_gradients = g_tape.gradient(g_loss, g_weights)
        g_optimizer.apply(g_gradients, generator.trainable_variables)

    return step


def _float(tensor):
    return tf.cast(tensor, tf.float32)
