"""The functions of Cypher that read nothing but their arguments and the graph: the only ones that a query may call."""

from __future__ import annotations

from difflib import get_close_matches

_AGGREGATING = "avg collect count max min percentileCont percentileDisc stDev stDevP sum"
_PREDICATES = "all any exists isEmpty none single"
_SCALARS = (
    "char_length character_length coalesce elementId endNode head id last length nullIf properties randomUUID size startNode "
    "timestamp toBoolean toBooleanOrNull toFloat toFloatOrNull toInteger toIntegerOrNull type valueType"
)
_LISTS = (
    "keys labels nodes range reduce relationships reverse tail toBooleanList toFloatList toIntegerList toStringList"
)
_NUMBERS = (
    "abs ceil floor isNaN rand round sign e exp log log10 sqrt acos asin atan atan2 cos cosh cot coth degrees haversin pi "
    "radians sin sinh tan tanh"
)
_TEXTS = "btrim left lower ltrim normalize replace right rtrim split substring toLower toString toStringOrNull toUpper trim upper"
_TIMES = (
    "date date.realtime date.statement date.transaction date.truncate datetime datetime.fromEpoch datetime.fromEpochMillis "
    "datetime.realtime datetime.statement datetime.transaction datetime.truncate duration duration.between duration.inDays "
    "duration.inMonths duration.inSeconds localdatetime localdatetime.realtime localdatetime.statement "
    "localdatetime.transaction localdatetime.truncate localtime localtime.realtime localtime.statement localtime.transaction "
    "localtime.truncate time time.realtime time.statement time.transaction time.truncate"
)
_PLACES = "point point.distance point.withinBBox"
_PATHS = "allShortestPaths shortestPath"

NAMES = frozenset(
    " ".join((_AGGREGATING, _PREDICATES, _SCALARS, _LISTS, _NUMBERS, _TEXTS, _TIMES, _PLACES, _PATHS)).split()
)
"""As they are usually written; Cypher does not look at the case."""

AGGREGATES = frozenset(_AGGREGATING.casefold().split())
"""Those that turn many rows into one, in lower case."""

_FOLDED = {name.casefold(): name for name in NAMES}


def is_known(name: str) -> bool:
    """Whether ``name`` (with its namespace, if any) is one of Cypher's own functions."""
    return name.casefold() in _FOLDED


def nearest(name: str) -> str | None:
    """Return the function that ``name`` is probably a misspelling of, or None."""
    close = get_close_matches(name.casefold(), _FOLDED, n=1, cutoff=0.8)
    return _FOLDED[close[0]] if close else None
