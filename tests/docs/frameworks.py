#!/usr/bin/env python3
"""Writes what PyTorch and Keras say into docs/errors.md: runs its ```python blocks, each by itself, and puts the last
line of what is raised into the ```text block that follows. It needs torch, keras and tensorflow, which the tests do not.

    frameworks.py FILE.md
"""
import os
import re
import sys
import warnings

os.environ.update({"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "", "KERAS_BACKEND": "tensorflow"})
import keras  # noqa: E402
import numpy as np  # noqa: E402
import torch  # noqa: E402

BLOCK = re.compile(r"(?ms)^```python\n(.*?)^```\n\n```text\n.*?^```$")


def message(program):
    warnings.simplefilter("ignore")
    try:
        exec(program, {"keras": keras, "np": np, "torch": torch, "nn": torch.nn})
    except Exception as error:
        # Keras surrounds what is wrong with how it came there, in colour.
        lines = [line for line in re.sub(r"\x1b\[\d*m", "", str(error)).splitlines() if line]
        said = lines[1] if lines[0].startswith("Exception encountered") else lines[0]
        return f"{type(error).__name__}: {said}"
    return "(nothing)"


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        text = file.read()
    text = BLOCK.sub(lambda block: f"```python\n{block[1]}```\n\n```text\n{message(block[1])}\n```", text)
    text = re.sub(r"PyTorch [\d.]+ and Keras [\d.]+", f"PyTorch {torch.__version__.split('+')[0]} and Keras {keras.__version__}",
                  text)
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        file.write(text)


main()
