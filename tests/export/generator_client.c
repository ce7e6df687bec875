/* Runs one signature of an exported generator without Python.
 *
 *   generator_client DIRECTORY INPUT OUTPUT ROWS < input > output
 *
 * INPUT and OUTPUT are tensor names as `saved_model_cli show` prints them,
 * such as `serving_default_latent:0`. The bytes on standard input are the
 * values of a tensor whose first dimension is ROWS and whose other dimensions
 * and type stand in the model; the bytes of the result go to standard output.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tensorflow/c/c_api.h"

#define MAX_DIMS 8

static void fail(const char* what, const char* why) {
  fprintf(stderr, "generator_client: %s: %s\n", what, why);
  exit(1);
}

static void check(const TF_Status* status, const char* what) {
  if (TF_GetCode(status) != TF_OK) fail(what, TF_Message(status));
}

/* Finds the output `index` of `operation` from "operation:index". */
static TF_Output find(TF_Graph* graph, char* name) {
  TF_Output output = {NULL, 0};
  char* colon = strchr(name, ':');
  if (colon != NULL) {
    output.index = atoi(colon + 1);
    *colon = '\0';
  }
  output.oper = TF_GraphOperationByName(graph, name);
  if (output.oper == NULL) fail(name, "there is no such operation");
  return output;
}

static TF_Tensor* read_tensor(TF_Graph* graph, TF_Output input, int64_t rows,
                              TF_Status* status) {
  int64_t dims[MAX_DIMS];
  int num_dims = TF_GraphGetTensorNumDims(graph, input, status);
  check(status, "rank of the input");
  if (num_dims < 0 || num_dims > MAX_DIMS) fail("input", "unknown rank");
  TF_GraphGetTensorShape(graph, input, dims, num_dims, status);
  check(status, "shape of the input");

  TF_DataType type = TF_OperationOutputType(input);
  size_t size = TF_DataTypeSize(type);
  if (num_dims > 0) dims[0] = rows;
  for (int i = 0; i < num_dims; ++i) size *= (size_t)dims[i];

  TF_Tensor* tensor = TF_AllocateTensor(type, dims, num_dims, size);
  if (fread(TF_TensorData(tensor), 1, size, stdin) != size) {
    fail("standard input", "too short");
  }
  return tensor;
}

int main(int argc, char** argv) {
  if (argc != 5) {
    fail("usage", "generator_client DIRECTORY INPUT OUTPUT ROWS");
  }
  const char* tags[] = {"serve"};
  TF_Status* status = TF_NewStatus();
  TF_Graph* graph = TF_NewGraph();
  TF_SessionOptions* options = TF_NewSessionOptions();
  TF_Session* session = TF_LoadSessionFromSavedModel(
      options, NULL, argv[1], tags, 1, graph, NULL, status);
  check(status, "loading the model");

  TF_Output input = find(graph, argv[2]);
  TF_Output output = find(graph, argv[3]);
  TF_Tensor* fed = read_tensor(graph, input, atoll(argv[4]), status);
  TF_Tensor* fetched = NULL;
  TF_SessionRun(session, NULL, &input, &fed, 1, &output, &fetched, 1, NULL, 0,
                NULL, status);
  check(status, "running the signature");
  fwrite(TF_TensorData(fetched), 1, TF_TensorByteSize(fetched), stdout);

  TF_DeleteTensor(fed);
  TF_DeleteTensor(fetched);
  TF_CloseSession(session, status);
  check(status, "closing the session");
  TF_DeleteSession(session, status);
  TF_DeleteSessionOptions(options);
  TF_DeleteGraph(graph);
  TF_DeleteStatus(status);
  return 0;
}
