#!/usr/bin/env python3
"""Lists what an ONNX file holds, for tests: decoded here from onnx.proto's numbers of fields, without any library.

    list_onnx.py FILE           its inputs, outputs, initializers and nodes
    list_onnx.py FILE TENSOR    the elements of an f32 initializer, one a line
"""
import struct
import sys

DTYPES = {1: "f32", 2: "u8", 6: "i32", 7: "i64", 9: "bool", 11: "f64"}
SIZES = {"f32": 4, "u8": 1, "i32": 4, "i64": 8, "bool": 1, "f64": 8}


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return (value - (1 << 64) if value >> 63 else value), at


def fields(data):
    """{number: [values]}: integers, or bytes."""
    found, at = {}, 0
    while at < len(data):
        key, at = varint(data, at)
        if key & 7 == 0:
            value, at = varint(data, at)
        elif key & 7 == 5:
            (value,) = struct.unpack_from("<f", data, at)
            at += 4
        elif key & 7 == 2:
            length, at = varint(data, at)
            assert at + length <= len(data)
            value, at = data[at:at + length], at + length
        else:
            raise ValueError("wire type %d" % (key & 7))
        found.setdefault(key >> 3, []).append(value)
    return found


def text(message, number):
    return message.get(number, [b""])[0].decode()


def value_info(data):
    info = fields(data)
    tensor = fields(fields(info[2][0])[1][0])
    dims = []
    for dim in fields(tensor[2][0]).get(1, []):
        dim = fields(dim)
        dims.append(text(dim, 2) if 2 in dim else str(dim[1][0]))
    return text(info, 1), "%s[%s]" % (DTYPES[tensor[1][0]], ", ".join(dims))


def attribute(data):
    attr = fields(data)
    return "%s=%s" % (text(attr, 1), ",".join(map(str, attr.get(8) or attr.get(3) or ["%g" % attr[2][0]])))


def main():
    with open(sys.argv[1], "rb") as file:
        model = fields(file.read())
    graph = fields(model[7][0])
    initializers = {}
    for data in graph.get(5, []):
        tensor = fields(data)
        initializers[text(tensor, 8)] = tensor
    if len(sys.argv) > 2:
        for (value,) in struct.iter_unpack("<f", initializers[sys.argv[2]][9][0]):
            print("%.9g" % value)
        return
    print("%s %s, IR %d, opset %d, graph %s" % (text(model, 2), text(model, 3), model[1][0],
                                                fields(model[8][0])[2][0], text(graph, 2)))
    for data in model.get(14, []):
        entry = fields(data)
        print("metadata %s = %s" % (text(entry, 1), text(entry, 2)))
    types = dict(value_info(data) for data in graph.get(13, []) + graph[12])
    known = set()
    for kind, number in (("input", 11), ("output", 12)):
        for data in graph.get(number, []):
            name, kind_of = value_info(data)
            print("%s %s: %s" % (kind, name, kind_of))
            if kind == "input":
                known.add(name)
    for name, tensor in initializers.items():
        dtype, dims = DTYPES[tensor[2][0]], tensor.get(1, [])
        count = 1
        for dim in dims:
            count *= dim
        assert len(tensor[9][0]) == count * SIZES[dtype], name
        known.add(name)
        doc = text(tensor, 12)
        print("initializer %s: %s[%s]%s" % (name, dtype, ", ".join(map(str, dims)), "  # " + doc if doc else ""))
    for data in graph.get(1, []):
        node = fields(data)
        inputs, (output,) = [name.decode() for name in node.get(1, [])], [name.decode() for name in node[2]]
        assert known.issuperset(inputs), inputs
        assert output not in known, output
        known.add(output)
        attributes = "".join(" " + attribute(a) for a in node.get(5, []))
        print("%s = %s(%s)%s : %s  # %s" % (output, text(node, 4), ", ".join(inputs), attributes, types[output], text(node, 6)))


main()
