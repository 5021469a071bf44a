"""Feeds arrays of NumPy to libnetc, by ctypes: python3 feed_numpy.py mnist.net

What run() takes and gives are buffers, so that arrays of any kind do: numpy.asarray makes an array of a result."""
import ctypes
import sys

FORMATS = "?Biqfd"  # by NetcDtype, as memoryview calls them
EVALUATE, TRAINING, COUNT, STEP = range(4)


class Status(ctypes.Structure):
    _fields_ = [("code", ctypes.c_int), ("message", ctypes.c_char * 8192)]


class Tensor(ctypes.Structure):
    _fields_ = [("dtype", ctypes.c_int), ("rank", ctypes.c_int32), ("dims", ctypes.c_int64 * 8),
                ("data", ctypes.c_void_p)]


class Feed(ctypes.Structure):
    _fields_ = [("input", ctypes.c_char_p), ("value", Tensor)]


class Run(ctypes.Structure):
    _fields_ = [("mode", ctypes.c_int), ("fetch", ctypes.POINTER(ctypes.c_char_p)),
                ("fetch_count", ctypes.c_int32), ("feeds", ctypes.POINTER(Feed)),
                ("feed_count", ctypes.c_int32), ("data", ctypes.c_void_p)]


netc = ctypes.CDLL("libnetc.so.0")
netc.netc_session_close.argtypes = netc.netc_close.argtypes = [ctypes.c_void_p]


def call(function, *arguments):
    status = Status()
    function.restype = ctypes.c_bool
    if not function(*arguments, ctypes.byref(status)):
        raise ValueError(status.message.decode())


def open_session(path):
    program, session = ctypes.c_void_p(), ctypes.c_void_p()
    call(netc.netc_open, path.encode(), None, ctypes.byref(program))
    call(netc.netc_session_open, program, None, ctypes.byref(session))
    return program, session


def run(session, mode, fetch, **inputs):
    views = {name: memoryview(value) for name, value in inputs.items()}
    copies = [view.tobytes() for view in views.values()]  # which the run reads
    feeds = (Feed * len(views))()
    for feed, data, (name, view) in zip(feeds, copies, views.items()):
        dtype = FORMATS.index(view.format.replace("l", "q"))
        dims = (ctypes.c_int64 * 8)(*view.shape)
        feed.input = name.encode()
        feed.value = Tensor(dtype, view.ndim, dims, ctypes.cast(data, ctypes.c_void_p))
    texts = (ctypes.c_char_p * len(fetch))(*[text.encode() for text in fetch])
    results = (Tensor * len(fetch))()
    what = Run(mode, texts, len(fetch), feeds, len(feeds), None)
    call(netc.netc_run, session, ctypes.byref(what), results)
    return [to_buffer(result) for result in results]


def to_buffer(tensor):  # a copy, as the session's memory changes with its next run
    netc.netc_elements.restype = netc.netc_dtype_size.restype = ctypes.c_int64
    size = netc.netc_elements(ctypes.byref(tensor)) * netc.netc_dtype_size(tensor.dtype)
    data = memoryview(ctypes.string_at(tensor.data, size))
    return data.cast(FORMATS[tensor.dtype], list(tensor.dims[:tensor.rank]))


def main(path):
    import numpy

    program, session = open_session(path)
    random = numpy.random.default_rng(1)
    image = random.integers(0, 256, [32, 28, 28, 1], "uint8")
    label = random.integers(0, 10, [32], "uint8")
    for step in range(1, 21):
        loss, slope = map(numpy.asarray, run(session, STEP, ["loss", "grad(loss, weights.c1)"],
                                             image=image, label=label))
        if step % 5 == 0:
            print(f"step {step}: loss {loss:.4f}, gradient {slope.shape}")
    (probabilities,) = run(session, EVALUATE, ["probabilities"], image=image[:3])
    print("sums of probabilities", numpy.asarray(probabilities).sum(axis=1).round(3))
    netc.netc_session_close(session)
    netc.netc_close(program)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "examples/mnist/mnist.net")
