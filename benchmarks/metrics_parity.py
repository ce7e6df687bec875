"""
Title: Distance of the streaming metrics from TF-GAN
Description: Largest relative differences between `FrechetDistance`,
    `KernelDistance` and `ClassifierScore`, which see batch after batch, and
    TF-GAN's functions of all samples at once, over random features and random
    sizes of a batch; the cases are those of the test.
Runs in: a minute on a CPU core; `--cases 50` for seconds.
"""

import argparse
import os
import pathlib
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["KERAS_BACKEND"] = "tensorflow"
TESTS = pathlib.Path(__file__).parent.parent / "tests"
sys.path[:0] = [str(TESTS), str(TESTS / "metrics")]

import test_metrics_parity as parity  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=500)
    arguments = parser.parse_args()
    print("| metric | cases | largest relative difference |")
    print("|---|---|---|")
    for name in parity.COMPARISONS:
        difference = parity.compare(name, arguments.cases)
        print(f"| {name} | {arguments.cases} | {difference:.1e} |", flush=True)


if __name__ == "__main__":
    main()
