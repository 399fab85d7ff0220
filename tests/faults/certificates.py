"""Certificates for a listener of the test's own: valid, expired, not yet valid, or of another host."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

OPENSSL = shutil.which("openssl")
_CONFIG = """\
[ca]
default_ca = own
[own]
dir = {folder}
database = {folder}/index
new_certs_dir = {folder}
rand_serial = yes
policy = any
default_md = sha256
copy_extensions = copy
[any]
commonName = supplied
[req]
distinguished_name = name
[name]
"""


def make_certificate(folder: Path, host: str, first: timedelta, last: timedelta) -> tuple[Path, Path]:
    """Make a self-signed certificate, to be trusted as it is.

    Args:
        folder: a new folder for it.
        host: whose it is.
        first, last: from when to when it is valid, counted from now.

    Returns:
        The certificate and its key.
    """
    folder.mkdir()
    (folder / "index").touch()
    config = folder / "openssl.cnf"
    config.write_text(_CONFIG.format(folder=folder))
    key, request, certificate = folder / "key.pem", folder / "request.pem", folder / "certificate.pem"
    _openssl(
        *("req", "-config", str(config), "-new", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={host}"),
        *("-addext", f"subjectAltName=DNS:{host}", "-keyout", str(key), "-out", str(request)),
    )
    _openssl(
        *("ca", "-config", str(config), "-selfsign", "-batch", "-notext", "-keyfile", str(key)),
        *("-in", str(request), "-out", str(certificate), "-startdate", _time(first), "-enddate", _time(last)),
    )
    return certificate, key


def serving_with(certificate: Path, key: Path) -> ssl.SSLContext:
    """The settings of a listener that shows this certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


def _time(away: timedelta) -> str:
    return (datetime.now(UTC) + away).strftime("%Y%m%d%H%M%SZ")


def _openssl(*arguments: str) -> None:
    assert OPENSSL is not None
    subprocess.run([OPENSSL, *arguments], check=True, capture_output=True, text=True)
