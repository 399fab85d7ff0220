"""A process that has imported everything and forks a child for each line that it reads: a child starts within milliseconds.

A line is JSON: the name of a function of `workload`, its arguments, when to kill the child (its own statement, its own line on the
wire, or seconds from its start). The answer is the child's exit code, negative for a signal.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
import traceback

import workload
from workload import Kill

_MOST_SECONDS = 900
"""A child that nobody kills is done long before, on a machine that is busy with other things as well."""


def main() -> None:
    """Serve until stdin ends."""
    out = os.dup(1)
    os.dup2(2, 1)
    for line in sys.stdin:
        asked = json.loads(line)
        code = _run(asked["work"], asked["arguments"], Kill(asked["statement"], asked["wire"]), asked["after"])
        os.write(out, f"{code}\n".encode())


def _run(work: str, arguments: list[object], kill: Kill, after: float | None) -> int:
    child = os.fork()
    if child == 0:
        _be_the_child(work, arguments, kill)
    end = time.monotonic() + (_MOST_SECONDS if after is None else after)
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.002)
    os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _be_the_child(work: str, arguments: list[object], kill: Kill) -> None:
    code = 1
    try:
        kill.arm()
        getattr(workload, work)(*arguments)
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(bool(end.code))
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


if __name__ == "__main__":
    main()
