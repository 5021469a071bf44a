"""TensorFlow: a step as a graph, the same compiled by XLA, and Keras' fit with and without XLA.

With --weights it only writes the network with these as a LiteRT model.
"""
import os

import harness

a = harness.arguments(["graph", "xla", "fit", "fit-xla"])
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
import time

import numpy as np
import tensorflow as tf

network = harness.NETWORKS[a.network]
tf.config.threading.set_intra_op_parallelism_threads(a.threads)
tf.config.threading.set_inter_op_parallelism_threads(a.threads)
tf.keras.utils.set_random_seed(a.seed)
layers = tf.keras.layers

KINDS = {
    "conv": lambda filters, size, padding, bias: layers.Conv2D(filters, size, padding=padding,
                                                               use_bias=bias),
    "batchnorm": lambda: layers.BatchNormalization(momentum=0.9, epsilon=1e-5),
    "relu": layers.ReLU,
    "tanh": lambda: layers.Activation("tanh"),
    "maxpool": lambda: layers.MaxPool2D(2),
    "avgpool": lambda: layers.AvgPool2D(2),
    "global_avgpool": layers.GlobalAveragePooling2D,
    "flatten": layers.Flatten,
    "dense": layers.Dense,
    "dropout": layers.Dropout,
}


def optimizer():
    kind, lr, *more = network.optimizer
    if kind == "adam":
        return tf.keras.optimizers.Adam(lr, epsilon=1e-8, global_clipnorm=network.clip)
    return tf.keras.optimizers.SGD(lr, momentum=more[0], global_clipnorm=network.clip)


def loss_of(target, z):
    if network.loss == "classes":
        labels = tf.cast(target, tf.int32)  # fit gives what it was fed as f32
        each = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, z)
    else:
        each = tf.reduce_sum(
            tf.nn.sigmoid_cross_entropy_with_logits(tf.reshape(target, tf.shape(z)), z), -1)
    return tf.reduce_mean(each)


net = tf.keras.Sequential([layers.Input(network.shape)] +
                          [KINDS[kind](*args) for kind, *args in network.layers])
updates = optimizer()


@tf.function(jit_compile=a.mode == "xla")
def train_step(x, y):
    with tf.GradientTape() as tape:
        loss = loss_of(y if network.loss == "classes" else x, net(x, training=True))
    variables = net.trainable_variables
    updates.apply_gradients(zip(tape.gradient(loss, variables), variables))
    return loss


@tf.function
def forward(x):
    return net(x, training=False)


def step(x, y):
    return float(train_step(tf.constant(x), tf.constant(y)))


def predict(x):
    return forward(tf.constant(x)).numpy()


def pipeline():
    x, y = harness.read_data(a.images, a.labels, network.shape)

    def prepare(images, labels):
        scaled = tf.cast(images, tf.float32) / 255.0
        return scaled, labels if network.loss == "classes" else scaled
    data = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(len(x), seed=a.seed)
    data = data.batch(a.batch, drop_remainder=True).map(prepare)
    return data.prefetch(2)


class Clock(tf.keras.callbacks.Callback):
    """Takes the time and loss of each step, and ends when there are enough."""

    def __init__(self):
        super().__init__()
        self.ends, self.losses = [], []

    def times(self):
        return [end - begin for begin, end in zip(self.ends, self.ends[1:])]

    def on_train_batch_end(self, batch, logs=None):
        self.losses.append(float(logs["loss"]))
        self.ends.append(time.monotonic())
        if harness.enough(a, self.times()):
            self.model.stop_training = True


def count_params():
    return sum(int(np.prod(v.shape)) for v in net.trainable_variables)


def fit():
    net.compile(updates, loss_of, jit_compile=a.mode == "fit-xla")
    if a.epochs:
        net.fit(pipeline(), epochs=a.epochs, verbose=0)
        harness.report(a, tf.__version__, params=count_params(),
                       accuracy=harness.test(a, lambda x: predict(harness.scale(x))))
        return
    clock = Clock()
    net.fit(pipeline().repeat(), steps_per_epoch=1 << 30, verbose=0, callbacks=[clock])
    harness.report_steps(a, tf.__version__, count_params(), clock.ends[0], clock.times(),
                         clock.losses)


def export():
    """The network on u8, as netc's own model takes it."""
    numbers, values = np.fromfile(a.weights, np.float32), []
    for variable in net.trainable_variables:
        count = int(np.prod(variable.shape))
        values.append(numbers[:count].reshape(variable.shape))
        numbers = numbers[count:]
    net.set_weights(values)
    image = layers.Input(network.shape, dtype=tf.uint8)
    scaled = layers.Rescaling(1 / 255)(image)
    whole = tf.keras.Model(image, layers.Softmax()(net(scaled)))
    with open(a.model, "wb") as f:
        f.write(tf.lite.TFLiteConverter.from_keras_model(whole).convert())


if a.weights:
    export()
elif a.mode.startswith("fit"):
    fit()
else:
    harness.train(a, tf.__version__, count_params(), step, predict)
