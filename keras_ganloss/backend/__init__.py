"""What Keras has no operation for, once per backend.

This folder is the only one that imports TensorFlow, JAX or PyTorch. A backend
is one module with these names:

- `Trainer`: the `train_step` and `test_step` that Keras calls, in terms of
  `update_players(data)` and `judge_players(data)`.
- `compute_gradients(function, variables, scales)`: `function` returns a list
  of scalar losses, and anything else; the gradients of each loss with respect
  to its own list of variables come back.
- `value_and_input_gradients(function, inputs)`: a value, and the gradients of
  its sum with respect to `inputs`, which can be differentiated again.
- `cond(predicate, true_function, false_function)`: a branch that may change
  the state of the model.
- `check_finite(tensor, message)`: the tensor, or an error where it holds a
  NaN or an infinity.
"""

import keras

if keras.backend.backend() == "tensorflow":
    from keras_ganloss.backend.tensorflow import Trainer as Trainer
    from keras_ganloss.backend.tensorflow import check_finite as check_finite
    from keras_ganloss.backend.tensorflow import (
        compute_gradients as compute_gradients,
    )
    from keras_ganloss.backend.tensorflow import cond as cond
    from keras_ganloss.backend.tensorflow import (
        value_and_input_gradients as value_and_input_gradients,
    )
else:
    raise ImportError(
        "keras_ganloss supports the Keras backend 'tensorflow'. Set the "
        "environment variable KERAS_BACKEND=tensorflow before Keras is "
        f"imported. Received: backend={keras.backend.backend()!r}"
    )
