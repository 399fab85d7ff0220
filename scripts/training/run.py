"""One training from data to model folder."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from extraction.catalogue import RELATIONS
from extraction.local.tagger import Tagger
from extraction.local.tagger_windows import load_tokenizer
from scripts.training.augment import Augmenter
from scripts.training.encode import Example, encode
from scripts.training.export import export, write_labels
from scripts.training.fit import Settings, begin_with, fit
from scripts.training.measure import calibrate, evidence, figures
from scripts.training.messages import Message, read_messages
from scripts.training.network import ExtractorNetwork
from scripts.training.statements import fill, read_fillers, read_templates

NOT_LEARNED = frozenset({"RELATED_TO"})
PREDICATES = tuple(relation.predicate for relation in RELATIONS if relation.predicate not in NOT_LEARNED)

Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """What to train.

    Args:
        data: annotated messages.
        measure: annotated messages to score the model on; they are not learned from.
        base: folder of the pretrained encoder.
        output: the model folder to write.
        settings: of the training loop.
        hold_out: share of the messages kept for calibration.
        variants: whether to learn from variants of the messages and from made statements too.
        limit: how many messages to use; None is all.
        checkpoint: where to keep the state of the training; None keeps none.
        start: the checkpoint of an earlier training whose weights to begin with; None is the pretrained encoder.
    """

    data: Sequence[Path]
    measure: Sequence[Path]
    base: Path
    output: Path
    settings: Settings
    hold_out: float = 0.1
    variants: bool = True
    limit: int | None = None
    checkpoint: Path | None = None
    start: Path | None = None


def run(plan: Plan, report: Report) -> dict[str, Any]:
    """Train, export, calibrate and measure.

    Returns:
        The figures, which are also written to ``figures.json`` in the model folder.
    """
    messages = read_messages(plan.data)
    random.Random(plan.settings.seed).shuffle(messages)  # noqa: S311
    messages = messages[: plan.limit]
    held = max(1, round(len(messages) * plan.hold_out))
    held_out, learned = messages[:held], messages[held:]
    report(f"{len(learned)} messages to learn from, {held} to calibrate with")

    torch.manual_seed(plan.settings.seed)
    network = ExtractorNetwork(str(plan.base), len(PREDICATES))
    if plan.start is not None:
        begin_with(network, plan.start)
    fit(network, _epochs(plan, learned), plan.settings, report, plan.checkpoint)

    export(network, plan.base, plan.output, PREDICATES)
    features, right = evidence(Tagger(plan.output), held_out, PREDICATES)
    weights, bias = calibrate(features, right)
    write_labels(plan.output, PREDICATES, weights, bias)

    tagger = Tagger(plan.output, minimum=0.0)
    result = {
        "learned": len(learned),
        "settings": asdict(plan.settings) | {"variants": plan.variants},
        "held out": figures(tagger, held_out),
        "measured": figures(tagger, read_messages(plan.measure)) if plan.measure else {},
    }
    (plan.output / "figures.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    return result


def _epochs(plan: Plan, learned: Sequence[Message]) -> Callable[[int, random.Random], list[Example]]:
    tokenizer = load_tokenizer(plan.base / "tokenizer.json")
    index = {predicate: number for number, predicate in enumerate(PREDICATES)}
    augmenter = Augmenter(learned)
    fillers = {**augmenter.gazetteer, **read_fillers()}
    templates = read_templates(fillers) if plan.variants else []

    def epoch_of(epoch: int, rng: random.Random) -> list[Example]:
        chosen = [*learned, *(fill(template, fillers, rng) for template in templates)]
        if plan.variants:
            chosen = [augmenter.vary(message, rng) for message in chosen]
        return [example for message in chosen if (example := encode(tokenizer, message, index))]

    return epoch_of
