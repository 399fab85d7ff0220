"""A terminal with the command in it: what a person types goes in, what a person sees comes out."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager

from command_line import environment

_STEERING = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07]*\x07|\x1b[=>]|\r")


class Terminal:
    """A running command in a terminal of so many columns."""

    def __init__(self, process: subprocess.Popen[bytes], master: int) -> None:
        self.process = process
        self.shown = ""
        self._came = b""
        self._master = master
        self._seen = 0

    def types(self, text: str) -> None:
        """Type something; ``\\r`` is the Enter key."""
        os.write(self._master, text.encode())

    def see(self, text: str, seconds: float = 120) -> str:
        """Wait until ``text`` is shown after what was seen last, and return all that came up to it."""
        end = time.monotonic() + seconds
        while (place := self.shown.find(text, self._seen)) < 0:
            assert time.monotonic() < end, f"{text!r} was not shown after: {self.shown[self._seen :]!r}"
            assert self._read(), f"the command ended without showing {text!r}: {self.shown[self._seen :]!r}"
        before = self.shown[self._seen : place + len(text)]
        self._seen = place + len(text)
        return before

    def interrupts(self, text: str) -> str:
        """Press Ctrl-C until ``text`` is shown: Python's ``input()`` misses one that comes just before it waits for a key.

        See first what was typed: Ctrl-C drops keys that were not read yet, and an ``input()`` that was just about to read them
        waits for another key, deaf to Ctrl-C.
        """
        end, again = time.monotonic() + 120, 0.0
        while self.shown.find(text, self._seen) < 0 and time.monotonic() < end:
            if time.monotonic() >= again:
                self.types("\x03")
                again = time.monotonic() + 5
            assert self._read(), f"the command ended without showing {text!r}: {self.shown[self._seen :]!r}"
        return self.see(text, 0)

    def ends(self) -> int:
        """Wait until the command has ended and return its exit code."""
        while self._read():
            pass
        return self.process.wait(60)

    def _read(self) -> bool:
        if not select.select([self._master], [], [], 1)[0]:
            return True
        try:
            data = os.read(self._master, 65536)
        except OSError:  # on Linux the end of the last process that has the terminal
            return False
        self._came += data  # a read may end inside a letter or a steering sequence
        self.shown = _STEERING.sub("", self._came.decode(errors="replace"))
        return bool(data)


@contextmanager
def terminal(*arguments: str, columns: int = 120, **more: str) -> Iterator[Terminal]:
    """Run the command in a terminal; ``more`` is further environment."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))

    def take_terminal() -> None:
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    env = {k: v for k, v in environment(TERM="xterm", **more).items() if k not in ("COLUMNS", "LINES", "NO_COLOR")}
    process = subprocess.Popen(
        [sys.executable, "-m", "graphmem.cli", *arguments],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env=env,
        preexec_fn=take_terminal,
    )
    os.close(slave)
    try:
        yield Terminal(process, master)
    finally:
        process.kill()
        process.wait()
        os.close(master)
