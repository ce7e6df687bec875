"""
Title: Distance from TF-GAN's features and metrics
Description: Largest relative differences between `keras_ganloss.tfgan` and
    TF-GAN's own, run side by side; the cases are those of the tests.
Runs in: six minutes on two busy CPU cores.
"""

import os
import pathlib
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["KERAS_BACKEND"] = "tensorflow"
TESTS = pathlib.Path(__file__).parent.parent / "tests"
sys.path[:0] = [str(TESTS), str(TESTS / "tfgan")]

import test_eval_parity as metrics  # noqa: E402
import test_features_parity as features  # noqa: E402

# A case of the sliced Wasserstein distance takes TF-GAN a tenth of a second.
NUM_SLICED = 200

# What to compare, on how many cases.
COMPARISONS = (
    (metrics.compare, metrics.PAIRS),
    (metrics.compare_grids, metrics.GRIDS),
    (features.compare_norms, features.NORMS),
    (features.compare_vbn, features.VBNS),
    (features.compare_conditioning, features.CONDITIONS),
    (features.compare_spectral, features.SPECTRAL),
    (features.compare_clipping, features.CLIPS),
)


def report(name, num_cases, *differences):
    cells = " | ".join(f"{difference:.1e}" for difference in differences)
    print(f"| {name} | {num_cases} | {cells} |", flush=True)


def main():
    print("| function | cases | graph | XLA |")
    print("|---|---|---|---|")
    for compare, names in COMPARISONS:
        for name in names:
            differences = [compare(name, mode) for mode in ("graph", "xla")]
            report(name, metrics.NUM_CASES, *differences)
    print()
    print("| function | cases | eager |")
    print("|---|---|---|")
    report(
        "python_image_grid",
        metrics.NUM_CASES,
        metrics.compare_python_grids(),
    )
    for name, arguments in metrics.SLICED.items():
        difference = metrics.compare_sliced(NUM_SLICED, **arguments)
        report(name, NUM_SLICED, difference)


if __name__ == "__main__":
    main()
