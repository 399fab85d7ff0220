"""Opening a transcript's file: what it may be, which encoding it has, its lines one by one, its JSON."""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable, Iterator
from pathlib import Path

from graphmem.errors import InvalidTranscript

MAX_LINE_BYTES = 64 * 1024 * 1024
HEAD_BYTES = 64 * 1024

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

BadLine = Callable[[int | None, str], None]
"""Called with the number of a line that cannot be read (None: the file as a whole) and the reason; raises, or notes it."""


class Source:
    """A file that has been looked at and can be read.

    Args:
        path: the file.
        name: what to call it in messages; None for its path.

    Raises:
        InvalidTranscript: there is no such file, it is a folder, empty, binary or may not be read.
    """

    def __init__(self, path: str | Path, name: str | None = None) -> None:
        self.path = Path(path)
        self.name = name or str(path)
        if self.path.is_dir():
            raise InvalidTranscript(f"{self.name}: this is a folder; give the files in it, as in {self.name}/*")
        try:
            with self.path.open("rb") as file:
                start = file.read(HEAD_BYTES)
        except FileNotFoundError:
            raise InvalidTranscript(f"{self.name}: no such file; check the path") from None
        except OSError as error:
            raise InvalidTranscript(f"{self.name}: cannot be read: {error.strerror or error}") from error
        self.encoding = next((name for bom, name in _BOMS if start.startswith(bom)), "utf-8")
        if self.encoding.startswith("utf-8"):
            _refuse_binary(self.name, start)
        self.head = start.decode(self.encoding, errors="ignore")
        if not self.head.strip() and len(start) < HEAD_BYTES:
            raise InvalidTranscript(f"{self.name}: the file is empty")

    def __str__(self) -> str:
        return self.name

    def lines(self, bad: BadLine) -> Iterator[tuple[int, str]]:
        """Yield the numbered lines without their ends, one in memory at a time; ``bad`` hears of lines that are no text."""
        if self.encoding.startswith("utf-8"):
            yield from self._byte_lines(bad)
            return
        for number, line in enumerate(self.text().split("\n"), start=1):
            yield number, line.removesuffix("\r")

    def text(self) -> str:
        """Return the whole text, line ends as they are.

        Raises:
            InvalidTranscript: it is not text in its encoding; names the line.
        """
        try:
            data = self.path.read_bytes()
        except OSError as error:
            raise InvalidTranscript(f"{self.name}: cannot be read: {error.strerror or error}") from error
        try:
            return data.decode(self.encoding)
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            raise InvalidTranscript(f"{self.name}:{line}: {_not_text(error, self.encoding)}") from error

    def document(self) -> object:
        """Return the file as one JSON value.

        Raises:
            InvalidTranscript: it is none; names the line.
        """
        try:
            return parse_json(self.text())
        except NotJson as error:
            where = self.name if error.line is None else f"{self.name}:{error.line}"
            raise InvalidTranscript(f"{where}: {error}") from error

    def _byte_lines(self, bad: BadLine) -> Iterator[tuple[int, str]]:
        try:
            with self.path.open("rb") as file:
                number = 0
                while line := file.readline(MAX_LINE_BYTES):
                    number += 1
                    if len(line) == MAX_LINE_BYTES and not line.endswith(b"\n"):
                        bad(number, f"the line is longer than {MAX_LINE_BYTES // 2**20} MB")
                        while line and not line.endswith(b"\n"):
                            line = file.readline(MAX_LINE_BYTES)
                        continue
                    if number == 1:
                        line = line.removeprefix(codecs.BOM_UTF8)
                    try:
                        text = line.decode("utf-8")
                    except UnicodeDecodeError as error:
                        bad(number, _not_text(error, "utf-8"))
                        continue
                    yield number, text.rstrip("\r\n")
        except OSError as error:
            raise InvalidTranscript(f"{self.name}: cannot be read: {error.strerror or error}") from error


class NotJson(ValueError):
    """A text is not JSON; ``str()`` says why and ``line`` where, counted within the text, or None."""

    def __init__(self, reason: str, line: int | None = None) -> None:
        super().__init__(reason)
        self.line = line


def parse_json(text: str) -> object:
    """Return the JSON value of ``text``.

    Raises:
        NotJson: it is none, is nested too deeply, or holds a number with too many digits.
    """
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise NotJson(f"not JSON: {error.msg} (column {error.colno})", error.lineno) from None
    except RecursionError:
        raise NotJson("not usable JSON: it is nested too deeply") from None
    except ValueError:
        raise NotJson("not usable JSON: it holds a number with too many digits") from None


def _refuse_binary(name: str, start: bytes) -> None:
    if start.startswith(b"PK\x03\x04"):
        raise InvalidTranscript(f"{name}: this is a ZIP archive; unpack it and give the conversations.json in it")
    if b"\0" in start or start.startswith((b"\x1f\x8b", b"%PDF")):
        raise InvalidTranscript(f"{name}: this is a binary file, not a transcript")


def _not_text(error: UnicodeDecodeError, encoding: str) -> str:
    shown = encoding.removesuffix("-sig").upper()
    return f"not {shown} text (byte 0x{error.object[error.start]:02x}); save the file as UTF-8"
