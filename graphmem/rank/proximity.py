"""How near each entity is to what a question names: personalised PageRank over the small neighbourhood that a store brought.

networkx's public ``pagerank`` needs scipy, which is no dependency here, and its pure-Python variant is not public; at a few hundred
edges a dozen rounds of the power method take a millisecond and spare the import.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

DAMPING = 0.6
"""Chance to walk on: low, so that the second step from a seed already counts little."""

ROUNDS = 12
"""The rest after so many rounds is below 0.6 ** 12, two thousandths."""


def personalized_pagerank(edges: Iterable[tuple[str, str]], seeds: Mapping[str, float]) -> dict[str, float]:
    """Return the share of time that a walk from the seeds spends at each node.

    Args:
        edges: pairs of nodes, walked in both directions; a repeated pair counts that often.
        seeds: where the walk starts again, by weight above 0; empty gives an empty result.
    """
    neighbours: dict[str, list[str]] = {}
    for a, b in sorted(edges):
        neighbours.setdefault(a, []).append(b)
        neighbours.setdefault(b, []).append(a)
    total = sum(seeds.values())
    if not total:
        return {}
    start = {node: seeds[node] / total for node in sorted(seeds)}
    shares = dict(start)
    for _ in range(ROUNDS):
        after = {node: (1.0 - DAMPING) * share for node, share in start.items()}
        for node, share in shares.items():
            around = neighbours.get(node)
            if around is None:
                after[node] = after.get(node, 0.0) + DAMPING * share
                continue
            step = DAMPING * share / len(around)
            for other in around:
                after[other] = after.get(other, 0.0) + step
        shares = after
    return shares
