"""LiteRT with its XNNPACK kernels: inference of a model that tensorflow_peer.py wrote."""
import importlib.metadata

import harness

a = harness.arguments()
from ai_edge_litert.interpreter import Interpreter

interpreters = {}


def predict(x):
    if len(x) not in interpreters:
        i = Interpreter(a.model, num_threads=a.threads)
        i.resize_tensor_input(i.get_input_details()[0]["index"], x.shape)
        i.allocate_tensors()
        interpreters[len(x)] = i
    i = interpreters[len(x)]
    i.set_tensor(i.get_input_details()[0]["index"], x)
    i.invoke()
    return i.get_tensor(i.get_output_details()[0]["index"])


harness.infer(a, importlib.metadata.version("ai-edge-litert"), predict)
