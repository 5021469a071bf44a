"""The networks that are measured, each once: every framework's program builds them from here.

A layer is its kind and what that needs; padding is "same" unless said, pools are 2x2. The same
networks stand as .net files in run.py's table NETWORKS; run.py compares how many parameters
they have.
"""
from collections import namedtuple

# shape: of a sample, u8, which is divided by 255. loss: "classes", softmax cross-entropy with the
# label; or "pixels", sigmoid cross-entropy with the sample itself, summed over it. clip: the
# gradient's norm, or None.
Network = namedtuple("Network", "shape batch layers loss optimizer clip", defaults=[None])

PIXELS, COLOURS = (28, 28, 1), (32, 32, 3)
RELU, TANH, MAX, AVERAGE, FLATTEN = ("relu",), ("tanh",), ("maxpool",), ("avgpool",), ("flatten",)


def conv(filters, size, padding="same", bias=True):
    return "conv", filters, size, padding, bias


def dense(units):
    return "dense", units


def adam(lr):
    return "adam", lr


def stage(filters):
    return [conv(filters, 3, bias=False), ("batchnorm",), RELU] * 2


NETWORKS = {
    "mnist": Network(
        PIXELS, 128,
        [conv(16, 3), RELU, conv(16, 3), RELU, MAX, conv(32, 3), RELU, conv(32, 3), RELU, MAX,
         FLATTEN, dense(128), RELU, ("dropout", 0.2), dense(10)], "classes", adam(1e-4)),
    "mlp": Network(
        PIXELS, 256, [FLATTEN, dense(1024), RELU, dense(1024), RELU, dense(10)], "classes",
        adam(1e-3)),
    "batchnorm": Network(
        COLOURS, 128,
        stage(16) + [MAX] + stage(32) + [MAX] + stage(64) + [("global_avgpool",), dense(10)],
        "classes", adam(1e-3)),
    "lenet": Network(
        PIXELS, 64,
        [conv(6, 5), TANH, AVERAGE, conv(16, 5, "valid"), TANH, AVERAGE, FLATTEN, dense(120), TANH,
         dense(84), TANH, dense(10)], "classes", ("momentum", 0.05, 0.9)),
    "autoencoder": Network(
        PIXELS, 64, [FLATTEN, dense(128), RELU, dense(32), dense(128), RELU, dense(784)], "pixels",
        adam(2e-3), clip=5.0),
}
