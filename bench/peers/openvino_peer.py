"""OpenVINO on the processor, in f32: inference of a model that netc wrote, compiled for the sizes of
batches that come, as its documentation advises for speed."""
import harness

a = harness.arguments()
import openvino as ov

core = ov.Core()
settings = {"INFERENCE_NUM_THREADS": a.threads, "INFERENCE_PRECISION_HINT": "f32",
            "PERFORMANCE_HINT": "LATENCY"}
requests = {}


def predict(x):
    if len(x) not in requests:
        model = core.read_model(a.model)
        model.reshape(list(x.shape))
        requests[len(x)] = core.compile_model(model, "CPU", settings).create_infer_request()
    result = requests[len(x)].infer({0: x}, share_inputs=True)
    return next(iter(result.values()))


harness.infer(a, ov.__version__.split("-")[0], predict)
