"""ONNX Runtime on the processor: inference of a model that netc wrote."""
import harness

a = harness.arguments()
import onnxruntime as ort

options = ort.SessionOptions()
options.intra_op_num_threads, options.inter_op_num_threads = a.threads, 1
options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
session = ort.InferenceSession(a.model, options, providers=["CPUExecutionProvider"])
name = session.get_inputs()[0].name
harness.infer(a, ort.__version__, lambda x: session.run(None, {name: x})[0])
