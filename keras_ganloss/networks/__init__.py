"""Discriminators that are ready to use, made by functions.

As in `keras.applications`, each function returns a functional `keras.Model`,
not trained yet. All of them return logits.
"""

from keras_ganloss.networks.ensemble import Ensemble as Ensemble
from keras_ganloss.networks.multi_scale import MultiScale as MultiScale
from keras_ganloss.networks.patch_discriminator import (
    PatchDiscriminator as PatchDiscriminator,
)
from keras_ganloss.networks.period_discriminator import (
    PeriodDiscriminator as PeriodDiscriminator,
)
from keras_ganloss.networks.projected_discriminator import (
    ProjectedDiscriminator as ProjectedDiscriminator,
)
from keras_ganloss.networks.residual_discriminator import (
    ResidualDiscriminator as ResidualDiscriminator,
)
from keras_ganloss.networks.scale_discriminator import (
    ScaleDiscriminator as ScaleDiscriminator,
)
from keras_ganloss.networks.spectrogram_discriminator import (
    SpectrogramDiscriminator as SpectrogramDiscriminator,
)
from keras_ganloss.networks.unet_discriminator import (
    UNetDiscriminator as UNetDiscriminator,
)

# The only list there is.
FUNCTIONS = {
    function.__name__: function
    for function in (
        Ensemble,
        MultiScale,
        PatchDiscriminator,
        PeriodDiscriminator,
        ProjectedDiscriminator,
        ResidualDiscriminator,
        ScaleDiscriminator,
        SpectrogramDiscriminator,
        UNetDiscriminator,
    )
}
