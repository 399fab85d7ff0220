"""Running the networks of the package: opening one with ONNX Runtime, and using it on several cores."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

_MANY, _CORES = 8, 4
"""From how many items on several cores are used, and how many: the network leaves Python free while it runs, but what is around it
does not."""

_NO_TELEMETRY = "ORT_DISABLE_TELEMETRY"
"""From version 1.29 on ONNX Runtime tells its makers what runs where, unless this is set before it is imported."""

Item = TypeVar("Item")
Result = TypeVar("Result")


def open_network(path: Path, threads: int = 1) -> Any:
    """Return the ``onnxruntime.InferenceSession`` of a file. ONNX Runtime's telemetry is off, unless ORT_DISABLE_TELEMETRY=0 wants it.

    Args:
        path: an ONNX file.
        threads: how many threads one run may use.

    Raises:
        ImportError: ONNX Runtime is not installed.
        Exception: the file is missing or damaged; ONNX Runtime has no class of its own for that.
    """
    unwanted = os.environ.setdefault(_NO_TELEMETRY, "1") != "0"
    runtime = import_module("onnxruntime")
    if unwanted:
        runtime.disable_telemetry_events()  # where somebody has imported it before
    options = runtime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    return runtime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def on_cores(work: Callable[[Item], Result], items: Sequence[Item], name: str) -> list[Result]:
    """Return what ``work`` makes of each item, in their order: on several cores where there are, and items enough.

    Args:
        work: safe to run in several threads.
        items: what it is called with.
        name: of the threads.
    """
    if len(items) < _MANY or (cores := min(os.cpu_count() or 1, _CORES)) < 2:
        return [work(item) for item in items]
    with ThreadPoolExecutor(cores, name) as threads:
        return list(threads.map(work, items))
