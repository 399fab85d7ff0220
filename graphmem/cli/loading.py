"""Storing files with progress on stderr and a report at the end; what ``ingest`` and the loading script share."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from graphmem.cli.output import note, print_table
from graphmem.cli.progress import Bar, progress
from graphmem.errors import ExtractionPending, InvalidTranscript
from graphmem.extractors import is_offline
from graphmem.transcripts import Transcript
from graphmem.transcripts.load import BATCH, BATCH_FOR_A_MODEL, FileReport, LoadOptions, Progress, load
from graphmem.transcripts.source import Source

if TYPE_CHECKING:
    from graphmem.memory import MemLayer

_SHOWN_PROBLEMS = 20


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run of loading did: counts to report, a report for each file."""

    counts: dict[str, Any]
    reports: list[FileReport]

    @property
    def failed(self) -> bool:
        """Whether a file could not be stored wholly, or facts are missing."""
        return bool(self.counts["failed"] or self.counts["pending"])

    def as_dict(self) -> dict[str, Any]:
        """Return the outcome as plain values, ready for JSON."""
        failures = [str(report.error) for report in self.reports if report.error]
        return {**self.counts, "failures": failures}

    def print(self) -> None:
        """Print the counts on stdout."""
        print_table(("what", "count"), [(name.replace("_", " "), count) for name, count in self.counts.items()])


def must_be_readable(files: Sequence[str | Source], options: LoadOptions) -> None:
    """Look at the files until one can be opened, so that a mistyped path makes no database.

    Raises:
        InvalidTranscript: none can.
    """
    refusals = []
    for file in files:
        try:
            Transcript(file, format=options.format)
        except InvalidTranscript as error:
            refusals.append(error)
        else:
            return
    if len(refusals) > 1:
        raise InvalidTranscript(f"none of the {len(refusals)} files can be read; the first: {refusals[0]}")
    raise refusals[0]


async def store_files(memory: MemLayer, files: Sequence[str | Source], options: LoadOptions) -> Outcome:
    """Store files; a line on stderr says what became of each.

    Args:
        memory: where to.
        files: their paths.
        options: how to read them.

    Raises:
        StoreUnavailable: the store cannot be reached.
    """
    started = time.monotonic()
    before = await memory.stats()
    with progress("storing", "messages") as bar:
        told = Progress(
            checked=lambda report: bar.expect(report.summary.messages if report.summary else 0),
            stored=lambda report, messages: bar.advance(messages),
            finished=lambda report: _tell(bar, report),
        )
        batch = BATCH if is_offline(memory.config) else BATCH_FOR_A_MODEL
        reports = await load(memory, files, replace(options, batch=batch), told)
    await _extract_the_rest(memory)
    after = await memory.stats()
    stored = sum(report.stored for report in reports)
    new = sum(report.new for report in reports)
    counts: dict[str, Any] = {
        "files": len(reports),
        "failed": sum(report.error is not None for report in reports),
        "conversations": sum(report.summary.conversations for report in reports if report.summary),
        "new_messages": new,
        "already_there": stored - new,
        "skipped_lines": sum(len(report.problems) for report in reports),
        "new_facts": after.facts - before.facts,
        "pending": after.pending,
        "seconds": round(time.monotonic() - started, 2),
    }
    return Outcome(counts, reports)


async def _extract_the_rest(memory: MemLayer) -> None:
    """Wait for facts that are still to come; what cannot be read now stays pending and is said."""
    try:
        await memory.flush()
    except ExtractionPending as error:
        note(f"the messages are stored, but facts are missing: {error}")


def _tell(bar: Bar, report: FileReport) -> None:
    for problem in report.problems[:_SHOWN_PROBLEMS]:
        bar.say(f"skipped {problem}")
    if len(report.problems) > _SHOWN_PROBLEMS:
        bar.say(f"skipped {len(report.problems) - _SHOWN_PROBLEMS} more lines of {report.path}")
    if report.error is not None:
        text = str(report.error)
        bar.say(f"failed: {text}" if text.startswith(report.path) else f"failed: {report.path}: {text}")
    elif report.summary is not None:
        users = report.summary.users
        whose = f"user {users[0]}" if len(users) == 1 else f"{len(users)} users"
        news = "all new" if report.new == report.stored else f"{report.new or 'none'} new"
        messages = "1 message" if report.stored == 1 else f"{report.stored} messages"
        bar.say(f"{report.path}: {messages} of {whose} ({report.summary.format}), {news}")
