"""The small model that proposes facts: a fine-tuned encoder, run by ONNX Runtime."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from extraction.base import ExtractionError
from extraction.local.network import on_cores, open_network
from extraction.local.proposals import Proposal
from extraction.local.tagger_decode import Candidate, Outputs, confidence, decode
from extraction.local.tagger_windows import Window, load_tokenizer, windows
from extraction.records import FactStatus

MODEL = Path(__file__).parent / "model"
"""The model that ships in the package."""

FORMAT = 1
_GLUED_AGE = re.compile(r"\d+(?=[a-zA-Z])")
_NETWORK, _TOKENIZER, _LABELS = "model.onnx", "tokenizer.json", "labels.json"


class ModelError(ExtractionError):
    """The model cannot be used; ``str()`` says why and what to do in one line."""


@dataclass(frozen=True, slots=True)
class Labels:
    """What the network's outputs mean: ``labels.json`` of a model's folder.

    Args:
        predicates: in the order of the outputs.
        states: likewise.
        weights, bias: of the calibrated confidence.
    """

    predicates: tuple[str, ...]
    states: tuple[FactStatus, ...]
    weights: tuple[float, ...]
    bias: float

    @classmethod
    def read(cls, folder: Path) -> Labels:
        """Read the labels of a model.

        Raises:
            ModelError: the folder has none, or of another format.
        """
        path = folder / _LABELS
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            if data["format"] != FORMAT:
                raise ModelError(
                    f"{path} has format {data['format']}, this version reads {FORMAT}: train the model anew"
                )
            return cls(
                tuple(data["predicates"]),
                tuple(map(FactStatus, data["states"])),
                tuple(data["confidence"]["weights"]),
                data["confidence"]["bias"],
            )
        except (OSError, KeyError, TypeError, ValueError) as error:
            raise ModelError(f"{path} does not describe a model ({error}): reinstall graphmem or train one") from error


@dataclass(frozen=True, slots=True)
class _Loaded:
    session: Any
    tokenizer: Any
    labels: Labels


class Tagger:
    """Proposes the facts that a message states. Opens its model on first use, and is safe to share between threads.

    Args:
        folder: where ``model.onnx``, ``tokenizer.json`` and ``labels.json`` are.
        minimum: proposals that are less likely to be right are left out.
        threads: how many threads one run of the network may use.
    """

    def __init__(self, folder: Path = MODEL, *, minimum: float = 0.3, threads: int = 1) -> None:
        self._folder = folder
        self._minimum = minimum
        self._threads = threads
        self._lock = threading.Lock()
        self._loaded: _Loaded | None = None

    @property
    def predicates(self) -> tuple[str, ...]:
        """The predicates that it has learned."""
        return self._model().labels.predicates

    def propose(self, text: str, before: str | None = None) -> list[Proposal]:
        """Return the facts that a message seems to state, in the order of the text.

        Args:
            text: the message.
            before: the other side's message just before it, when the message may answer it.

        Raises:
            ModelError: the model is missing or broken, or its runtime is not installed.
        """
        labels = self._model().labels
        proposals = (_proposal(candidate, labels, text) for candidate in self.candidates(text, before))
        return [proposal for proposal in proposals if proposal.confidence >= self._minimum]

    def propose_all(self, messages: Iterable[tuple[str, str | None]]) -> list[list[Proposal]]:
        """Do as ``propose`` for many messages, given as pairs of ``text`` and ``before``: on several cores where there are."""
        return on_cores(lambda message: self.propose(*message), list(messages), "graphmem-tagger")

    def candidates(self, text: str, before: str | None = None) -> list[Candidate]:
        """Return what ``propose`` judges, with the evidence for it and before anything is left out."""
        model = self._model()
        count = len(model.labels.predicates)
        return [
            candidate
            for window in windows(model.tokenizer, text, before)
            for candidate in decode(text, window, _run(model.session, window), count)
        ]

    def _model(self) -> _Loaded:
        with self._lock:
            if self._loaded is None:
                self._loaded = _load(self._folder, self._threads)
            return self._loaded


def _load(folder: Path, threads: int) -> _Loaded:
    labels = Labels.read(folder)
    try:
        session = open_network(folder / _NETWORK, threads)
        tokenizer = load_tokenizer(folder / _TOKENIZER)
    except ImportError as error:
        raise ModelError(f"the extraction model needs onnxruntime and tokenizers ({error}): install both") from error
    except Exception as error:
        # Neither library has an exception class of its own for a file that is missing or damaged.
        raise ModelError(
            f"the model in {folder} cannot be opened ({error}): reinstall graphmem or train one"
        ) from error
    return _Loaded(session, tokenizer, labels)


def _run(session: Any, window: Window) -> Outputs:
    # One window at a time: the quantised network scales its numbers by the largest of a run, so that a message would
    # be read a little differently in different company; and on one thread a batch gains nothing.
    ids = np.array([window.ids], dtype=np.int64)
    types = np.array([window.types], dtype=np.int64)
    tags, link, fit, state = session.run(
        ["tags", "link", "fit", "state"], {"ids": ids, "types": types, "mask": np.ones_like(ids)}
    )
    return Outputs(tags[0], link[0], fit[0], state[0])


def _proposal(candidate: Candidate, labels: Labels, text: str) -> Proposal:
    predicate = labels.predicates[candidate.predicate]
    start, end = candidate.object
    if predicate == "HAS_AGE" and (age := _GLUED_AGE.match(text, start, end)):
        end = age.end()
    chance = confidence(candidate.features, labels.weights, labels.bias)
    return Proposal(start, end, predicate, candidate.subject, labels.states[candidate.state], chance)
