"""
Title: Distance from TF-GAN
Description: Largest differences between our losses and TF-GAN's own, run
    side by side on random outputs; the cases are those of the tests.
Runs in: half a minute.
"""

import os
import pathlib
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
TESTS = pathlib.Path(__file__).parent.parent / "tests"
sys.path[:0] = [str(TESTS), str(TESTS / "losses")]

import numpy as np  # noqa: E402
import test_tfgan_parity as parity  # noqa: E402


def main():
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


if __name__ == "__main__":
    main()
