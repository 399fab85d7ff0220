"""``python -m graphmem.cli`` is the ``graphmem`` command."""

from graphmem.cli.app import main

main()
