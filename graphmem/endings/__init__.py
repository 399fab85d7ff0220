"""What messages end without naming it as it was told: by fewer words, by its opposite, by telling that it is done or not done any more.

`endings_of` reads such endings off messages and what was read in them, each a statement whose object carries a label and leaves open
what it ends; `graphmem.statements.spelled_out` finds out what that is among the facts known when it is written, by `fits`. The words of
messages are looked at by one module for each subject: `belongings`, `cancelling` (plans), `fulfilment` (plans), `habits`, `leaving_off`
(pastimes, tools, subjects), `occupations`, `weddings`.
"""

from __future__ import annotations

from graphmem.endings.matching import begins, endings_of, ends_only_one, fits

__all__ = ["begins", "endings_of", "ends_only_one", "fits"]
