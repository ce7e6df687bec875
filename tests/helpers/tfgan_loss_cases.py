"""Random cases for TF-GAN's loss functions, and how far two results differ.

A case is a function's name and a plan: shapes, kinds of weights, reduction,
dtype and settings. It draws arrays, calls a function with them, ours or
TF-GAN's, and knows the scale of the result: what it would be if all terms,
of both halves, had one sign. A difference of 1e-7 of that scale is the
rounding of float32, however much the terms cancel.
"""

import collections
import dataclasses
import importlib
import zlib
from unittest import mock

import keras
import ml_dtypes
import numpy as np
import tensorflow as tf

from keras_ganloss import tfgan as ours
from tests.helpers import tfgan_oracle

theirs = tfgan_oracle.import_losses()
their_wrappers = tfgan_oracle.import_module("losses.tuple_losses")

NUMPY_DTYPES = {"bfloat16": ml_dtypes.bfloat16}
REDUCTIONS = ours.Reduction.all()
WEIGHTS = ("default", "number", "zero", "full", "sparse", "broadcast", "zeros")
# What a result may differ by, in units of its scale. In half precision: by
# four roundings, of the four operations that the shortest loss takes.
TOLERANCES = {
    "float32": 1e-5,
    "float64": 1e-5,  # TF-GAN reduces in float32.
    "float16": 4 * 2.0**-11,
    "bfloat16": 4 * 2.0**-8,
}
# Where the numbers of a dtype lose digits, and end.
SMALLEST = {
    "float32": 1e-30,
    "float64": 1e-30,
    "float16": 2.0**-14,
    "bfloat16": 1e-30,
}


@dataclasses.dataclass(frozen=True)
class Plan:
    """What two cases of one function may differ in, values aside."""

    shape: tuple = (4,)
    num_classes: int = 3
    dtype: str = "float32"
    reduction: str = "weighted_sum_by_nonzero_weights"
    weights: str = "default"
    generated_weights: str = "default"
    magnitude: float = 1.0
    setting: float = 0.25
    other_setting: float = 1.0
    flag: bool = False


class Case:
    """A function and a plan; subclasses know what the function takes."""

    casts = False  # Whether any dtype becomes float32.
    needs_graph = False  # Whether TF-GAN refuses to run eagerly.
    wrapper = None

    def __init__(self, name, plan):
        self.name = name
        self.plan = plan

    @property
    def ours(self):
        return getattr(ours, self.name)

    @property
    def theirs(self):
        return getattr(theirs, self.name)

    def draw(self, generator):
        """Returns a dict of arrays."""
        raise NotImplementedError

    def call(self, function, tensors):
        """Calls ours or theirs."""
        raise NotImplementedError

    def halves(self, arrays):
        """Returns pairs: the size of each term in float64, its weights."""
        raise NotImplementedError

    def scale(self, arrays):
        """Returns what a difference is measured in, as the result."""
        with np.errstate(all="ignore"):
            return sum(
                reduce_sizes(sizes, weights, self.plan.reduction)
                for sizes, weights in self.halves(arrays)
            )

    def call_ours(self, tensors):
        return self.call(self.ours, tensors)

    def call_theirs(self, tensors):
        return self.call(self.theirs, tensors)

    def _outputs(self, generator, shape=None):
        shape = self.plan.shape if shape is None else shape
        values = generator.normal(size=shape) * self.plan.magnitude
        values = np.where(generator.random(size=shape) < 0.1, 0.0, values)
        dtype = self.plan.dtype
        return np.asarray(values).astype(NUMPY_DTYPES.get(dtype, dtype))

    def _draw_weights(self, generator, name, kind, shape):
        if kind in ("default", "number", "zero"):
            return {}
        if kind == "broadcast":
            # Which axes are 1 is part of the plan: graphs are made for it.
            seed = zlib.crc32(f"{self.plan}{name}".encode())
            keep = np.random.default_rng(seed).random(len(shape)) < 0.5
            shape = [size if kept else 1 for size, kept in zip(shape, keep)]
        values = np.asarray(generator.normal(size=shape))
        if kind == "sparse":
            values = np.where(generator.random(size=shape) < 0.5, 0.0, values)
        if kind == "zeros":
            values = np.zeros(shape)
        return {name: values.astype("float32")}

    def _weight_arguments(self, tensors, **kinds):
        numbers = {"number": -0.7, "zero": 0.0}
        found = {}
        for name, kind in kinds.items():
            if name in tensors:
                found[name] = tensors[name]
            elif kind in numbers:
                found[name] = numbers[kind]
        return found

    def _weights_of(self, arrays, name, kind):
        default = {"default": 1.0, "number": -0.7, "zero": 0.0}
        return arrays.get(name, default.get(kind))


def reduce_sizes(sizes, weights, reduction):
    """Reduces the sizes of terms, in float64, as TF-GAN reduces the terms."""
    sizes = np.asarray(sizes, "float64")
    weights = np.broadcast_to(np.asarray(weights, "float64"), sizes.shape)
    sizes = sizes * np.abs(weights)
    if reduction == "none":
        return sizes
    if reduction == "weighted_mean":
        # Weights that cancel make the divisor as inexact as a sum that does.
        total = np.abs(weights.sum())
        return sizes.sum() / total * (np.abs(weights).sum() / total)
    counts = {
        "weighted_sum": 1,
        "weighted_sum_over_batch_size": sizes.size,
        "weighted_sum_by_nonzero_weights": np.count_nonzero(weights),
    }
    return sizes.sum() / max(counts[reduction], 1)


def wide(array):
    return np.asarray(array, "float64")


def cross_entropy(logits, label):
    """Of each logit, in float64."""
    logits = wide(logits)
    return label * np.logaddexp(0, -logits) + (1 - label) * np.logaddexp(
        0, logits
    )


def slope(logits, label):
    """Size of the derivative of `cross_entropy`."""
    return np.abs(np.exp(-np.logaddexp(0, -logits)) - label)


def softmax_cross_entropy(logits, labels):
    """Of each sample, in float64."""
    logits = wide(logits)
    logits = logits - logits.max(-1, keepdims=True)
    log_shares = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
    return -(wide(labels) * log_shares).sum(-1)


class GeneratorCase(Case):
    """A function of `discriminator_gen_outputs`."""

    setting_name = None

    def draw(self, generator):
        return {
            "discriminator_gen_outputs": self._outputs(generator),
            **self._draw_weights(
                generator, "weights", self.plan.weights, self.plan.shape
            ),
        }

    def call(self, function, tensors):
        settings = {}
        if self.setting_name:
            settings[self.setting_name] = self.plan.setting
        return function(
            tensors["discriminator_gen_outputs"],
            reduction=self.plan.reduction,
            **settings,
            **self._weight_arguments(tensors, weights=self.plan.weights),
        )

    def halves(self, arrays):
        weights = self._weights_of(arrays, "weights", self.plan.weights)
        return [
            (sizes, weights)
            for sizes in self.sizes(wide(arrays["discriminator_gen_outputs"]))
        ]


class WassersteinG(GeneratorCase):
    casts = True

    def sizes(self, outputs):
        return [np.abs(outputs)]


class LeastSquaresG(GeneratorCase):
    casts = True
    setting_name = "real_label"

    def sizes(self, outputs):
        return [np.square(outputs - self.plan.setting) / 2]


class ModifiedG(GeneratorCase):
    setting_name = "label_smoothing"

    def sizes(self, outputs):
        return [cross_entropy(outputs, 1 - self.plan.setting / 2)]


class MinimaxG(GeneratorCase):
    setting_name = "label_smoothing"

    def sizes(self, outputs):
        label = 1 - self.plan.setting / 2
        return [
            cross_entropy(np.ones_like(outputs), label),
            cross_entropy(outputs, 0.0),
        ]


class DiscriminatorCase(Case):
    """A function of outputs on real and on generated samples."""

    settings = ()

    def draw(self, generator):
        arrays = {
            "discriminator_real_outputs": self._outputs(generator),
            "discriminator_gen_outputs": self._outputs(generator),
        }
        for name, kind in self._kinds().items():
            arrays.update(
                self._draw_weights(generator, name, kind, self.plan.shape)
            )
        return arrays

    def _kinds(self):
        return {
            "real_weights": self.plan.weights,
            "generated_weights": self.plan.generated_weights,
        }

    def call(self, function, tensors):
        settings = (self.plan.setting, self.plan.other_setting)
        return function(
            tensors["discriminator_real_outputs"],
            tensors["discriminator_gen_outputs"],
            reduction=self.plan.reduction,
            **dict(zip(self.settings, settings)),
            **self._weight_arguments(tensors, **self._kinds()),
        )

    def halves(self, arrays):
        sizes = self.sizes(
            wide(arrays["discriminator_real_outputs"]),
            wide(arrays["discriminator_gen_outputs"]),
        )
        return [
            (half, self._weights_of(arrays, name, kind))
            for half, (name, kind) in zip(sizes, self._kinds().items())
        ]


class WassersteinD(DiscriminatorCase):
    casts = True

    def sizes(self, real, generated):
        return np.abs(real), np.abs(generated)


class HingeD(DiscriminatorCase):
    casts = True
    settings = ("real_hinge", "generated_hinge")

    def sizes(self, real, generated):
        return (
            np.maximum(self.plan.setting - real, 0),
            np.maximum(self.plan.other_setting + generated, 0),
        )


class LeastSquaresD(DiscriminatorCase):
    casts = True
    settings = ("real_label", "fake_label")

    def sizes(self, real, generated):
        return (
            np.square(real - self.plan.setting) / 2,
            np.square(generated - self.plan.other_setting) / 2,
        )


class MinimaxD(DiscriminatorCase):
    settings = ("label_smoothing",)

    def sizes(self, real, generated):
        return (
            cross_entropy(real, 1 - self.plan.setting / 2),
            cross_entropy(generated, 0.0),
        )


class Relativistic(Case):
    """Takes neither weights nor a reduction, and two shapes."""

    def draw(self, generator):
        return {
            "real": self._outputs(generator),
            "generated": self._outputs(
                generator, (self.plan.num_classes, *self.plan.shape[1:])
            ),
        }

    def call(self, function, tensors):
        return function(tensors["real"], tensors["generated"])

    def scale(self, arrays):
        real, generated = wide(arrays["real"]), wide(arrays["generated"])
        if "generator" in self.name:
            real, generated = generated, real
        halves = ((real, generated, 1.0), (generated, real, 0.0))
        return sum(
            (
                cross_entropy(outputs - others.mean(), label)
                # What a rounding of the difference, whose terms may be large
                # and cancel, makes of it.
                + slope(outputs - others.mean(), label)
                * (np.abs(outputs) + np.abs(others).mean())
            ).mean()
            for outputs, others, label in halves
        )


class ACGAN(Case):
    """Shared: logits and labels of classes."""

    def _logits(self, generator):
        return self._outputs(
            generator, (*self.plan.shape, self.plan.num_classes)
        )

    def _labels(self, generator):
        classes = generator.integers(
            self.plan.num_classes, size=self.plan.shape
        )
        return np.eye(self.plan.num_classes, dtype="int32")[classes]


class ACGANG(ACGAN):
    def draw(self, generator):
        return {
            "logits": self._logits(generator),
            "labels": self._labels(generator),
            **self._draw_weights(
                generator, "weights", self.plan.weights, self.plan.shape
            ),
        }

    def call(self, function, tensors):
        return function(
            tensors["logits"],
            tensors["labels"],
            reduction=self.plan.reduction,
            **self._weight_arguments(tensors, weights=self.plan.weights),
        )

    def halves(self, arrays):
        sizes = softmax_cross_entropy(arrays["logits"], arrays["labels"])
        return [(sizes, self._weights_of(arrays, "weights", self.plan.weights))]


class ACGAND(ACGAN):
    _kinds = DiscriminatorCase._kinds

    def draw(self, generator):
        arrays = {
            "real": self._logits(generator),
            "generated": self._logits(generator),
            "labels": self._labels(generator),
        }
        for name, kind in self._kinds().items():
            arrays.update(
                self._draw_weights(generator, name, kind, self.plan.shape)
            )
        return arrays

    def call(self, function, tensors):
        return function(
            tensors["real"],
            tensors["generated"],
            tensors["labels"],
            label_smoothing=self.plan.setting,
            reduction=self.plan.reduction,
            **self._weight_arguments(tensors, **self._kinds()),
        )

    def halves(self, arrays):
        smoothing = self.plan.setting
        labels = wide(arrays["labels"])
        smooth = labels * (1 - smoothing) + smoothing / labels.shape[-1]
        sizes = (
            softmax_cross_entropy(arrays["real"], smooth),
            softmax_cross_entropy(arrays["generated"], labels),
        )
        return [
            (half, self._weights_of(arrays, name, kind))
            for half, (name, kind) in zip(sizes, self._kinds().items())
        ]


class Parabola:
    """Something like a distribution, of operators that all tensors have."""

    def __init__(self, location, factor):
        self.location = location
        self.factor = factor

    def log_prob(self, code):
        return -self.factor * (code - self.location) ** 2


class MutualInformation(Case):
    def _num_codes(self):
        return self.plan.num_classes

    def draw(self, generator):
        arrays = {}
        for index in range(self._num_codes()):
            for name in ("code", "location", "factor"):
                arrays[f"{name}{index}"] = self._outputs(generator)
        return {
            **arrays,
            **self._draw_weights(
                generator, "weights", self.plan.weights, (self._num_codes(),)
            ),
        }

    def call(self, function, tensors):
        numbers = range(self._num_codes())
        return function(
            [tensors[f"code{index}"] for index in numbers],
            [
                Parabola(tensors[f"location{index}"], tensors[f"factor{index}"])
                for index in numbers
            ],
            reduction=self.plan.reduction,
            **self._weight_arguments(tensors, weights=self.plan.weights),
        )

    def halves(self, arrays):
        sizes = [
            np.abs(
                Parabola(
                    wide(arrays[f"location{index}"]),
                    wide(arrays[f"factor{index}"]),
                ).log_prob(wide(arrays[f"code{index}"]))
            ).mean()
            for index in range(self._num_codes())
        ]
        return [(sizes, self._weights_of(arrays, "weights", self.plan.weights))]


class GradientPenalty(Case):
    """The discriminator is a quadratic form, so its gradient varies."""

    needs_graph = True
    condition = None

    def draw(self, generator):
        plan = self.plan
        inner = (1,) * (len(plan.shape) - 1)
        share = generator.random(size=(plan.shape[0], *inner))
        return {
            "real": self._outputs(generator),
            "generated": self._outputs(generator),
            "square": self._outputs(generator, plan.shape[1:]),
            "slope": self._outputs(generator, plan.shape[1:]),
            "share": share.astype("float32"),
            **self._draw_weights(
                generator, "weights", plan.weights, plan.shape[:1]
            ),
        }

    def discriminator(self, tensors):
        def judge(data, condition):
            factor = 1.0 if condition is None else condition
            output = data * (data * tensors["square"] + tensors["slope"])
            # The second output of a tuple does not count, that of a list does.
            outputs = [factor * output, 3.0 * output]
            return tuple(outputs) if self.plan.flag else outputs

        return judge

    def settings(self, tensors):
        return {
            "target": 0.5 + self.plan.setting,
            "one_sided": self.plan.other_setting > 1,
            "reduction": self.plan.reduction,
            **self._weight_arguments(tensors, weights=self.plan.weights),
        }

    def call(self, function, tensors):
        return function(
            tensors["real"],
            tensors["generated"],
            2.0,
            self.discriminator(tensors),
            "discriminator",
            **self.settings(tensors),
        )

    def call_ours(self, tensors):
        share = keras.ops.reshape(tensors["share"], (-1,))
        with mock.patch.object(
            keras.random, "uniform", lambda *args, **kwargs: share
        ):
            return super().call_ours(tensors)

    def call_theirs(self, tensors):
        with mock.patch.object(
            tf.random, "uniform", lambda shape: tensors["share"]
        ):
            return super().call_theirs(tensors)

    def halves(self, arrays):
        values = {name: wide(array) for name, array in arrays.items()}
        between = values["real"] + values["share"] * (
            values["generated"] - values["real"]
        )
        factor = 2.0 if self.plan.flag else 5.0
        slopes = factor * (2 * between * values["square"] + values["slope"])
        squares = np.square(slopes).reshape(len(slopes), -1).sum(-1)
        norms = np.sqrt(squares + 1e-10) / (0.5 + self.plan.setting)
        # `norm - 1` cancels: what it is rounded by grows with the norm.
        sizes = np.square(norms - 1) + 2 * np.abs(norms - 1) * norms
        weights = self._weights_of(arrays, "weights", self.plan.weights)
        return [(sizes, weights)]


class Cycle(Case):
    casts = True
    NAMES = ("data_x", "reconstructed_data_x", "data_y", "reconstructed_data_y")

    def draw(self, generator):
        other = (*self.plan.shape, self.plan.num_classes)
        shapes = (self.plan.shape, self.plan.shape, other, other)
        return {
            name: self._outputs(generator, shape)
            for name, shape in zip(self.NAMES, shapes)
        }

    def call(self, function, tensors):
        return function(*(tensors[name] for name in self.NAMES))

    def scale(self, arrays):
        x, x_again, y, y_again = (wide(arrays[name]) for name in self.NAMES)
        errors = [np.abs(x - x_again), np.abs(y - y_again)]
        return sum(error.mean() if error.size else 0.0 for error in errors) / 2


class Combine(Case):
    """Losses that are parabolas of a variable."""

    needs_graph = True

    def __init__(self, name, plan):
        super().__init__(name, plan)
        self.variable = keras.Variable(np.zeros(plan.shape, "float32"))

    def draw(self, generator):
        arrays = {
            name: self._outputs(generator)
            for name in ("variable", "a", "b", "c")
        }
        arrays["variable"] = arrays["variable"].astype("float32")
        self.variable.assign(arrays["variable"])
        return arrays

    def losses(self, variable, tensors):
        main = tensors["a"] * variable + tensors["b"] * variable**2
        return main, tensors["c"] * variable**2 + variable

    def settings(self):
        if self.plan.flag:
            return {"weight_factor": self.plan.setting}
        return {"gradient_ratio": 0.1 + self.plan.setting}

    def call_ours(self, tensors):
        # As functions: TF-GAN's tensors are those of a graph.
        def losses():
            return self.losses(
                keras.ops.convert_to_tensor(self.variable), tensors
            )

        def combine():
            return self.ours(
                lambda: losses()[0],
                lambda: losses()[1],
                variables=[self.variable],
                **self.settings(),
            )

        if keras.backend.backend() != "jax":
            return combine()
        # A compiled function gets the values of variables as arguments.
        with keras.StatelessScope([(self.variable, tensors["variable"])]):
            return combine()

    def call_theirs(self, tensors):
        # One summary cannot be switched off, and XLA has none.
        with mock.patch.object(tf.compat.v1.summary, "scalar"):
            return self.theirs(
                *self.losses(tensors["variable"], tensors),
                variables=[tensors["variable"]],
                scalar_summaries=False,
                gradient_summaries=False,
                **self.settings(),
            )

    def scale(self, arrays):
        values = {name: wide(array) for name, array in arrays.items()}
        variable = values["variable"]
        main, adversarial = self.losses(variable, values)
        weight = self.plan.setting
        if not self.plan.flag:
            slopes = (
                values["a"] + 2 * values["b"] * variable,
                2 * values["c"] * variable + 1,
            )
            norms = [np.sqrt(np.square(slope).sum()) for slope in slopes]
            weight = norms[0] / (norms[1] + 1e-6) / (0.1 + weight)
        sizes = self.losses(
            np.abs(variable),
            {name: np.abs(value) for name, value in values.items()},
        )
        return sizes[0] + weight * sizes[1]


StarGAN = collections.namedtuple(
    "StarGAN",
    (
        "input_data",
        "input_data_domain_label",
        "generated_data",
        "discriminator_input_data_source_predication",
        "discriminator_generated_data_source_predication",
        "discriminator_fn",
        "discriminator_scope",
    ),
    defaults=(None,) * 7,
)


class StarGANCase(Case):
    """A wrapper around another function."""

    wrapped = None

    @property
    def ours(self):
        return getattr(ours, self.name)(getattr(ours, self.wrapped))

    @property
    def theirs(self):
        return getattr(their_wrappers, self.name)(getattr(theirs, self.wrapped))


class StarGANG(StarGANCase, ModifiedG):
    wrapped = "modified_generator_loss"

    def call(self, function, tensors):
        def unwrapped(outputs, **kwargs):
            return function(
                StarGAN(
                    discriminator_generated_data_source_predication=outputs
                ),
                **kwargs,
            )

        return super().call(unwrapped, tensors)


class StarGAND(StarGANCase, WassersteinD):
    wrapped = "wasserstein_discriminator_loss"

    def call(self, function, tensors):
        def unwrapped(real, generated, **kwargs):
            return function(
                StarGAN(
                    discriminator_input_data_source_predication=real,
                    discriminator_generated_data_source_predication=generated,
                ),
                **kwargs,
            )

        return super().call(unwrapped, tensors)


class StarGANGradientPenalty(StarGANCase, GradientPenalty):
    wrapped = "wasserstein_gradient_penalty"

    def call(self, function, tensors):
        model = StarGAN(
            input_data=tensors["real"],
            # Two domains: the condition is the int 2.
            input_data_domain_label=tf.zeros((self.plan.shape[0], 2)),
            generated_data=tensors["generated"],
            discriminator_fn=self.discriminator(tensors),
            discriminator_scope="discriminator",
        )
        return function(model, **self.settings(tensors))


CASES = {
    "acgan_discriminator_loss": ACGAND,
    "acgan_generator_loss": ACGANG,
    "combine_adversarial_loss": Combine,
    "cycle_consistency_loss": Cycle,
    "least_squares_discriminator_loss": LeastSquaresD,
    "least_squares_generator_loss": LeastSquaresG,
    "minimax_discriminator_loss": MinimaxD,
    "minimax_generator_loss": MinimaxG,
    "modified_discriminator_loss": MinimaxD,
    "modified_generator_loss": ModifiedG,
    "mutual_information_penalty": MutualInformation,
    "relativistic_discriminator_loss": Relativistic,
    "relativistic_generator_loss": Relativistic,
    "stargan_discriminator_loss_wrapper": StarGAND,
    "stargan_generator_loss_wrapper": StarGANG,
    "stargan_gradient_penalty_wrapper": StarGANGradientPenalty,
    "wasserstein_discriminator_loss": WassersteinD,
    "wasserstein_generator_loss": WassersteinG,
    "wasserstein_gradient_penalty": GradientPenalty,
    "wasserstein_hinge_discriminator_loss": HingeD,
    "wasserstein_hinge_generator_loss": WassersteinG,
}


def make(name, plan):
    """Returns the case, within what the function takes."""
    kind = CASES[name]
    changes = {}
    if issubclass(kind, (GradientPenalty, Combine)):
        changes["dtype"] = "float32"  # TF-GAN takes no other.
    elif plan.dtype == "int32" and not kind.casts:
        changes["dtype"] = "float32"
    if not plan.shape and issubclass(
        kind, (GradientPenalty, Combine, Relativistic)
    ):
        changes["shape"] = (1,)
    if 0 in plan.shape and issubclass(
        kind, (GradientPenalty, Combine, Relativistic, MutualInformation)
    ):
        changes["shape"] = (2,)  # TF-GAN has NaN, or cannot.
    if issubclass(kind, (GradientPenalty, MutualInformation)):
        # Products of three values.
        changes["magnitude"] = min(plan.magnitude, 10.0)
    if plan.dtype in ("float16", "bfloat16"):
        changes["magnitude"] = min(plan.magnitude, 4.0)
    return kind(name, dataclasses.replace(plan, **changes))


def runner(case, mode="eager"):
    """Returns a function of arrays that gives both results, as arrays."""
    if keras.backend.backend() != "tensorflow":
        their_call = case.call_theirs
        our_call = case.call_ours
        if case.needs_graph:
            their_call = tf.function(their_call, autograph=False)
        if mode == "xla":
            our_call = importlib.import_module("jax").jit(our_call)

        def both(arrays):
            tensors = {
                name: keras.ops.convert_to_tensor(array)
                for name, array in arrays.items()
            }
            return our_call(tensors), their_call(
                {name: tf.constant(array) for name, array in arrays.items()}
            )

    elif mode == "eager" and not case.needs_graph:

        def both(arrays):
            tensors = {
                name: tf.constant(array) for name, array in arrays.items()
            }
            return case.call_ours(tensors), case.call_theirs(tensors)

    else:
        # One function each: in one, common parts would be computed once.
        our_call, their_call = (
            tf.function(call, jit_compile=mode == "xla", autograph=False)
            for call in (case.call_ours, case.call_theirs)
        )

        def both(arrays):
            return our_call(arrays), their_call(arrays)

    return both


def difference(case, arrays, results):
    """Returns the largest difference, in units of the scale.

    Raises:
        AssertionError: If shapes or dtypes differ, or values that have no
            scale (all weights are zero) do.
    """
    found, expected = results
    assert tuple(found.shape) == tuple(expected.shape)
    dtype = expected.dtype.name
    if keras.backend.backend() != "jax":  # It has no float64.
        assert keras.backend.standardize_dtype(found.dtype) == dtype
    found = wide(keras.ops.convert_to_numpy(keras.ops.cast(found, "float64")))
    expected = wide(expected.numpy())
    scale = np.broadcast_to(case.scale(arrays), expected.shape)
    known = np.isfinite(scale)
    np.testing.assert_array_equal(found[~known], expected[~known])
    if not known.any():
        return 0.0
    gap = np.abs(found - expected)[known]
    return float((gap / np.maximum(scale[known], SMALLEST[dtype])).max())
