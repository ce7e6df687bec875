"""
Title: Distance from TF-GAN
Description: Largest differences between our loss functions and TF-GAN's own,
    run side by side on random cases: 5,000 for each function of
    `keras_ganloss.tfgan`, over shapes, weights (zero, negative, broadcast),
    reductions and dtypes, eagerly, in graphs and under XLA. A difference is
    divided by the scale of the result: what it would be if all of its terms
    had one sign. For a loss of terms of one sign that is its value. Where a
    difference of large numbers is taken before, the scale has what rounding
    these does to the result, too. The second table has the losses of
    `keras_ganloss.losses`; its cases are those of their tests.
Runs in: 10 minutes on two CPU cores; `--smoke` for one.
"""

import argparse
import os
import pathlib
import random
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
TESTS = pathlib.Path(__file__).parent.parent / "tests"
sys.path[:0] = [str(TESTS), str(TESTS / "losses")]

import numpy as np  # noqa: E402
import test_tfgan_parity as parity  # noqa: E402
import tfgan_loss_cases as loss_cases  # noqa: E402

LIMIT = 1e-5
MODES = ("graph", "graph", "eager", "graph", "xla")


def random_plan(choices, dtypes):
    """Returns a plan; `choices` is a `random.Random`."""
    return loss_cases.Plan(
        shape=tuple(
            choices.randint(1, 6) for _ in range(choices.randint(0, 4))
        ),
        num_classes=choices.randint(1, 5),
        dtype=choices.choice(dtypes),
        reduction=choices.choice(loss_cases.REDUCTIONS),
        weights=choices.choice(loss_cases.WEIGHTS),
        generated_weights=choices.choice(loss_cases.WEIGHTS),
        magnitude=10.0 ** choices.uniform(-2, 3),
        setting=choices.choice([0.0, 0.25, 1.0, choices.random()]),
        other_setting=2 * choices.random(),
        flag=choices.random() < 0.5,
    )


def largest_difference(name, dtypes, num_plans, num_draws, seed):
    """Returns the largest difference over `num_plans * num_draws` cases."""
    choices = random.Random(seed)
    generator = np.random.default_rng(seed)
    differences = []
    for index in range(num_plans):
        case = loss_cases.make(name, random_plan(choices, dtypes))
        run = loss_cases.runner(case, MODES[index % len(MODES)])
        for _ in range(num_draws):
            arrays = case.draw(generator)
            differences.append(loss_cases.difference(case, arrays, run(arrays)))
    return max(differences)


def compare_functions(num_plans, num_draws):
    """Prints a row a function; returns the largest difference in float32."""
    print(
        "| function | cases | float32, float64, int32 | float16, in roundings |"
    )
    print("|---|---|---|---|")
    largest = 0.0
    for seed, name in enumerate(sorted(loss_cases.CASES)):
        full = largest_difference(
            name,
            ["float32", "float32", "float64", "int32"],
            num_plans,
            num_draws,
            seed,
        )
        half = "-"
        if loss_cases.make(
            name, loss_cases.Plan(dtype="float16")
        ).plan.dtype == ("float16"):
            found = largest_difference(
                name, ["float16"], max(num_plans // 5, 1), num_draws, seed
            )
            half = f"{found * 2**11:.2f}"
        largest = max(largest, full)
        cases = num_plans * num_draws
        print(f"| `{name}` | {cases} | {full:.1e} | {half} |", flush=True)
    return largest


def compare_losses():
    """Prints a row a side of the losses that `compile` knows by name."""
    print("| loss | cases | absolute, outputs of scale 3 | relative, 1000 |")
    print("|---|---|---|---|")
    for pair in parity.PAIRS:
        worst = []
        for scale in (3.0, 1000.0):
            for mode in ("graph", "xla"):
                found, expected = parity.compare(pair, mode, scale)
                size = 1.0 if scale == 3.0 else np.maximum(1, abs(expected))
                worst.append((np.abs(found - expected) / size).max())
        print(
            f"| {pair} | {2 * parity.NUM_CASES} | {max(worst[:2]):.1e} | "
            f"{max(worst[2:]):.1e} |"
        )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--smoke", action="store_true")
    smoke = parser.parse_args().smoke
    largest = compare_functions(*((5, 4) if smoke else (50, 100)))
    print(f"\nLargest: {largest:.1e}; limit: {LIMIT:.0e}\n")
    compare_losses()
    return int(largest > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
