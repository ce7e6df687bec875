import os
import pathlib
import shutil
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from tensorflow.core.protobuf import saved_model_pb2

from keras_ganloss.export import export_generator
from keras_ganloss.export.generator import write_atomically
from tests.helpers import limits

LATENT = 6
LABELS = np.array([0, 4, 2], "int32")
LABEL_SPEC = keras.InputSpec(dtype="int32", shape=(None,))


def dense():
    """Unconditional, and compiled: its optimizer must stay at home."""
    generator = keras.Sequential(
        [keras.Input((LATENT,)), layers.Dense(8, "relu"), layers.Dense(5)]
    )
    generator.compile("adam", "mse")
    generator.optimizer.build(generator.trainable_variables)
    return generator


def convolutional():
    """Batch normalization with statistics far from where they started."""
    normalization = layers.BatchNormalization()
    generator = keras.Sequential(
        [
            keras.Input((LATENT,)),
            layers.Dense(2 * 2 * 4),
            layers.Reshape((2, 2, 4)),
            normalization,
            layers.LeakyReLU(),
            layers.Dropout(0.5),
            layers.Conv2DTranspose(3, 4, 2, "same", activation="tanh"),
        ]
    )
    normalization.moving_mean.assign([1.0, -2.0, 0.5, 3.0])
    normalization.moving_variance.assign([0.1, 4.0, 2.0, 0.5])
    return generator


def conditional():
    latent = keras.Input((LATENT,))
    label = keras.Input((), dtype="int32")
    features = layers.Concatenate()([latent, layers.Embedding(5, 4)(label)])
    return keras.Model([latent, label], layers.Dense(7)(features))


def two_conditions():
    latent = keras.Input((LATENT,))
    label = keras.Input((), dtype="int32")
    angle = keras.Input((2,))
    features = layers.Concatenate()(
        [latent, layers.Embedding(5, 4)(label), angle]
    )
    condition = {"label": label, "angle": angle}
    return keras.Model([latent, condition], layers.Dense(7)(features))


def multi_output():
    latent = keras.Input((LATENT,))
    outputs = {
        "image": layers.Dense(4)(latent),
        "mask": layers.Dense(2)(latent),
    }
    return keras.Model(latent, outputs)


class Subclassed(keras.Model):
    """Takes `[latent, label]` and has no `training` argument."""

    def __init__(self):
        super().__init__()
        self.embedding = layers.Embedding(5, LATENT)
        self.dense = layers.Dense(3)

    def call(self, inputs):
        latent, label = inputs
        return self.dense(latent * self.embedding(label))


def subclassed():
    generator = Subclassed()
    generator([np.ones((1, LATENT), "float32"), LABELS[:1]])
    return generator


def bfloat16():
    return keras.Sequential(
        [
            keras.Input((LATENT,)),
            layers.Dense(8, "relu", dtype="mixed_bfloat16"),
            layers.Dense(5, dtype="mixed_bfloat16"),
        ]
    )


CONDITIONS = {
    conditional: {"condition": LABELS},
    subclassed: {"condition": LABELS},
    two_conditions: {
        "condition_angle": np.array([[1, 2], [3, 4], [5, 6]], "float32"),
        "condition_label": LABELS,
    },
}
CASES = [
    dense,
    convolutional,
    conditional,
    two_conditions,
    multi_output,
    subclassed,
    bfloat16,
]


class Case:
    """One generator, its file, and what it should answer."""

    def __init__(self, build, path):
        # A seeded process must not pass its seed on to the server.
        keras.utils.set_random_seed(7)
        self.generator = build()
        self.path = path
        self.condition = CONDITIONS.get(build, {})
        self.latent = np.random.default_rng(0).normal(size=(3, LATENT))
        self.latent = self.latent.astype("float32")
        self.specs = None
        if build is two_conditions:
            self.specs = self.generator.input[1]
        elif self.condition:
            self.specs = LABEL_SPEC
        export_generator(
            self.generator, path, (LATENT,), self.specs, verbose=False
        )
        self.signatures = tf.saved_model.load(str(path)).signatures

    def expected(self, latent):
        """Returns `generator(latent, training=False)` by output name."""
        latent = tf.constant(latent)
        condition = {
            name: tf.constant(value) for name, value in self.condition.items()
        }
        if len(condition) > 1:
            inputs = [
                latent,
                {
                    name.removeprefix("condition_"): value
                    for name, value in condition.items()
                },
            ]
        elif condition:
            inputs = [latent, *condition.values()]
        else:
            inputs = latent
        outputs = self.generator(inputs, training=False)
        if isinstance(outputs, dict):
            return {f"samples_{key}": value for key, value in outputs.items()}
        return {"samples": outputs}

    def run(self, signature, **inputs):
        outputs = self.signatures[signature](
            **{name: tf.constant(value) for name, value in inputs.items()}
        )
        return {name: output.numpy() for name, output in outputs.items()}


@pytest.fixture(scope="module")
def cases(tmp_path_factory):
    """Exports a case when it is first asked for, and once only."""
    made = {}

    def get(build):
        limits.EXPORT.skip()  # `test_across_backends.py` is about the others.
        if build not in made:
            directory = tmp_path_factory.mktemp(build.__name__)
            made[build] = Case(build, directory / "gan" / "1")
        return made[build]

    return get


@pytest.fixture(params=CASES, ids=lambda build: build.__name__)
def case(request, cases):
    return cases(request.param)


def assert_same(outputs, expected):
    assert outputs.keys() == expected.keys()
    for name, value in expected.items():
        assert outputs[name].dtype == "float32"
        np.testing.assert_array_equal(outputs[name], np.float32(value))


def test_serving_default_is_the_generator(case):
    outputs = case.run("serving_default", latent=case.latent, **case.condition)
    assert_same(outputs, case.expected(case.latent))


def test_from_seeds_is_the_generator_of_one_normal_latent_a_seed(case):
    seeds = [3, -5, 2**62]
    latent = tf.stack(
        [
            tf.random.stateless_normal((LATENT,), [seed, 0], alg="philox")
            for seed in seeds
        ]
    )
    outputs = case.run("from_seeds", seeds=np.int64(seeds), **case.condition)
    assert_same(outputs, case.expected(latent))


def test_sample_is_fresh_and_from_seeds_repeats_it(case):
    first = case.run("sample", num=3, **case.condition)
    second = case.run("sample", num=3, **case.condition)
    seeds = first.pop("seed")
    assert seeds.dtype == "int64"
    assert not set(seeds) & set(second["seed"])
    assert np.all((0 <= seeds) & (seeds < 2**53))
    assert_same(case.run("from_seeds", seeds=seeds, **case.condition), first)


def test_the_file_holds_the_weights_of_the_generator_once(case):
    saved = tf.train.list_variables(str(case.path / "variables" / "variables"))
    shapes = [shape for name, shape in saved if not name.startswith("_")]
    weights = case.generator.weights
    assert sorted(shapes) == sorted(list(weight.shape) for weight in weights)


def test_a_seed_does_not_depend_on_its_batch(cases):
    case = cases(convolutional)
    three = case.run("from_seeds", seeds=np.int64([5, 3, 9]))["samples"]
    two = case.run("from_seeds", seeds=np.int64([3, 5]))["samples"]
    np.testing.assert_allclose(two, three[[1, 0]], rtol=0, atol=1e-6)
    assert np.abs(three[0] - three[1]).max() > 0.01


@limits.EXPORT.marker
def test_latents_are_standard_normal(tmp_path):
    identity = keras.Sequential([keras.Input((8, 4)), layers.Identity()])
    export_generator(identity, tmp_path / "1", (8, 4), verbose=False)
    signatures = tf.saved_model.load(str(tmp_path / "1")).signatures
    latent = signatures["sample"](num=tf.constant(1000))["samples"].numpy()
    # 32,000 draws: five standard errors of the mean, and of the variance.
    assert latent.shape == (1000, 8, 4)
    assert abs(latent.mean()) < 5 / np.sqrt(latent.size)
    assert abs(latent.var() - 1) < 5 * np.sqrt(2 / latent.size)


def test_no_sample_at_all(cases):
    outputs = cases(dense).run("sample", num=0)
    assert outputs["samples"].shape == (0, 5)
    assert outputs["seed"].shape == (0,)


@pytest.mark.parametrize(
    ("signature", "inputs"),
    [("sample", {"num": 2}), ("from_seeds", {"seeds": np.int64([3, 5])})],
)
def test_a_condition_needs_one_row_a_sample(cases, signature, inputs):
    with pytest.raises(
        tf.errors.InvalidArgumentError,
        match="`condition` must have one row for each sample",
    ):
        cases(conditional).run(signature, **inputs, condition=LABELS)


@limits.EXPORT.marker
def test_a_table_of_strings_is_in_the_file(tmp_path):
    latent = keras.Input((LATENT,))
    word = keras.Input((), dtype="string")
    one_hot = layers.StringLookup(
        vocabulary=["sun", "moon"], output_mode="one_hot"
    )(word)
    features = layers.Concatenate()([latent, one_hot])
    generator = keras.Model([latent, word], layers.Dense(3)(features))
    export_generator(generator, tmp_path / "1", (LATENT,), word, verbose=False)
    signatures = tf.saved_model.load(str(tmp_path / "1")).signatures
    inputs = [tf.ones((3, LATENT)), tf.constant(["moon", "sun", "mars"])]
    outputs = signatures["serving_default"](
        latent=inputs[0], condition=inputs[1]
    )
    np.testing.assert_array_equal(outputs["samples"], generator(inputs))


# Elsewhere: processes without Keras and without Python.

WITHOUT_KERAS = """
import sys
sys.modules["keras"] = sys.modules["keras_ganloss"] = None  # Not importable.
import numpy as np
import tensorflow as tf
path, latent, target = sys.argv[1:]
signatures = tf.saved_model.load(path).signatures
latent = tf.constant(np.load(latent))
np.savez(
    target,
    decoded=signatures["serving_default"](latent=latent)["samples"],
    **signatures["sample"](num=tf.constant(4)),
)
"""


def environment():
    return {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}


def run_together(*commands):
    """Runs commands side by side and returns what they printed."""
    processes = [
        subprocess.Popen(
            [str(argument) for argument in command],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(),
        )
        for command in commands
    ]
    printed = []
    for process in processes:
        output, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
        printed.append(output)
    return printed


def test_processes_without_keras_agree_and_draw_afresh(cases, tmp_path):
    case = cases(convolutional)
    latent = tmp_path / "latent.npy"
    np.save(latent, case.latent)
    targets = [tmp_path / "first.npz", tmp_path / "second.npz"]
    run_together(
        *(
            [sys.executable, "-c", WITHOUT_KERAS, case.path, latent, target]
            for target in targets
        )
    )
    first, second = (np.load(target) for target in targets)
    expected = case.expected(case.latent)["samples"]
    np.testing.assert_array_equal(first["decoded"], expected)
    np.testing.assert_array_equal(second["decoded"], expected)
    assert not set(first["seed"]) & set(second["seed"])
    repeated = case.run("from_seeds", seeds=first["seed"])["samples"]
    np.testing.assert_allclose(repeated, first["samples"], rtol=0, atol=1e-6)


def test_saved_model_cli_shows_and_runs(cases, tmp_path):
    case = cases(conditional)
    np.savez(tmp_path / "inputs.npz", latent=case.latent, label=LABELS)
    cli = pathlib.Path(sys.executable).parent / "saved_model_cli"
    inputs = tmp_path / "inputs.npz"
    shown, _ = run_together(
        [cli, "show", "--dir", case.path, "--all"],
        [cli, "run", "--dir", case.path]
        + ["--tag_set", "serve", "--signature_def", "serving_default"]
        + ["--inputs", f"latent={inputs}[latent];condition={inputs}[label]"]
        + ["--outdir", tmp_path],
    )
    signatures = shown.split("signature_def['")[1:]
    found = {}
    for text in signatures:
        lines = [line.strip() for line in text.splitlines()]
        found[text.split("'")[0]] = {
            line.split("'")[1]
            for line in lines
            if line.startswith(("inputs['", "outputs['"))
        }
    assert {name: found[name] for name in case.signatures} == {
        "serving_default": {"latent", "condition", "samples"},
        "from_seeds": {"seeds", "condition", "samples"},
        "sample": {"num", "condition", "samples", "seed"},
    }
    np.testing.assert_array_equal(
        np.load(tmp_path / "samples.npy"), case.expected(case.latent)["samples"]
    )


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    """Compiles the C program against the libraries in the wheel."""
    limits.EXPORT.skip()
    if shutil.which("gcc") is None:
        pytest.skip("The C program needs gcc.")
    source = pathlib.Path(__file__).with_name("generator_client.c")
    program = tmp_path_factory.mktemp("client") / "generator_client"
    libraries = tf.sysconfig.get_lib()
    # It reads these libraries, a gigabyte, four times as fast.
    gold = ["-fuse-ld=gold"] if shutil.which("ld.gold") else []
    run_together(
        ["gcc", "-std=c99", "-Wall", "-Wextra", "-Werror", source]
        + ["-o", program, "-I", tf.sysconfig.get_include(), "-L", libraries]
        + ["-l:libtensorflow_cc.so.2", "-l:libtensorflow_framework.so.2"]
        + [f"-Wl,-rpath,{libraries}", *gold]
    )
    return program


@pytest.mark.parametrize("signature", ["serving_default", "from_seeds"])
def test_c_program(cases, client, signature):
    case = cases(convolutional)
    if signature == "from_seeds":
        name, fed = "seeds", np.int64([5, 3, 9])
        expected = case.run(signature, seeds=fed)["samples"]
    else:
        name, fed = "latent", case.latent
        expected = case.expected(fed)["samples"].numpy()
    saved_model = saved_model_pb2.SavedModel.FromString(
        (case.path / "saved_model.pb").read_bytes()
    )
    tensors = saved_model.meta_graphs[0].signature_def[signature]
    result = subprocess.run(
        [client, case.path, tensors.inputs[name].name]
        + [tensors.outputs["samples"].name, str(len(fed))],
        input=fed.tobytes(),
        capture_output=True,
        check=True,
        env=environment(),
        timeout=120,
    )
    outputs = np.frombuffer(result.stdout, "float32").reshape(expected.shape)
    np.testing.assert_array_equal(outputs, expected)


# Formats that Keras writes.


def run_onnx(path, inputs):
    onnxruntime = pytest.importorskip(
        "onnxruntime", reason="ONNX Runtime runs the exported file."
    )
    session = onnxruntime.InferenceSession(path)
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(None, inputs)))


def run_litert(path, inputs):
    interpreter = pytest.importorskip(
        "ai_edge_litert.interpreter", reason="LiteRT runs the exported file."
    ).Interpreter(str(path))
    return interpreter.get_signature_runner("serving_default")(**inputs)


def run_openvino(path, inputs):
    openvino = pytest.importorskip(
        "openvino", reason="OpenVINO runs the exported file."
    )
    # On CPUs that have bfloat16, OpenVINO computes in it unless told.
    compiled = openvino.compile_model(
        path, config={"INFERENCE_PRECISION_HINT": "f32"}
    )
    results = compiled(inputs)
    outputs = {}
    for output in compiled.outputs:
        # OpenVINO keeps the name of the operation as a second one.
        (name,) = (name for name in output.names if name.startswith("samples"))
        outputs[name] = results[output]
    return outputs


FORMATS = {
    "onnx": (".onnx", ["tf2onnx"], run_onnx),
    "litert": (".tflite", [], run_litert),
    "openvino": (".xml", ["openvino", "scipy"], run_openvino),
}


@pytest.mark.parametrize("build", [convolutional, two_conditions, multi_output])
@pytest.mark.parametrize("format", FORMATS)
def test_other_formats(cases, build, format, tmp_path):
    suffix, packages, run = FORMATS[format]
    for package in packages:
        pytest.importorskip(package, reason=f"Keras writes {format} with it.")
    case = cases(build)
    path = tmp_path / f"generator{suffix}"
    export_generator(
        case.generator, path, (LATENT,), case.specs, format, verbose=False
    )
    outputs = run(path, {"latent": case.latent, **case.condition})
    expected = case.expected(case.latent)
    assert outputs.keys() == expected.keys()
    for name, value in expected.items():
        np.testing.assert_allclose(outputs[name], value, rtol=0, atol=1e-4)
    with pytest.raises(ValueError, match="`path` exists"):
        export_generator(case.generator, path, (LATENT,), format=format)


def test_openvino_reads_the_saved_model(cases):
    case = cases(conditional)
    outputs = run_openvino(
        case.path, {"latent": case.latent, "condition": LABELS}
    )
    expected = case.expected(case.latent)["samples"]
    np.testing.assert_allclose(outputs["samples"], expected, rtol=0, atol=1e-4)


@pytest.mark.parametrize(
    ("format", "package"), [("onnx", "tf2onnx"), ("openvino", "scipy")]
)
def test_a_missing_package_is_named(
    cases, tmp_path, monkeypatch, format, package
):
    if format == "openvino":
        pytest.importorskip("openvino", reason="It is looked for first.")
    monkeypatch.setitem(sys.modules, package, None)
    path = tmp_path / f"generator{FORMATS[format][0]}"
    with pytest.raises(
        ImportError,
        match=rf"`{package}`.*pip install keras-ganloss\[serving\]",
    ):
        export_generator(cases(dense).generator, path, (LATENT,), format=format)
    assert list(tmp_path.iterdir()) == []


# What is refused.


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"format": "h5"}, r"'tf_saved_model'.*Received: format='h5'"),
        ({"format": "onnx"}, r"must end in '\.onnx'.*Received: path="),
        ({"latent_shape": (None,)}, r"Received: latent_shape=\(None,\)"),
        ({"latent_shape": ()}, r"Received: latent_shape=\(\)"),
        ({"condition": keras.InputSpec(ndim=2)}, "Received: condition="),
    ],
)
def test_wrong_arguments(tmp_path, arguments, message):
    arguments = {"latent_shape": (LATENT,), **arguments}
    with pytest.raises(ValueError, match=message):
        export_generator(dense(), tmp_path / "model", **arguments)
    assert list(tmp_path.iterdir()) == []


def test_a_model_in_use_is_not_overwritten(cases):
    case = cases(dense)
    before = (case.path / "saved_model.pb").read_bytes()
    with pytest.raises(ValueError, match=r"the next version.*Received: path="):
        export_generator(case.generator, case.path, (LATENT,))
    assert (case.path / "saved_model.pb").read_bytes() == before


def test_nothing_is_left_of_a_failure(tmp_path):
    def write(path):
        pathlib.Path(path).write_text("half")
        assert list(tmp_path.iterdir()) != []
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_atomically(write, str(tmp_path / "1"))
    assert list(tmp_path.iterdir()) == []


@limits.EXPORT.marker
def test_noise_inside_the_generator_is_reported(tmp_path):
    class Noisy(layers.Layer):
        def __init__(self):
            super().__init__()
            self.seed_generator = keras.random.SeedGenerator(1)

        def call(self, inputs):
            return inputs + keras.random.normal(
                keras.ops.shape(inputs), seed=self.seed_generator
            )

    generator = keras.Sequential([keras.Input((LATENT,)), Noisy()])
    with pytest.warns(UserWarning, match="random numbers of its own"):
        export_generator(generator, tmp_path / "1", (LATENT,), verbose=False)


def test_it_says_where_and_what(cases, tmp_path, capsys):
    export_generator(
        cases(conditional).generator, tmp_path / "1", (LATENT,), LABEL_SPEC
    )
    printed = capsys.readouterr().out
    assert str(tmp_path / "1") in printed
    assert "latent, condition" in printed
