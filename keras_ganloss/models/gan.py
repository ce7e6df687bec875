"""One generator against one discriminator."""

import keras
from keras import ops

from keras_ganloss.export import export_generator
from keras_ganloss.models import building
from keras_ganloss.models import checks
from keras_ganloss.models import data_checks
from keras_ganloss.models.adversarial_model import AdversarialModel
from keras_ganloss.models.duel import Duel
from keras_ganloss.models.duel import Samples
from keras_ganloss.models.maker import Maker
from keras_ganloss.utils.precision import widen_all


@keras.saving.register_keras_serializable(package="keras_ganloss")
class GAN(AdversarialModel):
    """Generative adversarial network, conditional or not.

    Unconditional: the generator maps latents `(batch_size, *latent_shape)`
    to samples, the discriminator maps samples to logits, and the data are
    samples: `fit(samples)`.

    Conditional: the generator takes `[latent, condition]`, the discriminator
    `[sample, condition]`, and the data are pairs: `fit(samples, conditions)`.

    Latents are standard normal. Samples may have any rank, and be nests of
    tensors if the networks take and return such.

    Args:
        generator: A `keras.Model`: functional, sequential or subclassed.
        discriminator: A `keras.Model` that returns logits, one a sample or
            one a patch, or several outputs.
        latent_shape: Tuple without the batch. Defaults to what the
            generator's (first) input says; needed for a generator that does
            not tell, such as a subclassed one.
        conditional: Whether the networks take a condition. Defaults to what
            the generator's number of inputs says.
        seed: Optional int. The same seed gives the same history, bit for
            bit, on one device and with the same `jit_compile`: XLA draws
            other numbers.
        name: Optional name.

    Raises:
        ValueError: If a network is no Keras model, if one takes a condition
            and the other does not, or if the latent shape is not known.

    Example:

    ```python
    gan = GAN(generator, discriminator, seed=0)
    gan.compile(d_loss="hinge", ema=0.999)
    gan.fit(images, epochs=10)
    images = gan.generate(16, seed=0)
    ```

    Reference: [Goodfellow et al., 2014](https://arxiv.org/abs/1406.2661)
    """

    def __init__(
        self,
        generator,
        discriminator,
        latent_shape=None,
        conditional=None,
        seed=None,
        name=None,
        **kwargs,
    ):
        super().__init__(seed=seed, name=name, **kwargs)
        checks.check_network("generator", generator)
        checks.check_network("discriminator", discriminator)
        self.generator = generator
        self.discriminator = discriminator
        self.latent_shape = building.get_latent_shape(generator, latent_shape)
        self.conditional = building.get_conditional(
            generator, discriminator, conditional
        )
        if not self.conditional:
            building.build(generator, discriminator, self.latent_shape)

    @property
    def sample_shapes(self):
        """Shapes of what the generator makes, or `None` if it is silent."""
        return building.output_shapes(self.generator)

    @property
    def d_networks(self):
        return [self.discriminator]

    @property
    def g_networks(self):
        return [self.generator]

    def draw(self, data, training):
        real, condition, sample_weight = data_checks.unpack(
            data, self.conditional
        )
        batch_size = ops.shape(keras.tree.flatten(real)[0])[0]
        latent = keras.random.normal(
            (batch_size, *self.latent_shape), seed=self.seed_generator
        )
        inputs = [latent, condition] if self.conditional else latent
        fake = self.run_generator(self.generator, inputs, training)
        checks.check_samples(real, fake)
        fake = widen_all(fake)
        real = keras.tree.map_structure(
            lambda one, other: ops.cast(one, other.dtype), real, fake
        )
        return Samples(real, fake, condition, sample_weight, inputs)

    def duels(self, samples, judge):
        return [
            Duel(
                judge(self.discriminator, samples.condition),
                samples.real,
                samples.fake,
                samples.sample_weight,
            )
        ]

    def makers(self, samples, training):
        return [
            Maker(
                lambda inputs: self.run_generator(
                    self.generator, inputs, training
                ),
                samples.inputs,
                samples.fake,
                self.g_networks,
                self.g_optimizer.iterations,
                self.seed_generator,
            )
        ]

    def call(self, inputs, training=False):
        """Returns samples of latents, or of `[latents, condition]`."""
        return self.run_generator(self.generator, inputs, training)

    def fit(self, x=None, y=None, *args, **kwargs):
        """Trains both players; arguments are those of `keras.Model.fit`.

        Args:
            x: Real samples: an array, a `tf.data.Dataset`, a `PyDataset`, a
                generator or a torch `DataLoader`.
            y: Conditions, for conditional networks. With them, weights of
                samples weigh the losses of both players, not the penalties.
            *args, **kwargs: See `keras.Model.fit`.

        Returns:
            A `keras.callbacks.History`.

        Raises:
            ValueError: If the data do not fit the networks, hold NaN or
                infinity, or come with weights that would have no effect.
        """
        data_checks.check_arguments(super().fit, self, x, y, args, kwargs)
        return super().fit(x, y, *args, **kwargs)

    def evaluate(self, x=None, y=None, *args, **kwargs):
        """Returns both losses and the metrics on data, without training.

        The random state of training is put back afterwards: a run with
        `validation_data` trains as one without.
        """
        data_checks.check_arguments(super().evaluate, self, x, y, args, kwargs)
        with self.random_state_kept():
            return super().evaluate(x, y, *args, **kwargs)

    def generate(self, num, condition=None, seed=None, batch_size=None):
        """Makes samples, with the averaged generator where there is one.

        Args:
            num: Int, how many.
            condition: What to make, for conditional networks: an array, or
                a nest of arrays, of `num` rows.
            seed: Optional int. The same seed gives the same samples.
                Defaults to fresh ones; training is not disturbed.
            batch_size: See `keras.Model.predict`.

        Returns:
            Numpy array of shape `(num, ...)`, or a nest of such.

        Raises:
            ValueError: If `num` is less than one, or `condition` is missing,
                superfluous or of another length.
        """
        checks.check_steps(num=num)
        num = int(num)
        condition = data_checks.as_condition(condition, num, self.conditional)
        data_checks.check_divisible(num, batch_size)
        draw = keras.random.SeedGenerator() if seed is None else seed
        latent = ops.convert_to_numpy(
            keras.random.normal((num, *self.latent_shape), seed=draw)
        )
        inputs = [latent, condition] if self.conditional else latent
        with self.random_state_kept(seed):
            return self.predict(inputs, batch_size=batch_size, verbose=0)

    def export(self, path, format="tf_saved_model", verbose=True, **kwargs):
        """Writes the (averaged) generator, ready for a server.

        Args:
            path: Where to write; must not exist yet. TensorFlow Serving
                expects `<base>/<version>`.
            format: `"tf_saved_model"`, `"onnx"`, `"litert"` or
                `"openvino"`.
            verbose: Whether to say where it was written.
            **kwargs: See `export.export_generator`: `condition`, the specs
                of the condition of a generator that does not tell.
        """
        with self.averaged_in_place():
            export_generator(
                self.generator,
                path,
                self.latent_shape,
                format=format,
                verbose=verbose,
                **building.condition_specs(self.generator, self.conditional),
                **kwargs,
            )

    def get_config(self):
        return {
            **super().get_config(),
            "generator": keras.saving.serialize_keras_object(self.generator),
            "discriminator": keras.saving.serialize_keras_object(
                self.discriminator
            ),
            "latent_shape": self.latent_shape,
            "conditional": self.conditional,
        }
