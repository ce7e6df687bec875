"""The exported generator over the TF Serving protocol, to a stand-in server."""

import json
import os
import pathlib
import subprocess
import sys
import urllib.error
import urllib.request

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from keras_ganloss.export import export_generator
from tests.helpers import limits

pytestmark = limits.EXPORT.marker

pytest.importorskip(
    "tensorflow_serving",
    reason="The stand-in server speaks the protocol of tensorflow-serving-api.",
)

LATENT = np.random.default_rng(0).normal(size=(3, 4)).astype("float32")
LABELS = np.array([0, 4, 2], "int32")
SEEDS = np.array([5, 2**53 - 1, 9], "int64")


class Server:
    """A conditional generator, exported twice and served from a process."""

    def __init__(self, base):
        latent = keras.Input((4,))
        label = keras.Input((), dtype="int32")
        features = layers.Concatenate()([latent, layers.Embedding(5, 4)(label)])
        image = layers.Reshape((2, 2, 3))(layers.Dense(12)(features))
        self.generator = keras.Model([latent, label], image)
        for version in (1, 2):
            self.generator.layers[-2].bias.assign([float(version)] * 12)
            export_generator(
                self.generator,
                base / str(version),
                latent_shape=(4,),
                condition=label,
                verbose=False,
            )
        self.process = subprocess.Popen(
            [
                sys.executable,
                pathlib.Path(__file__).with_name("stand_in_server.py"),
                "gan",
                base,
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
        )
        ports = self.process.stdout.readline().split()
        self.grpc_address = f"127.0.0.1:{ports[0]}"
        self.rest_address = f"127.0.0.1:{ports[1]}"

    def expected(self, latent, version=2):
        """Returns what the generator answers in the given version."""
        samples = self.generator([latent, LABELS], training=False).numpy()
        return samples + (version - 2)

    def get(self, path):
        return self.post(path, body=None)

    def post(self, path, body):
        data = None if body is None else json.dumps(body).encode()
        url = f"http://{self.rest_address}/v1/models/{path}"
        with urllib.request.urlopen(url, data, timeout=60) as response:
            return json.load(response)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("base"))
    yield server
    server.process.communicate(timeout=60)  # Closes its standard input.
    assert server.process.returncode == 0


def latents_of(seeds):
    return tf.stack(
        [
            tf.random.stateless_normal((4,), [seed, 0], alg="philox")
            for seed in seeds
        ]
    ).numpy()


def assert_close(samples, expected):
    samples = np.array(samples)
    assert samples.shape == expected.shape
    np.testing.assert_allclose(samples, expected, rtol=0, atol=1e-6)


# REST


def test_rest_rows(server):
    rows = [
        {"latent": latent, "condition": label}
        for latent, label in zip(LATENT.tolist(), LABELS.tolist())
    ]
    answer = server.post("gan:predict", {"instances": rows})
    assert_close(answer["predictions"], server.expected(LATENT))


def test_rest_columns(server):
    columns = {"latent": LATENT.tolist(), "condition": LABELS.tolist()}
    answer = server.post("gan:predict", {"inputs": columns})
    assert_close(answer["outputs"], server.expected(LATENT))


def test_rest_version(server):
    columns = {"latent": LATENT.tolist(), "condition": LABELS.tolist()}
    answer = server.post("gan/versions/1:predict", {"inputs": columns})
    assert_close(answer["outputs"], server.expected(LATENT, version=1))


def test_rest_from_seeds(server):
    rows = [
        {"seeds": seed, "condition": label}
        for seed, label in zip(SEEDS.tolist(), LABELS.tolist())
    ]
    body = {"signature_name": "from_seeds", "instances": rows}
    answer = server.post("gan:predict", body)
    assert_close(answer["predictions"], server.expected(latents_of(SEEDS)))


def test_rest_sample_is_repeated_by_its_seeds(server):
    body = {
        "signature_name": "sample",
        "inputs": {"num": 3, "condition": LABELS.tolist()},
    }
    first = server.post("gan:predict", body)["outputs"]
    second = server.post("gan:predict", body)["outputs"]
    assert not set(first["seed"]) & set(second["seed"])
    # The seeds survive JSON readers whose numbers are doubles.
    assert [int(float(seed)) for seed in first["seed"]] == first["seed"]
    expected = server.expected(latents_of(first["seed"]))
    assert_close(first["samples"], expected)


def test_rest_status(server):
    (status,) = server.get("gan")["model_version_status"]
    assert (status["version"], status["state"]) == ("2", "AVAILABLE")


def test_rest_metadata(server):
    metadata = server.get("gan/versions/1/metadata")
    signatures = metadata["metadata"]["signature_def"]["signature_def"]
    seeds = signatures["from_seeds"]["inputs"]["seeds"]
    assert metadata["model_spec"]["version"] == "1"
    assert seeds["dtype"] == "DT_INT64"
    assert seeds["tensor_shape"]["dim"][0]["size"] == "-1"


@pytest.mark.parametrize(
    ("path", "body", "code", "message"),
    [
        ("pix2pix:predict", {"inputs": {}}, 404, "Servable not found"),
        ("gan/versions/3:predict", {"inputs": {}}, 404, "Servable not found"),
        ("gan:predict", {"inputs": {"z": [0]}}, 400, "not match signature"),
        (
            "gan:predict",
            {
                "signature_name": "sample",
                "inputs": {"num": 2, "condition": LABELS.tolist()},
            },
            400,
            "must have one row for each sample",
        ),
    ],
)
def test_rest_errors(server, path, body, code, message):
    with pytest.raises(urllib.error.HTTPError) as error:
        server.post(path, body)
    assert error.value.code == code
    assert message in json.load(error.value)["error"]


# gRPC, with tensorflow-serving-api as the client


@pytest.fixture(scope="module")
def channel(server):
    grpc = pytest.importorskip("grpc", reason="gRPC needs grpcio.")
    with grpc.insecure_channel(server.grpc_address) as channel:
        yield channel


def grpc_predict(channel, signature_name, **inputs):
    from tensorflow_serving.apis import predict_pb2
    from tensorflow_serving.apis import prediction_service_pb2_grpc

    request = predict_pb2.PredictRequest()
    request.model_spec.name = "gan"
    request.model_spec.signature_name = signature_name
    for name, value in inputs.items():
        request.inputs[name].CopyFrom(tf.make_tensor_proto(value))
    stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
    response = stub.Predict(request, timeout=60)
    return {
        name: tf.make_ndarray(tensor)
        for name, tensor in response.outputs.items()
    }


def test_grpc_serving_default(server, channel):
    answer = grpc_predict(
        channel, "serving_default", latent=LATENT, condition=LABELS
    )
    assert answer["samples"].dtype == "float32"
    np.testing.assert_array_equal(answer["samples"], server.expected(LATENT))


def test_grpc_from_seeds(server, channel):
    answer = grpc_predict(channel, "from_seeds", seeds=SEEDS, condition=LABELS)
    assert_close(answer["samples"], server.expected(latents_of(SEEDS)))


def test_grpc_sample(server, channel):
    answer = grpc_predict(channel, "sample", num=np.int32(3), condition=LABELS)
    expected = server.expected(latents_of(answer["seed"]))
    assert_close(answer["samples"], expected)


def test_grpc_status_and_metadata(channel):
    from tensorflow_serving.apis import get_model_metadata_pb2
    from tensorflow_serving.apis import get_model_status_pb2
    from tensorflow_serving.apis import model_service_pb2_grpc
    from tensorflow_serving.apis import prediction_service_pb2_grpc

    request = get_model_status_pb2.GetModelStatusRequest()
    request.model_spec.name = "gan"
    stub = model_service_pb2_grpc.ModelServiceStub(channel)
    response = stub.GetModelStatus(request, timeout=60)
    versions = {status.version for status in response.model_version_status}
    assert versions == {1, 2}

    request = get_model_metadata_pb2.GetModelMetadataRequest()
    request.model_spec.name = "gan"
    request.metadata_field.append("signature_def")
    stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
    response = stub.GetModelMetadata(request, timeout=60)
    signatures = get_model_metadata_pb2.SignatureDefMap()
    assert response.metadata["signature_def"].Unpack(signatures)
    found = {
        name: {*signature.inputs, *signature.outputs}
        for name, signature in signatures.signature_def.items()
        if not name.startswith("__")
    }
    assert found == {
        "serving_default": {"latent", "condition", "samples"},
        "from_seeds": {"seeds", "condition", "samples"},
        "sample": {"num", "condition", "samples", "seed"},
    }


# ovmsclient, over both


@pytest.mark.parametrize("protocol", ["grpc", "http"])
def test_ovmsclient(server, protocol):
    ovmsclient = pytest.importorskip(
        "ovmsclient", reason="A second client that others wrote."
    )
    if protocol == "grpc":
        client = ovmsclient.make_grpc_client(server.grpc_address)
    else:
        client = ovmsclient.make_http_client(server.rest_address)
    assert client.get_model_status("gan")[2]["state"] == "AVAILABLE"
    for version in (1, 2):
        samples = client.predict(
            {"latent": LATENT, "condition": LABELS}, "gan", version
        )
        assert_close(samples, server.expected(LATENT, version))


def test_ovmsclient_metadata(server):
    # Over gRPC alone: its HTTP client knows the field names of OpenVINO Model
    # Server (`modelSpec`), and hands on those of TF Serving (`model_spec`).
    ovmsclient = pytest.importorskip(
        "ovmsclient", reason="A second client that others wrote."
    )
    client = ovmsclient.make_grpc_client(server.grpc_address)
    assert client.get_model_metadata("gan") == {
        "model_version": 2,
        "inputs": {
            "latent": {"shape": [-1, 4], "dtype": "DT_FLOAT"},
            "condition": {"shape": [-1], "dtype": "DT_INT32"},
        },
        "outputs": {
            "samples": {"shape": [-1, 2, 2, 3], "dtype": "DT_FLOAT"},
        },
    }
