"""What a user writes: a type checker finds no fault in it. It is not run."""

import keras
import numpy as np

import keras_ganloss

generator = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)])
discriminator = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
gan = keras_ganloss.GAN(generator, discriminator, seed=0)
gan.compile(
    d_loss="hinge",
    penalties=[keras_ganloss.penalties.R1(1.0)],
    d_steps=2,
    ema=0.999,
)
x = np.zeros((8, 3), "float32")
history = gan.fit(x, batch_size=4, epochs=1, validation_data=x)
print(history.history["d_loss"])
print(gan.evaluate(x, batch_size=4, return_dict=True))
pictures = gan.generate(4, seed=0)
gan.save("gan.keras")

supervised = keras_ganloss.SupervisedGAN(
    keras.Sequential([keras.Input((3,)), keras.layers.Dense(3)]), discriminator
)
supervised.compile(loss="mae", loss_weights={"supervised": 10.0})
supervised.fit(x, x, epochs=2, verbose=0)
