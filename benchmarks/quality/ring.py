"""
Title: A ring of eight
Description: Eight narrow modes on a circle: who finds all of them, and hits?
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
    ("GAN", "1", "0.993", "", VEEGAN),
    ("ALI", "2.8", "0.0013", "", VEEGAN),
    ("Unrolled GAN (5)", "7.6", "0.356", "", VEEGAN),
    ("VEEGAN", "8", "0.529", "", VEEGAN),
    ("WGAN-GP", "6.8", "0.596", "", GDPP),
    ("GDPP-GAN", "8.0", "0.717", "", GDPP),
    ("GAN", "6.3 ± 0.5", "0.982 ± 0.002", "0.45", PACGAN),
    ("ALI", "6.6 ± 0.3", "0.976 ± 0.004", "0.36", PACGAN),
    ("PacGAN2", "7.9 ± 0.1", "0.956 ± 0.020", "0.07", PACGAN),
    ("PacGAN3", "7.8 ± 0.1", "0.977 ± 0.003", "0.10", PACGAN),
    ("PacGAN4", "7.8 ± 0.1", "0.959 ± 0.014", "0.07", PACGAN),
]


if __name__ == "__main__":
    points.run(__doc__, "ring", mixtures.ring(), PUBLISHED)
