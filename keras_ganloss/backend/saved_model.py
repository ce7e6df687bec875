"""The TensorFlow SavedModel of a generator, with its three signatures."""

import itertools
import warnings
from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

# Many JSON clients read numbers as doubles: a longer seed would come back
# rounded and stand for another sample.
LARGEST_SEED = 2**53 - 1


def write_saved_model(
    generator: keras.Model,
    forward: Callable[..., Any],
    latents: Any,
    condition: Any,
    path: Any,
) -> None:
    """Writes the signatures `serving_default`, `from_seeds` and `sample`.

    The file holds the variables that a signature reads and no others: no
    optimizer, no discriminator.

    Args:
        generator: A built Keras model.
        forward: Function of `(*latents, *condition)` that calls the generator
            and returns a dictionary of named samples.
        latents: List of `keras.InputSpec` with a name, a shape and a dtype.
        condition: List of `keras.InputSpec`, empty without a condition.
        path: Directory to create.
    """
    archive = keras.export.ExportArchive()
    archive.track(generator)
    # It would write the file, too, but with every weight in it twice.
    decode = archive.add_endpoint(
        "decode", forward, input_signature=[*latents, *condition]
    )
    warn_of_own_randomness(decode.get_concrete_function().graph)
    condition = [
        tf.TensorSpec(spec.shape, spec.dtype, name=spec.name)
        for spec in condition
    ]

    def from_seeds(seeds, *rows):
        rows = checked_rows(seeds, rows, condition)
        drawn = [
            draw_latents(seeds, latent.shape[1:], index)
            for index, latent in enumerate(latents)
        ]
        return decode(*drawn, *rows)

    def sample(num, *rows):
        seeds = draw_seeds(num)
        return {**from_seeds(seeds, *rows), "seed": seeds}

    def signature(function, first_input):
        return tf.function(
            function,
            input_signature=[first_input, *condition],
            autograph=False,
        )

    module = tf.Module()
    module.read_variables = list(decode.get_concrete_function().variables)
    module.lookup_tables = lookup_tables(generator)
    tf.saved_model.save(
        module,
        path,
        signatures={
            "serving_default": decode,
            "from_seeds": signature(
                from_seeds, tf.TensorSpec([None], tf.int64, name="seeds")
            ),
            "sample": signature(
                sample, tf.TensorSpec([], tf.int32, name="num")
            ),
        },
    )


def draw_latents(seeds: Any, latent_shape: Any, index: int = 0) -> Any:
    """Returns standard normal latents, row `i` a function of `seeds[i]` alone.

    Row `i` is `tf.random.stateless_normal(latent_shape, [seeds[i], index],
    alg="philox")`: naming the algorithm makes the numbers the same on every
    device.

    Args:
        seeds: int64 tensor of shape `(batch_size,)`.
        latent_shape: Shape of one latent.
        index: Int, which one, for generators of several.

    Returns:
        float32 tensor of shape `(batch_size, *latent_shape)`.
    """
    return tf.map_fn(
        lambda seed: tf.random.stateless_normal(
            latent_shape, seed=tf.stack([seed, index]), alg="philox"
        ),
        seeds,
        fn_output_signature=tf.TensorSpec(latent_shape, tf.float32),
    )


def draw_seeds(num: int) -> Any:
    """Returns `num` seeds that no earlier call or process has to share.

    `tf.random.uniform` would not do: it keeps the seed of the process that
    exports it and repeats itself after every restart of the server.
    """
    seeds = tf.raw_ops.NonDeterministicInts(
        shape=tf.reshape(num, [1]), dtype=tf.int64
    )
    return tf.bitwise.bitwise_and(seeds, tf.constant(LARGEST_SEED, tf.int64))


def checked_rows(seeds: Any, rows: Any, condition: Any) -> list[Any]:
    """Returns the conditions; a graph raises if one has not a row a seed.

    What reads a condition waits for the check, which else might come second
    to a less helpful error.
    """
    checks = [
        tf.debugging.assert_equal(
            tf.shape(tensor, out_type=tf.int64)[0],
            tf.size(seeds, out_type=tf.int64),
            message=f"`{spec.name}` must have one row for each sample.",
        )
        for tensor, spec in zip(rows, condition)
    ]
    with tf.control_dependencies(checks):
        return [tf.identity(tensor) for tensor in rows]


def warn_of_own_randomness(graph: Any) -> None:
    """Warns if the generator draws numbers beside its latent."""
    graph = graph.as_graph_def()
    operations = itertools.chain(
        graph.node, *(function.node_def for function in graph.library.function)
    )
    random = sorted({node.op for node in operations if "Random" in node.op})
    if random:
        warnings.warn(
            "The generator draws random numbers of its own when it is called "
            "with `training=False`, so that a seed given to `from_seeds` does "
            "not determine its sample, and a restarted server repeats these "
            "numbers. Make them part of the latent. Received: "
            f"operations={random}",
            stacklevel=2,
        )


def lookup_tables(generator: keras.Model) -> list[Any]:
    """Returns the tables of layers such as `keras.layers.StringLookup`."""
    return [
        child
        for child in tf.train.TrackableView(generator).descendants()
        if isinstance(child, tf.saved_model.experimental.TrackableResource)
    ]
