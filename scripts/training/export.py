"""Writes a trained network as a model folder: quantised ONNX, tokenizer, labels."""

from __future__ import annotations

import json
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic

from extraction.local.tagger import FORMAT
from extraction.local.tagger_decode import FEATURES
from extraction.local.tagger_windows import load_tokenizer
from scripts.training.messages import STATES
from scripts.training.network import ExtractorNetwork

_OUTPUTS = ("tags", "link", "fit", "state")


def export(network: ExtractorNetwork, base: Path, folder: Path, predicates: Sequence[str]) -> None:
    """Write the model folder, with the sureness of the object's begin alone as its confidence, not calibrated.

    Args:
        network: the trained network.
        base: folder of the pretrained encoder, for its tokenizer.
        folder: where to write; made when absent.
        predicates: in the order of the network's outputs.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        full = Path(scratch) / "full.onnx"
        _to_onnx(network, full)
        # Without reduce_range, products of 8-bit numbers overflow on processors that lack VNNI.
        quantize_dynamic(full, folder / "model.onnx", weight_type=QuantType.QInt8, per_channel=True, reduce_range=True)
    tokenizer = load_tokenizer(base / "tokenizer.json")
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    write_labels(folder, predicates, (1.0,) + (0.0,) * (len(FEATURES) - 1), 0.0)


def write_labels(folder: Path, predicates: Sequence[str], weights: Sequence[float], bias: float) -> None:
    """Write ``labels.json``: what the outputs mean, and the weights and the bias of the confidence."""
    labels = {
        "format": FORMAT,
        "predicates": list(predicates),
        "states": list(STATES),
        "confidence": {"weights": [round(w, 5) for w in weights], "bias": round(bias, 5)},
    }
    (folder / "labels.json").write_text(json.dumps(labels, indent=2) + "\n", encoding="utf-8")


def _to_onnx(network: ExtractorNetwork, path: Path) -> None:
    network.eval()
    ids = torch.ones(2, 16, dtype=torch.long)
    axes = {name: {0: "batch", 1: "tokens"} for name in ("ids", "types", "mask", *_OUTPUTS)}
    axes["link"][2] = "tokens"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network,
            (ids, torch.zeros_like(ids), torch.ones_like(ids)),
            str(path),
            input_names=["ids", "types", "mask"],
            output_names=list(_OUTPUTS),
            dynamic_axes=axes,
            opset_version=17,
            dynamo=False,
        )
