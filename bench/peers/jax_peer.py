"""JAX: a whole training step, with its update, as one compiled function."""
import os

import harness

a = harness.arguments()
os.environ["JAX_PLATFORMS"] = "cpu"
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

network = harness.NETWORKS[a.network]


def glorot(key, shape):
    receptive = int(np.prod(shape[:-2]))
    limit = (6 / (receptive * (shape[-2] + shape[-1])))**0.5
    return jax.random.uniform(key, shape, jnp.float32, -limit, limit)


def build(key):
    """For each layer its params, a dictionary, and what batch normalisation keeps."""
    height, width, channels = network.shape
    params, kept = [], []
    for kind, *args in network.layers:
        key, draw = jax.random.split(key)
        p, k = {}, {}
        if kind == "conv":
            filters, size, padding, bias = args
            p["kernel"] = glorot(draw, (size, size, channels, filters))
            if bias:
                p["bias"] = jnp.zeros(filters)
            if padding == "valid":
                height, width = height - size + 1, width - size + 1
            channels = filters
        elif kind == "dense":
            p = {"kernel": glorot(draw, (channels, args[0])), "bias": jnp.zeros(args[0])}
            channels = args[0]
        elif kind == "batchnorm":
            p = {"scale": jnp.ones(channels), "bias": jnp.zeros(channels)}
            k = {"mean": jnp.zeros(channels), "variance": jnp.ones(channels)}
        elif kind == "flatten":
            channels *= height * width
        elif kind in ("maxpool", "avgpool"):
            height, width = height // 2, width // 2
        params.append(p)
        kept.append(k)
    return params, kept


def normalise(p, k, x, training):
    if training:
        mean, variance = x.mean((0, 1, 2)), x.var((0, 1, 2))
        k = {"mean": 0.9 * k["mean"] + 0.1 * mean, "variance": 0.9 * k["variance"] + 0.1 * variance}
    else:
        mean, variance = k["mean"], k["variance"]
    return (x - mean) * (p["scale"] * jax.lax.rsqrt(variance + 1e-5)) + p["bias"], k


def windows(x):
    """Those of a pool, of 2x2, in axes 2 and 4: faster than reduce_window and its derivative."""
    samples, height, width, channels = x.shape
    return x.reshape(samples, height // 2, 2, width // 2, 2, channels)


def apply(kind, args, p, x, key):
    if kind == "conv":
        x = jax.lax.conv_general_dilated(x, p["kernel"], (1, 1), args[2].upper(),
                                         dimension_numbers=("NHWC", "HWIO", "NHWC"))
        return x + p["bias"] if "bias" in p else x
    if kind == "dense":
        return x @ p["kernel"] + p["bias"]
    if kind == "dropout":
        keep = 1 - args[0]
        return x if key is None else jnp.where(jax.random.bernoulli(key, keep, x.shape), x / keep, 0)
    return {"relu": jax.nn.relu, "tanh": jnp.tanh,
            "maxpool": lambda x: windows(x).max((2, 4)),
            "avgpool": lambda x: windows(x).mean((2, 4)),
            "flatten": lambda x: x.reshape(len(x), -1),
            "global_avgpool": lambda x: x.mean((1, 2))}[kind](x)


def run(params, kept, x, key=None):
    """The logits and what is kept then; a key is given in training."""
    after = []
    for (kind, *args), p, k in zip(network.layers, params, kept):
        if kind == "batchnorm":
            x, k = normalise(p, k, x, key is not None)
        else:
            x = apply(kind, args, p, x, key)
        after.append(k)
    return x, after


def loss_of(params, kept, x, y, key):
    z, kept = run(params, kept, x, key)
    if network.loss == "classes":
        each = -jnp.take_along_axis(jax.nn.log_softmax(z), y[:, None], 1)
    else:
        target = x.reshape(len(x), -1)
        each = jnp.sum(jnp.maximum(z, 0) - z * target + jnp.log1p(jnp.exp(-jnp.abs(z))), -1)
    return each.mean(), kept


def clip(gradient):
    norm = jnp.sqrt(sum(jnp.sum(g * g) for g in jax.tree.leaves(gradient)))
    return jax.tree.map(lambda g: g * jnp.minimum(1, network.clip / (norm + 1e-6)), gradient)


def update(params, m, v, t, g):
    kind, lr, *more = network.optimizer
    if kind == "momentum":
        m = jax.tree.map(lambda m, g: more[0] * m + g, m, g)
        return jax.tree.map(lambda p, m: p - lr * m, params, m), m, v
    m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, g)
    v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, g)
    rate = lr * jnp.sqrt(1 - 0.999**t) / (1 - 0.9**t)
    return jax.tree.map(lambda p, m, v: p - rate * m / (jnp.sqrt(v) + 1e-8), params, m, v), m, v


@partial(jax.jit, donate_argnums=0)
def train_step(state, x, y):
    params, kept, m, v, t, key = state
    key, draw = jax.random.split(key)
    (loss, kept), g = jax.value_and_grad(loss_of, has_aux=True)(params, kept, x, y, draw)
    if network.clip:
        g = clip(g)
    params, m, v = update(params, m, v, t + 1, g)
    return (params, kept, m, v, t + 1, key), loss


def zeros(tree):
    return jax.tree.map(jnp.zeros_like, tree)


params, kept = jax.jit(build)(jax.random.key(a.seed))
state = params, kept, zeros(params), zeros(params), jnp.float32(0), jax.random.key(a.seed + 1)
forward = jax.jit(lambda params, kept, x: run(params, kept, x)[0])


def step(x, y):
    global state
    state, loss = train_step(state, x, y)
    return float(loss)


def predict(x):
    return np.asarray(forward(state[0], state[1], x))


harness.train(a, jax.__version__, sum(p.size for p in jax.tree.leaves(params)), step, predict)
