"""Read-only Cypher on one user's graph, the same on every store.

`check_read_only` judges a query, `Projection` is a user's data as a graph, `run` answers a query on it. ``docs/cypher.md`` says
what the graph looks like and what runs.
"""

from graphmem.cypher.guard import check_read_only
from graphmem.cypher.projection import Projection
from graphmem.cypher.query import run
from graphmem.cypher.shape import UserData

__all__ = ["Projection", "UserData", "check_read_only", "run"]
