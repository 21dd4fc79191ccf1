"""K21's network (Kim et al. 2021): sixteen features, three hidden layers.

Batch normalisation on the input and after every dense layer, the last one included, is
what gives 48 799 trainable parameters for 21 classes (K21, Fig 2 and Sect 3.3.2). Its
moving averages follow PyTorch, in which K21 worked: momentum 0.9, epsilon 1e-5.
"""

from collections.abc import Sequence

from varstar.optional import keras, layers

#: Hidden layers of the architectures of K21's Tab 3, by the name in the table.
ARCHITECTURES = {
    "32": (32,),
    "64": (64,),
    "128": (128,),
    "256": (256,),
    "32-64": (32, 64),
    "64-128": (64, 128),
    "128-256": (128, 256),
    "256-128": (256, 128),
    "32-64-128": (32, 64, 128),
    "64-128-256": (64, 128, 256),
    "128-256-512": (128, 256, 512),
    "256-512-1024": (256, 512, 1024),
    "512-1024-2048": (512, 1024, 2048),
}


def build_k21(
    n_classes: int = 21,
    n_features: int = 16,
    hidden: Sequence[int] = (64, 128, 256),
    dropout: float = 0.0,
) -> keras.Model:
    """The network of K21's Fig 2, untrained.

    Parameters
    ----------
    n_classes : int
    n_features : int
    hidden : sequence of int
        Neurons of the hidden layers.
    dropout : float
        Dropped share of each hidden layer's outputs; none in K21.

    Returns
    -------
    keras.Model
        From scaled features, shape (n, n_features), to class probabilities.
    """
    inputs = keras.Input((n_features,), name="features")
    x = _norm("norm0")(inputs)
    for i, width in enumerate(hidden, start=1):
        x = _norm(f"norm{i}")(layers.Dense(width, name=f"dense{i}")(x))
        x = layers.ReLU(name=f"relu{i}")(x)
        if dropout:
            x = layers.Dropout(dropout, name=f"dropout{i}")(x)
    x = _norm("norm_out")(layers.Dense(n_classes, name="dense_out")(x))
    return keras.Model(inputs, layers.Softmax(name="probabilities")(x), name="k21")


def _norm(name: str) -> layers.BatchNormalization:
    return layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name=name)


#: Layers that belong to the classes and are made anew for a transfer.
OUTPUT_LAYERS = ("dense_out", "norm_out")


def transferred(source: keras.Model, n_classes: int, last_only: bool = False) -> keras.Model:
    """A copy of a trained network for other classes, ready to be trained further.

    Parameters
    ----------
    source : keras.Model
        Made by `build_k21`. Left as it is.
    n_classes : int
        Classes of the target.
    last_only : bool
        Train the last dense layer (and its normalisation) only; all other layers are
        frozen, their moving averages too (K21 Sect 4.1). Every layer otherwise.

    Returns
    -------
    keras.Model
    """
    hidden = [layer.units for layer in source.layers if layer.name[:5] == "dense"][:-1]
    dropout = [layer.rate for layer in source.layers if isinstance(layer, layers.Dropout)]
    model = build_k21(n_classes, source.inputs[0].shape[-1], hidden, *dropout[:1])
    for layer in model.layers:
        if layer.name in OUTPUT_LAYERS:
            continue
        layer.set_weights(source.get_layer(layer.name).get_weights())
        layer.trainable = not last_only
    return model
