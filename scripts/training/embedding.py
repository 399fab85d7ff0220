"""The network that embeds texts: a small pretrained encoder, taught that a question lies near the message that answers it."""

from __future__ import annotations

import copy
import random
import tempfile
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn
from transformers import AutoModel, AutoTokenizer

from scripts.training.questions import Pair

_SCALE = 20.0
"""What cosines are multiplied with before they compete (a temperature of 0.05, as in SimCSE, https://arxiv.org/abs/2104.08821)."""
_KEPT = 2.0
"""Weight of the pull towards what the pretrained encoder said: it knows more of language than these questions tell."""
_QUESTION_TOKENS, _MESSAGE_TOKENS = 48, 96
_WARM_UP = 20


class EmbeddingNetwork(nn.Module):
    """Reads tokens; its output is the mean of what the last layer has for them, of length 1."""

    def __init__(self, base: Path) -> None:
        super().__init__()
        self.encoder = AutoModel.from_pretrained(base, add_pooling_layer=False, attn_implementation="sdpa")
        self.encoder.embeddings.word_embeddings.weight.requires_grad_(False)

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        hidden = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        counted = mask.unsqueeze(2).to(hidden.dtype)
        return F.normalize((hidden * counted).sum(1) / counted.sum(1), dim=1)


class Trainer:
    """Trains a network on pairs of a question and a message.

    Args:
        base: folder of the pretrained encoder.
        texts: the messages by their ids.
        seed: of everything random.
    """

    def __init__(self, base: Path, texts: Mapping[str, str], seed: int) -> None:
        torch.manual_seed(seed)
        self.network = EmbeddingNetwork(base)
        self._before = copy.deepcopy(self.network).eval().requires_grad_(False)
        self._tokenizer: Any = AutoTokenizer.from_pretrained(base)
        self._texts = texts
        self._rng = random.Random(seed)  # noqa: S311

    def train(
        self, pairs: Sequence[Pair], *, epochs: int, batch: int, rate: float, tell: Callable[[int, int, float], None]
    ) -> None:
        """Train; each message of a batch is a wrong answer to the questions of the others.

        Args:
            pairs: what to learn.
            epochs: how often each is seen.
            batch: how many at once.
            rate: the highest learning rate; it falls to 0.
            tell: called with the step, the number of steps and the loss.
        """
        steps = epochs * (len(pairs) // batch)
        trained = [p for p in self.network.parameters() if p.requires_grad]
        optimizer = torch.optim.AdamW(trained, lr=rate, weight_decay=0.01)
        schedule = torch.optim.lr_scheduler.LambdaLR(
            optimizer, lambda step: min(1.0, (step + 1) / _WARM_UP) * (1 - step / steps)
        )
        step = 0
        self.network.train()
        for _ in range(epochs):
            shuffled = self._rng.sample(list(pairs), len(pairs))
            for start in range(0, len(pairs) - batch + 1, batch):
                loss = self._loss(shuffled[start : start + batch])
                optimizer.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(trained, 1.0)
                optimizer.step()
                schedule.step()
                step += 1
                tell(step, steps, loss.item())
        self.network.eval()

    @torch.no_grad()
    def ranks(self, pairs: Sequence[Pair], among: Sequence[str]) -> list[int]:
        """Return for each question the place of its message among those of the ids ``among``, from 1."""
        messages = torch.cat([self._embed(self.network, [self._texts[i]], _MESSAGE_TOKENS) for i in among])
        place = {identity: n for n, identity in enumerate(among)}
        found = []
        for pair in pairs:
            near = messages @ self._embed(self.network, [pair.question], _QUESTION_TOKENS)[0]
            found.append(int((near > near[place[pair.message]]).sum()) + 1)
        return found

    def export(self, path: Path) -> None:
        """Write the network as ONNX, quantised to 8 bits."""
        with tempfile.TemporaryDirectory() as scratch:
            full = Path(scratch) / "full.onnx"
            ids = torch.ones(1, 16, dtype=torch.long)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                torch.onnx.export(
                    self.network,
                    (ids, torch.ones_like(ids)),
                    str(full),
                    input_names=["ids", "mask"],
                    output_names=["embedding"],
                    dynamic_axes={name: {0: "batch", 1: "tokens"} for name in ("ids", "mask")}
                    | {"embedding": {0: "batch"}},
                    opset_version=17,
                    dynamo=False,
                )
            # Without reduce_range, products of 8-bit numbers overflow on processors that lack VNNI.
            quantize_dynamic(full, path, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True)

    def _loss(self, batch: Sequence[Pair]) -> Tensor:
        texts = [self._texts[pair.message] for pair in batch]
        questions = self._embed(self.network, [pair.question for pair in batch], _QUESTION_TOKENS)
        messages = self._embed(self.network, texts, _MESSAGE_TOKENS)
        with torch.no_grad():
            before = self._embed(self._before, texts, _MESSAGE_TOKENS)
        near = (questions @ messages.T * _SCALE).masked_fill(_also_right(batch), -1e4)
        right = torch.arange(len(batch))
        told = (F.cross_entropy(near, right) + F.cross_entropy(near.T, right)) / 2
        return told + _KEPT * (1 - (messages * before).sum(1)).mean()

    def _embed(self, network: EmbeddingNetwork, texts: Sequence[str], tokens: int) -> Tensor:
        given = self._tokenizer(list(texts), padding=True, truncation=True, max_length=tokens, return_tensors="pt")
        embedded: Tensor = network(given["input_ids"], given["attention_mask"])
        return embedded


def _also_right(batch: Sequence[Pair]) -> Tensor:
    """Where a message may answer the question of another pair too: it is no wrong answer there."""
    return torch.tensor(
        [
            [
                one is not other and (one.message == other.message or (one.sense != "" and one.sense == other.sense))
                for other in batch
            ]
            for one in batch
        ]
    )
