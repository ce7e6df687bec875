"""TF-GAN's losses, features and metrics: the same names and numbers.

The functions of `tfgan.losses.wargs` are `keras_ganloss.tfgan.<name>`, with
the same arguments, defaults and values, on every backend, eagerly and
compiled. They are functions of the discriminator's outputs, so a game takes
them:

```python
from keras_ganloss import tfgan

gan.compile(
    d_loss=tfgan.wasserstein_discriminator_loss,
    g_loss=tfgan.wasserstein_generator_loss,
)
```

`tfgan.features` and `tfgan.eval` have their names here, too.

Arguments that many losses share:

- `weights`, `real_weights`, `generated_weights`: a number, or a tensor with
  the rank of the losses whose axes are as long as theirs, or 1.
- `reduction`: one of `Reduction`. The default divides by the number of
  weights that are not zero.
- `scope`: a name for operations of a graph; changes nothing.
- `loss_collection`, `add_summaries`: Keras 3 has neither collections nor
  graph summaries. Their defaults and `None` are taken, all else is refused.

Kept, though papers have it otherwise:

- The target of real samples is 0.875, as half of `label_smoothing=0.25` is
  taken off.
- The generator's minimax loss has a constant, of ones as real logits.
- The gradient penalty divides the norm by its target, and has no factor of 10.
- The cycle consistency loss is halved, the relativistic losses are not.
- The mutual information is a mean over codes and their axes, not a sum.

Different, as it is a bug there, or a limit of graphs:

- `label_smoothing` outside of [0, 1] is refused. TF-GAN ignores it in silence
  if it is negative.
- Real and generated outputs of different shapes are refused where there is no
  reduction, and so are the data of `wasserstein_gradient_penalty`. TF-GAN
  broadcasts them.
- `wasserstein_gradient_penalty` runs eagerly, takes any float dtype, needs no
  `discriminator_scope`, and takes a `seed`. Of a discriminator that ignores
  its data the gradient is zero, not an error.
- `combine_adversarial_loss` runs eagerly and is finite where a gradient is
  zero, which is NaN in TF-GAN. For `gradient_ratio` it needs `variables`, and
  where tensors do not know how they were computed (JAX, and TensorFlow outside
  of `tf.function`) the losses as functions.
- Labels of classes that do not add up to one get the gradient of their loss,
  not that of other labels.
- The means of the relativistic losses do not overflow in float16.
- Nothing is collected: TF-GAN collects `minimax_generator_loss` and
  `mutual_information_penalty` with the wrong sign.
- `wasserstein_generator_loss` goes by its own name, not the hinge loss's.

Not here, and what takes its place:

- Losses of a `GANModel`, such as `tfgan.losses.minimax_generator_loss(model)`:
  the function of the model's fields. TF-GAN's models are graphs of
  TensorFlow 1. The `stargan_*_wrapper`s take any object with the fields.
- `gan_model`, `gan_loss`, `gan_train_ops`, `gan_train`, the estimators:
  `keras_ganloss.GAN`, its `compile` and its `fit`.
- `gan_loss(gradient_penalty_weight=10.0)`:
  `compile(penalties=[GradientPenalty(10.0)])`.
- `add_summaries=True`: the logs of `fit`, `keras.callbacks.TensorBoard`.
"""

from keras_ganloss.tfgan import eval as eval
from keras_ganloss.tfgan import features as features
from keras_ganloss.tfgan import losses as losses
from keras_ganloss.tfgan.losses.acgan import (
    acgan_discriminator_loss as acgan_discriminator_loss,
)
from keras_ganloss.tfgan.losses.acgan import (
    acgan_generator_loss as acgan_generator_loss,
)
from keras_ganloss.tfgan.losses.combine_adversarial import (
    combine_adversarial_loss as combine_adversarial_loss,
)
from keras_ganloss.tfgan.losses.cycle_consistency import (
    cycle_consistency_loss as cycle_consistency_loss,
)
from keras_ganloss.tfgan.losses.gradient_penalty import (
    wasserstein_gradient_penalty as wasserstein_gradient_penalty,
)
from keras_ganloss.tfgan.losses.least_squares import (
    least_squares_discriminator_loss as least_squares_discriminator_loss,
)
from keras_ganloss.tfgan.losses.least_squares import (
    least_squares_generator_loss as least_squares_generator_loss,
)
from keras_ganloss.tfgan.losses.minimax import (
    minimax_discriminator_loss as minimax_discriminator_loss,
)
from keras_ganloss.tfgan.losses.minimax import (
    minimax_generator_loss as minimax_generator_loss,
)
from keras_ganloss.tfgan.losses.minimax import (
    modified_discriminator_loss as modified_discriminator_loss,
)
from keras_ganloss.tfgan.losses.minimax import (
    modified_generator_loss as modified_generator_loss,
)
from keras_ganloss.tfgan.losses.mutual_information import (
    mutual_information_penalty as mutual_information_penalty,
)
from keras_ganloss.tfgan.losses.reduction import Reduction as Reduction
from keras_ganloss.tfgan.losses.relativistic import (
    relativistic_discriminator_loss as relativistic_discriminator_loss,
)
from keras_ganloss.tfgan.losses.relativistic import (
    relativistic_generator_loss as relativistic_generator_loss,
)
from keras_ganloss.tfgan.losses.stargan import (
    stargan_discriminator_loss_wrapper as stargan_discriminator_loss_wrapper,
)
from keras_ganloss.tfgan.losses.stargan import (
    stargan_generator_loss_wrapper as stargan_generator_loss_wrapper,
)
from keras_ganloss.tfgan.losses.stargan import (
    stargan_gradient_penalty_wrapper as stargan_gradient_penalty_wrapper,
)
from keras_ganloss.tfgan.losses.wasserstein import (
    wasserstein_discriminator_loss as wasserstein_discriminator_loss,
)
from keras_ganloss.tfgan.losses.wasserstein import (
    wasserstein_generator_loss as wasserstein_generator_loss,
)
from keras_ganloss.tfgan.losses.wasserstein import (
    wasserstein_hinge_discriminator_loss as wasserstein_hinge_discriminator_loss,  # noqa: E501
)
from keras_ganloss.tfgan.losses.wasserstein import (
    wasserstein_hinge_generator_loss as wasserstein_hinge_generator_loss,
)
