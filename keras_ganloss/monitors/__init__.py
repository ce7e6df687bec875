"""What `callbacks.GameMonitor` watches for, and what it does about it."""

from keras_ganloss.monitors.action import Action as Action
from keras_ganloss.monitors.equilibrium import Equilibrium as Equilibrium
from keras_ganloss.monitors.exploding_penalty import (
    ExplodingPenalty as ExplodingPenalty,
)
from keras_ganloss.monitors.heavy_penalty import HeavyPenalty as HeavyPenalty
from keras_ganloss.monitors.memorization import Memorization as Memorization
from keras_ganloss.monitors.mode_collapse import ModeCollapse as ModeCollapse
from keras_ganloss.monitors.monitor import Finding as Finding
from keras_ganloss.monitors.monitor import Monitor as Monitor
from keras_ganloss.monitors.monitor import Reading as Reading
from keras_ganloss.monitors.not_finite import NotFinite as NotFinite
from keras_ganloss.monitors.observation import HeldOut as HeldOut
from keras_ganloss.monitors.observation import Observation as Observation
from keras_ganloss.monitors.observation import View as View
from keras_ganloss.monitors.oscillation import Oscillation as Oscillation
from keras_ganloss.monitors.overpowered_discriminator import (
    OverpoweredDiscriminator as OverpoweredDiscriminator,
)
from keras_ganloss.monitors.overpowering_discriminator import (
    OverpoweringDiscriminator as OverpoweringDiscriminator,
)
from keras_ganloss.monitors.roll_back import RollBack as RollBack
from keras_ganloss.monitors.stop import Stop as Stop
from keras_ganloss.monitors.vanishing_gradient import (
    VanishingGradient as VanishingGradient,
)

CLASSES = (
    NotFinite,
    HeavyPenalty,
    ModeCollapse,
    VanishingGradient,
    OverpoweringDiscriminator,
    OverpoweredDiscriminator,
    Oscillation,
    Memorization,
    ExplodingPenalty,
    Equilibrium,
)
