"""A stand-in for TensorFlow Serving: its protocol over `tf.saved_model.load`.

The real `tensorflow_model_server` is no Python package and was not run in these
tests. This server answers the same gRPC and REST calls about the same directory
layout, `base/<version>/`, so that real clients can be tried. It loads the
versions that are there when it starts, and does no batching.

    python stand_in_server.py NAME BASE

It prints its gRPC and its REST port in one line, and runs until its standard
input is closed.
"""

import concurrent.futures
import http.server
import json
import pathlib
import re
import sys
import threading

import grpc
import numpy as np
import tensorflow as tf
from google.protobuf import json_format
from tensorflow.core.protobuf import saved_model_pb2
from tensorflow_serving.apis import get_model_metadata_pb2
from tensorflow_serving.apis import get_model_status_pb2
from tensorflow_serving.apis import model_service_pb2_grpc
from tensorflow_serving.apis import predict_pb2
from tensorflow_serving.apis import prediction_service_pb2_grpc

ROUTE = re.compile(
    r"/v1/models/(?P<name>[^/:]+)(/versions/(?P<version>\d+))?"
    r"(?P<verb>/metadata|:predict)?"
)


class Servable:
    """The versions of one model, as the directory holds them.

    Args:
        name: What clients call the model.
        base: Directory with a subdirectory for each version.
    """

    def __init__(self, name, base):
        self.name = name
        self.directories = {
            int(directory.name): directory
            for directory in pathlib.Path(base).iterdir()
            if directory.name.isdecimal()
        }
        self.models = {
            version: tf.saved_model.load(str(directory))
            for version, directory in self.directories.items()
        }

    def resolve(self, name, version):
        """Returns the version that a request means: the latest if it is 0."""
        version = version or max(self.directories)
        if name != self.name or version not in self.directories:
            raise LookupError(
                f"Servable not found for request: {name}/{version}"
            )
        return version

    def predict(self, version, signature_name, inputs):
        """Returns the named outputs of a signature as numpy arrays."""
        signatures = self.models[version].signatures
        signature_name = signature_name or "serving_default"
        if signature_name not in signatures:
            raise LookupError(
                f'Serving signature name: "{signature_name}" not found'
            )
        signature = signatures[signature_name]
        specs = signature.structured_input_signature[1]
        if set(specs) != set(inputs):
            raise ValueError(
                f"input size does not match signature: {sorted(inputs)} are "
                f"not {sorted(specs)}"
            )
        outputs = signature(
            **{
                name: tf.constant(inputs[name], spec.dtype)
                for name, spec in specs.items()
            }
        )
        return {name: output.numpy() for name, output in outputs.items()}

    def metadata(self, version):
        """Returns the response that describes the signatures of a version."""
        path = self.directories[version] / "saved_model.pb"
        saved_model = saved_model_pb2.SavedModel.FromString(path.read_bytes())
        response = get_model_metadata_pb2.GetModelMetadataResponse()
        response.model_spec.name = self.name
        response.model_spec.version.value = version
        signatures = get_model_metadata_pb2.SignatureDefMap()
        for name, signature in saved_model.meta_graphs[0].signature_def.items():
            signatures.signature_def[name].CopyFrom(signature)
        response.metadata["signature_def"].Pack(signatures)
        return response

    def status(self, versions):
        """Returns the response that calls each of the versions available."""
        response = get_model_status_pb2.GetModelStatusResponse()
        for version in versions:
            response.model_version_status.add(
                version=version,
                state=get_model_status_pb2.ModelVersionStatus.AVAILABLE,
            ).status.SetInParent()
        return response


class GrpcService(
    prediction_service_pb2_grpc.PredictionServiceServicer,
    model_service_pb2_grpc.ModelServiceServicer,
):
    """`PredictionService` and `ModelService`, as far as generators need."""

    def __init__(self, servable):
        self.servable = servable

    def version(self, request, context):
        """Returns the version that a request is about, or ends the call."""
        spec = request.model_spec
        try:
            return self.servable.resolve(spec.name, spec.version.value)
        except LookupError as error:
            context.abort(grpc.StatusCode.NOT_FOUND, str(error))

    def Predict(self, request, context):
        version = self.version(request, context)
        signature_name = request.model_spec.signature_name
        inputs = {
            name: tf.make_ndarray(tensor)
            for name, tensor in request.inputs.items()
        }
        try:
            outputs = self.servable.predict(version, signature_name, inputs)
        except (LookupError, ValueError, tf.errors.OpError) as error:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
        response = predict_pb2.PredictResponse()
        response.model_spec.name = request.model_spec.name
        response.model_spec.version.value = version
        response.model_spec.signature_name = signature_name
        for name, output in outputs.items():
            response.outputs[name].CopyFrom(tf.make_tensor_proto(output))
        return response

    def GetModelMetadata(self, request, context):
        return self.servable.metadata(self.version(request, context))

    def GetModelStatus(self, request, context):
        version = self.version(request, context)
        if request.model_spec.version.value:
            return self.servable.status([version])
        return self.servable.status(sorted(self.servable.directories))


class RestHandler(http.server.BaseHTTPRequestHandler):
    """The REST paths of TensorFlow Serving: status, metadata and predict."""

    servable = None  # Set in the subclass that `serve` makes.

    def do_GET(self):
        self.answer(self.describe)

    def do_POST(self):
        self.answer(self.predict)

    def answer(self, action):
        """Sends what `action` returns, or its error as the real one does."""
        try:
            code, body = 200, action()
        except LookupError as error:
            code, body = 404, {"error": str(error)}
        except (TypeError, ValueError, tf.errors.OpError) as error:
            code, body = 400, {"error": str(error)}
        content = json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def route(self):
        """Returns version and verb of the request's path."""
        match = ROUTE.fullmatch(self.path)
        if match is None:
            raise ValueError(f"Malformed request: {self.command} {self.path}")
        version = int(match["version"] or 0)
        return self.servable.resolve(match["name"], version), match["verb"]

    def describe(self):
        version, verb = self.route()
        response = (
            self.servable.metadata(version)
            if verb == "/metadata"
            else self.servable.status([version])
        )
        return json.loads(
            json_format.MessageToJson(
                response,
                preserving_proto_field_name=True,
                always_print_fields_with_no_presence=True,
            )
        )

    def predict(self):
        version, _ = self.route()
        length = int(self.headers["Content-Length"])
        body = json.loads(self.rfile.read(length))
        signature_name = body.get("signature_name", "serving_default")
        signature = self.servable.models[version].signatures[signature_name]
        names = sorted(signature.structured_input_signature[1])
        if "instances" in body:
            inputs = columns_from_rows(body["instances"], names)
        else:
            inputs = columns_from_object(body["inputs"], names)
        outputs = self.servable.predict(version, signature_name, inputs)
        if "instances" in body:
            return {"predictions": rows_from_columns(outputs)}
        outputs = {name: output.tolist() for name, output in outputs.items()}
        if len(outputs) == 1:
            (outputs,) = outputs.values()
        return {"outputs": outputs}

    def log_message(self, *arguments):
        del arguments  # Requests are no news in a test.


def columns_from_rows(instances, names):
    """Returns named arrays from row JSON: one value or object for each row."""
    if not isinstance(instances[0], dict):
        return columns_from_object(instances, names)
    return {
        name: np.array([instance[name] for instance in instances])
        for name in instances[0]
    }


def columns_from_object(inputs, names):
    """Returns named arrays from column JSON: the name may go if it is alone."""
    if not isinstance(inputs, dict):
        if len(names) != 1:
            raise ValueError(f"Inputs must be named, one of {names} each.")
        inputs = {names[0]: inputs}
    return {name: np.array(values) for name, values in inputs.items()}


def rows_from_columns(outputs):
    """Returns row JSON: one value for each row, or one object if several."""
    columns = {name: output.tolist() for name, output in outputs.items()}
    if len(columns) == 1:
        (rows,) = columns.values()
        return rows
    return [dict(zip(columns, row)) for row in zip(*columns.values())]


def serve(name, base):
    """Starts both servers on free ports of this machine alone.

    Args:
        name: What clients call the model.
        base: Directory with a subdirectory for each version.

    Returns:
        The gRPC port, the REST port, and a function that stops both.
    """
    servable = Servable(name, base)
    grpc_server = grpc.server(concurrent.futures.ThreadPoolExecutor(2))
    service = GrpcService(servable)
    prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(
        service, grpc_server
    )
    model_service_pb2_grpc.add_ModelServiceServicer_to_server(
        service, grpc_server
    )
    grpc_port = grpc_server.add_insecure_port("127.0.0.1:0")
    grpc_server.start()

    handler = type("Handler", (RestHandler,), {"servable": servable})
    rest_server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=rest_server.serve_forever, daemon=True).start()

    def stop():
        grpc_server.stop(None)
        rest_server.shutdown()
        rest_server.server_close()

    return grpc_port, rest_server.server_port, stop


if __name__ == "__main__":
    grpc_port, rest_port, stop = serve(*sys.argv[1:])
    print(grpc_port, rest_port, flush=True)
    sys.stdin.read()
    stop()
