"""Fuzz an entry with atheris, which looks for inputs that reach new code. By hand, with ``pip install atheris``:

    python tests/property/fuzz_with_atheris.py search -runs=100000 -max_len=2000 -len_control=0

Takes the name of an entry of `test_hostile_text`, and the options of libFuzzer. An input that is neither taken nor refused
ends it with a trace.
"""

from __future__ import annotations

import sys
from typing import Any

import atheris

with atheris.instrument_imports(include=["graphmem", "extraction"]):
    from hostile_inputs import tried
    from test_hostile_text import ENTRIES

from hypothesis import HealthCheck, given, settings


def main() -> None:
    """Fuzz the entry that the command line names."""
    if len(sys.argv) < 2 or sys.argv[1] not in ENTRIES:
        sys.exit(f"name one of {', '.join(ENTRIES)}")
    entry, strategy = ENTRIES[sys.argv.pop(1)]

    @settings(deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(strategy)
    def each(given: Any) -> None:
        tried(entry, given)

    atheris.Setup(sys.argv, each.hypothesis.fuzz_one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
