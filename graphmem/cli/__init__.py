"""The ``graphmem`` command."""

from __future__ import annotations

from graphmem.cli.app import cli, main

__all__ = ["cli", "main"]
