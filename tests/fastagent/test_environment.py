"""The environment of these tests has the real package."""

from __future__ import annotations

from importlib.metadata import version


def test_the_real_package_is_installed():
    major, minor = version("fast-agent-mcp").split(".")[:2]
    assert (int(major), int(minor)) >= (0, 10)
