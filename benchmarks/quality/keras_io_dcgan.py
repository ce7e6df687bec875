"""The training class of keras.io's DCGAN example, to be compared with.

Written anew after its pattern, on TensorFlow: labels of the discriminator
with uniform noise, one concatenated batch, a second run of the generator for
its own step, and no `training` argument, so that Keras 3 leaves the dropout
of the discriminator out, in the example too.
"""

import keras
import tensorflow as tf

LEARNING_RATE = 1e-4
LABEL_NOISE = 0.05


class KerasIoDCGAN(keras.Model):
    """A GAN with a training step of its own, as the example has it.

    Args:
        generator, discriminator: The networks; the discriminator ends in a
            logit, the sigmoid of the example is in the loss.
        seed: Int.
        learning_rate: Float, of both players. Defaults to the example's.
    """

    def __init__(
        self, generator, discriminator, seed, learning_rate=LEARNING_RATE
    ):
        super().__init__()
        self.learning_rate = learning_rate
        self.generator = generator
        self.discriminator = discriminator
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.loss = keras.losses.BinaryCrossentropy(from_logits=True)
        self.d_mean = keras.metrics.Mean(name="d_loss")
        self.g_mean = keras.metrics.Mean(name="g_loss")
        self.built = True

    def compile(self, **settings):
        super().compile(**settings)
        self.d_optimizer = keras.optimizers.Adam(self.learning_rate)
        self.g_optimizer = keras.optimizers.Adam(self.learning_rate)

    @property
    def metrics(self):
        return [self.d_mean, self.g_mean]

    def draw(self, num):
        shape = (num, *self.generator.input_shape[1:])
        return keras.random.normal(shape, seed=self.seed_generator)

    def generate(self, num, seed):
        """Returns samples, a numpy array."""
        shape = (num, *self.generator.input_shape[1:])
        latent = keras.random.normal(shape, seed=seed)
        return self.generator.predict(latent, batch_size=256, verbose=0)

    def train_step(self, real):
        num = tf.shape(real)[0]
        both = tf.concat([self.generator(self.draw(num)), real], axis=0)
        labels = tf.concat([tf.ones((num, 1)), tf.zeros((num, 1))], axis=0)
        labels += LABEL_NOISE * keras.random.uniform(
            tf.shape(labels), seed=self.seed_generator
        )
        with tf.GradientTape() as tape:
            d_loss = self.loss(labels, self.discriminator(both))
        self.descend(tape, d_loss, self.d_optimizer, self.discriminator)
        latent = self.draw(num)
        misleading = tf.zeros((num, 1))
        with tf.GradientTape() as tape:
            output = self.discriminator(self.generator(latent))
            g_loss = self.loss(misleading, output)
        self.descend(tape, g_loss, self.g_optimizer, self.generator)
        self.d_mean.update_state(d_loss)
        self.g_mean.update_state(g_loss)
        return {"d_loss": self.d_mean.result(), "g_loss": self.g_mean.result()}

    def descend(self, tape, loss, optimizer, network):
        weights = network.trainable_weights
        optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights))
