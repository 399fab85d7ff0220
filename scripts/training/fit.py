"""The training loop."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from scripts.training.encode import Example
from scripts.training.network import ExtractorNetwork, collate, loss_of


@dataclass(frozen=True, slots=True)
class Settings:
    """How to train.

    Args:
        epochs: passes over the messages.
        batch: messages in a step.
        encoder_rate, head_rate: highest learning rates of the pretrained part and of the new heads.
        warmup: steps until they are reached; from there they fall linearly to zero.
        average: decay of the running average of the weights that is kept in the end.
        seed: of everything random.
    """

    epochs: int = 14
    batch: int = 16
    encoder_rate: float = 1.5e-4
    head_rate: float = 1e-3
    warmup: int = 100
    average: float = 0.995
    seed: int = 0

    def with_rate(self, encoder_rate: float) -> Settings:
        """Return the settings with another rate for the encoder, and one in proportion for the heads."""
        return replace(self, encoder_rate=encoder_rate, head_rate=self.head_rate * encoder_rate / self.encoder_rate)


def fit(
    network: ExtractorNetwork,
    epoch_of: Callable[[int, random.Random], Sequence[Example]],
    settings: Settings,
    report: Callable[[str], None],
    checkpoint: Path | None = None,
) -> None:
    """Train in place; the network ends with the running average of its weights.

    Args:
        network: what to train.
        epoch_of: returns the examples of an epoch, which may differ from one to the next but not in number.
        settings: how to train.
        report: receives one line an epoch.
        checkpoint: written after each epoch, and continued from when it is there.
    """
    torch.manual_seed(settings.seed)
    trained = [p for p in network.parameters() if p.requires_grad]
    encoder = {id(p) for p in network.encoder.parameters()}
    optimizer = torch.optim.AdamW(
        [
            {"params": [p for p in trained if id(p) in encoder], "lr": settings.encoder_rate},
            {"params": [p for p in trained if id(p) not in encoder], "lr": settings.head_rate},
        ],
        weight_decay=0.01,
    )
    rng = random.Random(settings.seed)  # noqa: S311
    steps = settings.epochs * math.ceil(len(epoch_of(0, random.Random(0))) / settings.batch)  # noqa: S311
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1.0, (step + 1) / settings.warmup) * max(0.0, 1 - step / steps)
    )
    averages = [p.detach().clone() for p in trained]
    done = 0
    if checkpoint and checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=True)
        network.load_state_dict(saved["network"])
        optimizer.load_state_dict(saved["optimizer"])
        schedule.load_state_dict(saved["schedule"])
        averages, done = saved["averages"], saved["done"]
        rng.setstate(saved["rng"])
        torch.set_rng_state(saved["torch_rng"])
        report(f"going on after epoch {done} of {checkpoint}")
    started = time.monotonic()
    for epoch in range(done, settings.epochs):
        batches = _batches(epoch_of(epoch, rng), settings.batch, rng)
        network.train()
        total = 0.0
        for examples in batches:
            batch = collate(examples, network.predicates)
            with torch.autocast("cpu", dtype=torch.bfloat16):
                outputs = network(batch.ids, batch.types, batch.mask)
            loss = loss_of(outputs, batch, network.predicates)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(trained, 1.0)
            optimizer.step()
            schedule.step()
            torch._foreach_lerp_(averages, [p.detach() for p in trained], 1 - settings.average)
            total += loss.item()
        report(f"epoch {epoch + 1}: loss {total / len(batches):.4f}, {time.monotonic() - started:.0f} s")
        if checkpoint:
            state = {
                "network": network.state_dict(),
                "optimizer": optimizer.state_dict(),
                "schedule": schedule.state_dict(),
                "averages": averages,
                "done": epoch + 1,
                "rng": rng.getstate(),
                "torch_rng": torch.get_rng_state(),
            }
            # A crash while writing must not cost the last good one.
            torch.save(state, partial := checkpoint.with_suffix(".partial"))
            partial.replace(checkpoint)
    with torch.no_grad():
        for parameter, average in zip(trained, averages, strict=True):
            parameter.copy_(average)


def begin_with(network: ExtractorNetwork, checkpoint: Path) -> None:
    """Give a network the running average of the weights of an earlier training.

    Args:
        network: gets the weights.
        checkpoint: what ``fit`` wrote.
    """
    saved = torch.load(checkpoint, weights_only=True)
    network.load_state_dict(saved["network"])
    trained = [p for p in network.parameters() if p.requires_grad]
    with torch.no_grad():
        for parameter, average in zip(trained, saved["averages"], strict=True):
            parameter.copy_(average)


def _batches(examples: Sequence[Example], size: int, rng: random.Random) -> list[list[Example]]:
    """Return batches of examples of about the same length, in random order."""
    ordered = sorted(examples, key=lambda example: len(example.window.ids) + rng.random() * 12)
    batches = [ordered[start : start + size] for start in range(0, len(ordered), size)]
    rng.shuffle(batches)
    return batches
