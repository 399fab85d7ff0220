"""The network: a small pretrained encoder with heads for objects, subjects and states, and its loss."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import AutoModel

from scripts.training.encode import USER_WORD, Example
from scripts.training.messages import STATES

LINK_SIZE = 128
_FAR = 1e4


class ExtractorNetwork(nn.Module):
    """Reads tokens; every output is computed in one pass, so that running it needs no loop.

    ``tags[b, i]``: for each predicate, that an object begins at token i; then that a subject begins there, that an
    object goes on there, that a subject goes on there. ``link[b, i, j] + fit[b, j, p]``: that the object at i has the
    subject at j for predicate p, with the user at token 0. ``state[b, i, p]``: one logit for each of ``STATES``.
    """

    def __init__(self, base: str, predicates: int) -> None:
        super().__init__()
        self.encoder = AutoModel.from_pretrained(base, add_pooling_layer=False, attn_implementation="sdpa")
        self.encoder.embeddings.word_embeddings.weight.requires_grad_(False)
        size = self.encoder.config.hidden_size
        self.predicates = predicates
        self.drop = nn.Dropout(0.1)
        self.tags = nn.Linear(size, predicates + 3)
        # Most tokens begin nothing: to know that from the start spares the first steps from unlearning it.
        nn.init.constant_(self.tags.bias, -4.0)
        self.object_key = nn.Sequential(nn.Linear(size, LINK_SIZE), nn.GELU(), nn.Linear(LINK_SIZE, LINK_SIZE))
        self.subject_key = nn.Sequential(nn.Linear(size, LINK_SIZE), nn.GELU(), nn.Linear(LINK_SIZE, LINK_SIZE))
        self.fit = nn.Linear(size, predicates)
        self.state = nn.Linear(size, len(STATES))
        self.state_of_predicate = nn.Parameter(torch.zeros(predicates, len(STATES)))

    def forward(self, ids: Tensor, types: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        hidden = self.encoder(input_ids=ids, token_type_ids=types, attention_mask=mask).last_hidden_state
        hidden = self.drop(hidden)
        link = self.object_key(hidden) @ self.subject_key(hidden).transpose(1, 2) / LINK_SIZE**0.5
        state = self.state(hidden).unsqueeze(2) + self.state_of_predicate
        return self.tags(hidden), link, self.fit(hidden), state


@dataclass(slots=True)
class Batch:
    """Examples as tensors; in ``tags`` 1 is right, 0 wrong and -1 not to be judged."""

    ids: Tensor
    types: Tensor
    mask: Tensor
    words: Tensor
    tags: Tensor
    links: Tensor
    link_targets: Tensor
    link_weights: Tensor


def collate(examples: Sequence[Example], predicates: int) -> Batch:
    """Pad examples to one length."""
    # Few different widths let the backend reuse what it has compiled for a shape.
    width = -(-max(len(example.window.ids) for example in examples) // 8) * 8
    shape = (len(examples), width)
    ids, types, mask = (torch.zeros(shape, dtype=torch.long) for _ in range(3))
    words = torch.zeros(shape, dtype=torch.bool)
    tags = torch.zeros(*shape, predicates + 3)
    tags[:, :, predicates + 1 :] = -1
    links, targets, weights = [], [], []
    for row, example in enumerate(examples):
        length = len(example.window.ids)
        ids[row, :length] = torch.tensor(example.window.ids)
        types[row, :length] = torch.tensor(example.window.types)
        mask[row, :length] = 1
        token = [word.token for word in example.window.words]
        words[row, token] = True
        for word, predicate in example.unsure:
            tags[row, token[word], predicate] = -1
        for word, predicate in example.starts:
            tags[row, token[word], predicate] = 1
        for word in example.subject_starts:
            tags[row, token[word], predicates] = 1
        for offset, inside in ((1, example.object_inside), (2, example.subject_inside)):
            for word, label in inside.items():
                tags[row, token[word], predicates + offset] = label
        for link in example.links:
            target = torch.full((width,), -1.0)
            target[[0, *token]] = 0
            for label, places in ((-1, link.unsure), (1, link.subjects)):
                for word in places:
                    target[0 if word == USER_WORD else token[word]] = label
            links.append((row, token[link.word], link.predicate, link.state))
            targets.append(target)
            weights.append(link.weight)
    return Batch(
        ids,
        types,
        mask,
        words,
        tags,
        torch.tensor(links, dtype=torch.long).view(-1, 4),
        torch.stack(targets) if targets else torch.zeros(0, width),
        torch.tensor(weights),
    )


def many_of(logits: Tensor, targets: Tensor) -> Tensor:
    """Return the loss of choosing any number of classes: like cross-entropy, the classes compete, but several may win.

    Zero is the threshold that right classes must exceed and wrong ones stay under; a target of -1 is left out.
    """
    zero = torch.zeros_like(logits[..., :1])
    right = torch.cat([zero, torch.where(targets == 1, -logits, -_FAR)], -1).logsumexp(-1)
    wrong = torch.cat([zero, torch.where(targets == 0, logits, -_FAR)], -1).logsumexp(-1)
    return right + wrong


def loss_of(outputs: tuple[Tensor, Tensor, Tensor, Tensor], batch: Batch, predicates: int) -> Tensor:
    """Return the loss of one batch, of all heads together."""
    tags, link, fit, state = (output.float() for output in outputs)
    begins = predicates + 1
    total = many_of(tags[..., :begins], batch.tags[..., :begins])[batch.words].mean()
    goes_on = batch.tags[..., begins:] >= 0
    if goes_on.any():
        total = total + 0.3 * F.binary_cross_entropy_with_logits(
            tags[..., begins:][goes_on], batch.tags[..., begins:][goes_on]
        )
    if len(batch.links):
        row, token, predicate, target_state = batch.links.unbind(1)
        scores = link[row, token] + fit[row, :, predicate]
        weights = batch.link_weights / batch.link_weights.sum()
        total = total + 0.3 * (many_of(scores, batch.link_targets) * weights).sum()
        states = F.cross_entropy(state[row, token, predicate], target_state, reduction="none")
        total = total + 0.5 * (states * weights).sum()
    return total
