"""A drop-in for the graph storage of the ``memlayer`` package; see `GraphStorage`."""

from graphmem.memlayer.storage import GraphStorage

__all__ = ["GraphStorage"]
