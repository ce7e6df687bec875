"""The step as the keras.io examples teach it, to be compared with.

Written anew after their pattern: one class with its own `train_step`, a
generator pass per player, a call of the discriminator per penalty, a
`keras.metrics.Mean` per loss.
"""

import keras
import tensorflow as tf


class KerasIoGAN(keras.Model):
    """After the DCGAN example: concatenated batches, fresh fakes for G."""

    def __init__(self, generator, discriminator, penalties=()):
        super().__init__()
        self.generator = generator
        self.discriminator = discriminator
        self.penalties = penalties
        self.seeds = keras.random.SeedGenerator(0)
        self.latent_dim = generator.input_shape[-1]
        self.d_mean = keras.metrics.Mean(name="d_loss")
        self.g_mean = keras.metrics.Mean(name="g_loss")
        self.built = True

    @property
    def metrics(self):
        return [self.d_mean, self.g_mean]

    def compile(self, d_optimizer, g_optimizer, **kwargs):
        super().compile(**kwargs)
        self.d_optimizer = d_optimizer
        self.g_optimizer = g_optimizer
        self.loss_fn = keras.losses.BinaryCrossentropy(from_logits=True)

    def noise(self, count):
        return keras.random.normal((count, self.latent_dim), seed=self.seeds)

    def train_step(self, real):
        count = tf.shape(real)[0]
        fake = tf.cast(self.generator(self.noise(count)), real.dtype)
        both = tf.concat([fake, real], axis=0)
        labels = tf.concat([tf.zeros((count, 1)), tf.ones((count, 1))], axis=0)
        with tf.GradientTape() as tape:
            predictions = self.discriminator(both)
            d_loss = self.loss_fn(labels, predictions)
            for penalty in self.penalties:
                d_loss += penalty(self.discriminator, real, fake)
        weights = self.discriminator.trainable_weights
        self.d_optimizer.apply_gradients(
            zip(tape.gradient(d_loss, weights), weights)
        )
        noise = self.noise(count)
        with tf.GradientTape() as tape:
            predictions = self.discriminator(self.generator(noise))
            g_loss = self.loss_fn(tf.ones((count, 1)), predictions)
        weights = self.generator.trainable_weights
        self.g_optimizer.apply_gradients(
            zip(tape.gradient(g_loss, weights), weights)
        )
        self.d_mean.update_state(d_loss)
        self.g_mean.update_state(g_loss)
        return {"d_loss": self.d_mean.result(), "g_loss": self.g_mean.result()}


class KerasIoWGAN(KerasIoGAN):
    """After the WGAN-GP example: extra critic steps on the same batch."""

    d_steps = 3

    def train_step(self, real):
        count = tf.shape(real)[0]
        for _ in range(self.d_steps):
            noise = self.noise(count)
            with tf.GradientTape() as tape:
                fake = self.generator(noise, training=True)
                fake_output = self.discriminator(fake, training=True)
                real_output = self.discriminator(real, training=True)
                d_loss = tf.reduce_mean(fake_output) - tf.reduce_mean(
                    real_output
                )
                d_loss = tf.cast(d_loss, tf.float32)
                d_loss += 10.0 * self.gradient_penalty(count, real, fake)
            weights = self.discriminator.trainable_variables
            self.d_optimizer.apply_gradients(
                zip(tape.gradient(d_loss, weights), weights)
            )
        noise = self.noise(count)
        with tf.GradientTape() as tape:
            fake = self.generator(noise, training=True)
            output = self.discriminator(fake, training=True)
            g_loss = -tf.reduce_mean(output)
        weights = self.generator.trainable_variables
        self.g_optimizer.apply_gradients(
            zip(tape.gradient(g_loss, weights), weights)
        )
        self.d_mean.update_state(d_loss)
        self.g_mean.update_state(g_loss)
        return {"d_loss": self.d_mean.result(), "g_loss": self.g_mean.result()}

    def gradient_penalty(self, count, real, fake):
        share = tf.random.normal((count, 1, 1, 1))
        real = tf.cast(real, fake.dtype)
        between = real + tf.cast(share, fake.dtype) * (fake - real)
        with tf.GradientTape() as tape:
            tape.watch(between)
            output = self.discriminator(between, training=True)
        gradients = tf.cast(tape.gradient(output, [between])[0], tf.float32)
        norm = tf.sqrt(tf.reduce_sum(tf.square(gradients), axis=[1, 2, 3]))
        return tf.reduce_mean((norm - 1.0) ** 2)


def r1(discriminator, real, fake):
    """R1 with a call of its own."""
    return _squared_gradient(discriminator, real)


def r2(discriminator, real, fake):
    """R2 with a call of its own."""
    return _squared_gradient(discriminator, tf.stop_gradient(fake))


def _squared_gradient(discriminator, samples):
    samples = tf.cast(samples, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(samples)
        output = tf.reduce_sum(discriminator(samples))
    gradients = tf.cast(tape.gradient(output, samples), tf.float32)
    return 0.5 * tf.reduce_mean(
        tf.reduce_sum(tf.square(gradients), axis=[1, 2, 3])
    )
