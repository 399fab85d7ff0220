"""Relations of a user's own, as a module that the command line can import by name."""

from __future__ import annotations

from extraction import Catalogue, Relation, RuleExtractor

CATALOGUE = Catalogue().extended(
    Relation("DRIVES", "Vehicle", ("drives {o}", "drove {o}", "does not drive {o}"), single=True)
)
EXTRACTOR = RuleExtractor(CATALOGUE, frames=["S drive+ {DRIVES}"])
NEITHER = "no catalogue"
