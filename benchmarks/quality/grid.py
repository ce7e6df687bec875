"""
Title: A grid of twenty-five
Description: Narrow modes, far apart: who finds all of them, and hits?
Runs in: two minutes of CPU time for each of `--seeds` and each game.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import mixtures
import points

VEEGAN = "[VEEGAN](https://arxiv.org/abs/1705.07761), table 1"
GDPP = "[GDPP](https://arxiv.org/abs/1812.00068), table 1"
PACGAN = "[PacGAN](https://arxiv.org/abs/1712.04086), table 1"
PUBLISHED = [
    ("GAN", "3.3", "0.005", "", VEEGAN),
    ("ALI", "15.8", "0.016", "", VEEGAN),
    ("Unrolled GAN (5)", "23.6", "0.16", "", VEEGAN),
    ("VEEGAN", "24.6", "0.40", "", VEEGAN),
    ("WGAN-GP", "24.2", "0.287", "", GDPP),
    ("GDPP-GAN", "24.8", "0.685", "", GDPP),
    ("GAN", "17.3 ± 0.8", "0.948 ± 0.007", "0.70", PACGAN),
    ("ALI", "24.1 ± 0.4", "0.957 ± 0.006", "0.14", PACGAN),
    ("PacGAN2", "23.8 ± 0.7", "0.913 ± 0.008", "0.13", PACGAN),
    ("PacGAN3", "24.6 ± 0.4", "0.942 ± 0.004", "0.06", PACGAN),
    ("PacGAN4", "24.8 ± 0.2", "0.936 ± 0.006", "0.04", PACGAN),
]


if __name__ == "__main__":
    points.run(__doc__, "grid", mixtures.grid(), PUBLISHED)
