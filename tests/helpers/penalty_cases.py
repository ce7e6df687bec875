"""One of each penalty, and critics whose gradient is known."""

import keras
import numpy as np
from keras import ops

from keras_ganloss import backend
from keras_ganloss import penalties
from keras_ganloss.game import Duel
from keras_ganloss.game import Made
from keras_ganloss.game import Samples
from tests.helpers.turns import Maker
from tests.helpers.turns import make_turn

WEIGHTS = np.array([[3.0], [0.0], [-4.0]], "float32")  # Of norm 5.


@keras.saving.register_keras_serializable("penalty_cases")
def negated(samples):
    """An augmentation: what a batch of any structure becomes."""
    return keras.tree.map_structure(lambda leaf: -leaf, samples)


# Functions of the weight; those that have none ignore it. Some serve either
# player.
MAKE = {
    "balanced_consistency": lambda weight: penalties.BalancedConsistency(
        negated, weight, fake_weight=weight
    ),
    "consistency_regularization": lambda weight: (
        penalties.ConsistencyRegularization(negated, weight)
    ),
    "dragan": penalties.DRAGAN,
    "drift": penalties.Drift,
    "every": lambda weight: penalties.Every(
        penalties.R1(weight, name="lazy_r1"), 3
    ),
    "finite_difference_r1": penalties.FiniteDifferenceR1,
    "finite_difference_r2": penalties.FiniteDifferenceR2,
    "gradient_penalty": penalties.GradientPenalty,
    "historical_average": penalties.HistoricalAverage,
    "latent_consistency": penalties.LatentConsistency,
    "le_cam": lambda weight: penalties.LeCam(weight, start=0),
    "max_gradient_penalty": penalties.MaxGradientPenalty,
    "norm_clipping": lambda weight: penalties.NormClipping(1.0),
    "orthogonal_regularization": penalties.OrthogonalRegularization,
    "r1": penalties.R1,
    "r2": penalties.R2,
    "sobolev": penalties.Sobolev,
    "weight_clipping": lambda weight: penalties.WeightClipping(1.0),
}
MAKE_OF_GENERATOR = {
    "distance": lambda weight: penalties.Distance("mse", weight),
    "feature_matching": lambda weight: penalties.FeatureMatching(
        ["hidden"], weight
    ),
    "every": lambda weight: penalties.Every(
        penalties.PathLength(weight, name="lazy_path_length"), 3
    ),
    "latent_diversity": penalties.LatentDiversity,
    "orthogonal_regularization": penalties.OrthogonalRegularization,
    "path_length": penalties.PathLength,
}
CLIPPING = ("norm_clipping", "weight_clipping")


def linear_critic(weights=WEIGHTS, dtype=None):
    """D(x) = w · x."""
    critic = keras.Sequential(
        [
            keras.Input((len(weights),)),
            keras.layers.Dense(weights.shape[1], use_bias=False, dtype=dtype),
        ]
    )
    critic.set_weights([weights])
    return critic


@keras.saving.register_keras_serializable("penalty_cases")
class SquaredNorm(keras.layers.Layer):
    """D(x) = |x|^2, with the gradient 2 x."""

    def call(self, inputs):
        return ops.sum(ops.square(inputs), axis=-1, keepdims=True)


def smooth(num_inputs, num_outputs, seed=0):
    """A network with derivatives of all orders."""
    return keras.Sequential(
        [
            keras.Input((num_inputs,)),
            *(
                keras.layers.Dense(
                    num,
                    activation,
                    kernel_initializer=keras.initializers.GlorotUniform(seed),
                    name=name,
                )
                for num, activation, name in (
                    (5, "tanh", "hidden"),
                    (num_outputs, None, "last"),
                )
            ),
        ]
    )


def generating(generator, num=4, size=2, training=True, step=0):
    """A generator's turn on latents of `size` numbers, and its duels.

    Samples have the shape that `batches` gives them.
    """

    def draw(real, turn):
        latent = ops.convert_to_tensor(
            np.random.default_rng(7).normal(size=(num, size)),
            dtype=keras.config.floatx(),
        )
        return Samples(real, turn.generate(generator, latent))

    turn = make_turn(
        [generator], "generator", training=training, step=step, draw=draw
    )
    samples = turn.draw(batches(num)[0])
    return turn, [Duel.over(samples, turn.judge(smooth(3, 1, seed=5)))]


def of_generator(penalty, generator, **settings):
    """The value of a penalty in a turn of the generator."""
    return penalty.over(*generating(generator, **settings))


def judging(critic, real, fake, **settings):
    """A critic's turn on samples, and its duels.

    Fakes would be smaller with other latents.
    """
    near = Maker(
        lambda latent: keras.tree.map_structure(lambda leaf: 0.9 * leaf, fake)
    )
    turn = make_turn([critic], **settings)
    latent = ops.zeros((len(keras.tree.flatten(fake)[0]), 2))
    turn.take(Samples(real, fake), [Made(near, latent, None, fake, real)])
    return turn, [Duel.over(turn.samples, turn.judge(critic))]


def of_critic(penalty, critic, real, fake, **settings):
    """The value of a penalty in a turn of the discriminator."""
    return penalty.over(*judging(critic, real, fake, **settings))


def batches(size, shape=(3,)):
    generator = np.random.default_rng(size)
    return [
        ops.convert_to_tensor(
            generator.normal(size=(size, *shape)),
            dtype=keras.config.floatx(),
        )
        for _ in range(2)
    ]


def prepared(penalty, critic):
    """A penalty that has seen an update of the critic.

    The means of outputs are 0.5 and -0.5, the mean weights off by 1.
    """
    penalty.build([critic])
    values = critic.get_weights()
    critic.set_weights([value + 1.0 for value in values])
    penalty.after_update(critic.trainable_variables)
    critic.set_weights(values)
    half = ops.full((2, 1), 0.5)
    penalty.update_state(half, -half)
    return penalty


def value_and_gradients(function, variables):
    """What a function returns, a scalar, and its gradients as arrays."""
    losses, _, (gradients,) = backend.compute_gradients(
        lambda: ([function()], None), [variables], [lambda loss: loss]
    )
    return float(losses[0]), [
        None if gradient is None else ops.convert_to_numpy(gradient)
        for gradient in gradients
    ]
