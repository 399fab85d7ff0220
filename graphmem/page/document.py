"""Records to one HTML document. Its scripts are named by their digests in its policy, so that no other can ever run in it."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from html import escape
from importlib.resources import files
from typing import Any

from graphmem.page.content import Records, content_of

_SCRIPTS = ("kinds", "moments", "picture", "panel", "main")
_LIBRARY_STYLE = ".__________cytoscape_container { position: relative; }"
"""What the drawing library would otherwise add to the document itself, which the policy does not let it."""
_SLOT = re.compile(r"\{\{(\w+)\}\}")


def document(records: Records, *, with_messages: bool = True) -> str:
    """Return the page: one HTML document that loads nothing and sends nothing.

    Args:
        records: what is known of the user.
        with_messages: include the words of the messages that the facts come from.
    """
    content = content_of(records, with_messages=with_messages)
    own = {"title": escape(_title(records.user_name)), "content": as_json(content)}
    return _SLOT.sub(lambda slot: {**_frame(), **own}[slot[1]], _asset("page.html"))


def notebook_frame(page: str, *, height: int = 640) -> str:
    """Return a page as a frame that a notebook can show; it is cut off from the notebook around it."""
    return (
        f'<iframe srcdoc="{escape(page)}" sandbox="allow-scripts" title="The graph" '
        f'style="width: 100%; height: {height}px; border: 0"></iframe>'
    )


def as_json(value: Mapping[str, Any]) -> str:
    """Return JSON that cannot end the script element around it, whatever texts are in it."""
    text = json.dumps(value, allow_nan=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _title(name: str) -> str:
    shown = "".join(c if c.isprintable() else " " for c in name)
    return f"What is known about {shown}"


@cache
def _frame() -> dict[str, str]:
    """The parts that are the same in every page."""
    scripts = {
        "drawing_library": _asset("cytoscape.min.js", "vendor"),
        "layout_library": _asset("fcose.min.js", "vendor"),
        "script": "(() => {\n'use strict';\n" + "\n".join(_asset(f"{name}.js") for name in _SCRIPTS) + "})();",
    }
    styles = {"library_style": _LIBRARY_STYLE, "style": _asset("page.css")}
    policy = f"default-src 'none'; script-src {_digests(scripts)}; style-src {_digests(styles)}; base-uri 'none'; form-action 'none'"
    return {**scripts, **styles, "policy": escape(policy, quote=False)}


def _digests(parts: Mapping[str, str]) -> str:
    return " ".join(f"'sha256-{b64encode(sha256(part.encode()).digest()).decode()}'" for part in parts.values())


def _asset(name: str, folder: str = "assets") -> str:
    return (files("graphmem.page") / folder / name).read_text(encoding="utf-8")
