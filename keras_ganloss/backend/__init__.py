"""What Keras has no operation for, once per backend.

This folder is the only one that imports TensorFlow, JAX or PyTorch. A backend
is one module with these names:

- `Trainer`: the `train_step` and `test_step` that Keras calls, in terms of
  `update_players(data)`, `judge_players(data)` and, where replicas are to
  check a batch beforehand, `check_players(data)`.
- `compute_gradients(function, variables, scales)`: `function` returns a list
  of scalar losses, and anything else; the gradients of each loss with respect
  to its own list of variables come back.
- `apply_gradients(optimizer, gradients, variables)`: an update.
- `value_and_input_gradients(function, inputs)`: `function` returns a value,
  and anything else; the gradients of the value's sum with respect to
  `inputs` come back and can be differentiated again.
- `gradients_of_each(function, inputs)`: `function` returns a list of scalars,
  and anything else, which comes back, to be differentiated further; and for
  each scalar the list of its gradients with respect to `inputs`, `None` for
  one that does not depend on them. These are constants.
- `values_and_gradients(function, variables)`: `function` returns two tensors;
  they come back, to be differentiated further, with the gradients of their
  sums.
- `unreached(function, groups)`: `function` returns, for each group of
  variables, a function of a list of scalars; for each the indices come back of
  those whose gradient with respect to the group is zero whatever the values.
  Nothing that is done to variables stays.
- `remembers_computation()`: whether a tensor that exists already can be
  differentiated, in which case `function` above may just return it.
- `switch(index, functions)`: runs one of them, which may change the state of
  the model.
- `call_if(predicate, function)`: what `function` returns, a scalar, if the
  predicate holds, else zero. It can be differentiated, may change the state of
  the model, and costs next to nothing where the predicate does not hold
  (except under `tf.distribute`, where it is computed each time).
- `in_float64(function, *tensors)`: what `function` returns for float64 copies
  of the tensors, for what float32 is too coarse for.
- `check_finite(tensor, message)`: the tensor, or an error where it holds a
  NaN or an infinity.
- `random_state_kept()`: a block after which the backend's own random state is
  as it was; that of Keras's seed generators stands in variables.

Where several replicas train one model, each on its part of the global batch,
a backend also makes them equal one device. Elsewhere these do nothing, and
there is one replica:

- `SeedGenerator`: a `keras.random.SeedGenerator` that gives every replica
  seeds of its own.
- `without_padding(samples)`: the samples without those that fill up an empty
  part.
- `sum_over_replicas(value)`: the sum of a tensor over the replicas.
- `global_gradients(gradients)`: what `compute_gradients` returned for one loss,
  as the gradients of the global batch.
- `num_replicas()`: how many there are.
- `unscaled(loss)`: a loss that Keras has computed, without the division by
  the number of replicas that it has under a strategy of TensorFlow.
- `global_sums(variables)`: a block within which variables that are sums over
  the samples hold those of all processes, to read metrics in.
- `divide_by_share(total)`: a sum over the replica's samples as a term of a
  loss, of which the mean over the global batch is taken.

Whatever a function that is differentiated has to tell must be returned: on
JAX nothing else leaves it.
"""

import importlib

import keras

SUPPORTED = ("jax", "tensorflow", "torch")
NAME = keras.backend.backend()

if NAME not in SUPPORTED:
    raise ImportError(
        f"keras_ganloss supports the Keras backends {SUPPORTED}. Set the "
        "environment variable KERAS_BACKEND to one of them before Keras is "
        f"imported. Received: backend={NAME!r}"
    )

_module = importlib.import_module(f"keras_ganloss.backend.{NAME}")
SeedGenerator = _module.SeedGenerator
Trainer = _module.Trainer
apply_gradients = _module.apply_gradients
check_finite = _module.check_finite
compute_gradients = _module.compute_gradients
switch = _module.switch
gradients_of_each = _module.gradients_of_each
in_float64 = _module.in_float64
global_gradients = _module.global_gradients
global_sums = _module.global_sums
num_replicas = _module.num_replicas
random_state_kept = _module.random_state_kept
remembers_computation = _module.remembers_computation
divide_by_share = _module.divide_by_share
sum_over_replicas = _module.sum_over_replicas
without_padding = _module.without_padding
unreached = _module.unreached
unscaled = _module.unscaled
value_and_input_gradients = _module.value_and_input_gradients
call_if = _module.call_if
values_and_gradients = _module.values_and_gradients
