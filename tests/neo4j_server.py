"""A real Neo4j server for the tests: one that runs already, one in a container, or one from Maven Central."""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

DEFAULT_VERSION = "5.26.20"
START_TIMEOUT = 120.0
WHAT_TO_INSTALL = (
    "set GRAPHMEM_TEST_NEO4J_URL to a Neo4j that the tests may write to, or start a Docker engine, "
    "or install Java 17 and Maven (mvn)"
)
_OPENS = ("java.nio", "java.io", "sun.nio.ch", "java.util.concurrent")
_PR_SET_PDEATHSIG = 1


class NoServer(Exception):
    """There is no Neo4j for the tests; the message says why and what to install."""


@dataclass(frozen=True)
class Address:
    """Where the server listens; without a user it asks for no authentication."""

    url: str
    user: str | None = None
    password: str | None = None

    @property
    def auth(self) -> tuple[str, str] | None:
        """The pair that `graphmem.MemLayerConfig` takes."""
        return None if self.user is None else (self.user, self.password or "")


@contextmanager
def acquire(environ: Mapping[str, str] = os.environ) -> Iterator[Address]:
    """Give the address of the Neo4j server that ``environ`` names, else of one that is started for this process.

    Raises:
        NoServer: there is none and none can be started.
    """
    if url := environ.get("GRAPHMEM_TEST_NEO4J_URL"):
        yield Address(url, environ.get("GRAPHMEM_TEST_NEO4J_USER"), environ.get("GRAPHMEM_TEST_NEO4J_PASSWORD"))
        return
    if sys.platform == "win32":
        raise NoServer("the tests start no Neo4j on Windows: set GRAPHMEM_TEST_NEO4J_URL to one that they may write to")
    version = environ.get("GRAPHMEM_TEST_NEO4J_VERSION", DEFAULT_VERSION)
    reasons: list[str] = []
    for start in (_in_container, _from_maven):
        with ExitStack() as stack:
            home = stack.enter_context(
                tempfile.TemporaryDirectory(prefix="graphmem-neo4j-", ignore_cleanup_errors=True)
            )
            try:
                address = stack.enter_context(start(version, Path(home)))
            except NoServer as reason:
                reasons.append(str(reason))
                continue
            yield address
            return
    raise NoServer(f"no Neo4j for the tests ({'; '.join(reasons)}): {WHAT_TO_INSTALL}")


@contextmanager
def _in_container(version: str, home: Path) -> Iterator[Address]:
    try:
        from testcontainers.core.container import DockerContainer
        from testcontainers.core.docker_client import DockerClient

        DockerClient().client.ping()
    except Exception as error:  # every client library and transport has its own way of saying that no engine answers
        raise NoServer(f"no Docker engine answers ({type(error).__name__})") from error
    container = DockerContainer(f"neo4j:{version}-community").with_env("NEO4J_AUTH", "none").with_exposed_ports(7687)
    try:
        container.start()
    except Exception as error:  # an image that cannot be pulled, an engine without room: Maven may still do
        raise NoServer(f"the container neo4j:{version}-community does not start ({error})") from error
    try:
        url = f"bolt://{container.get_container_host_ip()}:{container.get_exposed_port(7687)}"
        _wait_until_ready(url, lambda: True)
        yield Address(url)
    finally:
        container.stop()


@contextmanager
def _from_maven(version: str, home: Path) -> Iterator[Address]:
    java, jars, port = java_for(version), jars_of(version), free_port()
    server = start_java(java, jars, version, home, port)
    try:
        _wait_until_ready(f"bolt://127.0.0.1:{port}", lambda: server.poll() is None)
        yield Address(f"bolt://127.0.0.1:{port}")
    finally:
        server.kill()  # its home goes too, so there is nothing to end in good order
        server.wait()


def jars_of(version: str) -> Path:
    """Return the folder with the jars of Neo4j Community ``version``, downloaded once for all checkouts.

    Raises:
        NoServer: Maven is missing or cannot download them.
    """
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        raise NoServer(f"GRAPHMEM_TEST_NEO4J_VERSION={version!r} is not a version such as {DEFAULT_VERSION}")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "graphmem-tests"
    jars = cache / f"neo4j-{version}"
    if jars.is_dir():
        return jars
    maven = shutil.which("mvn")
    if maven is None:
        raise NoServer("Maven (mvn) is not installed")
    cache.mkdir(parents=True, exist_ok=True)
    with _alone(cache / "download.lock"), tempfile.TemporaryDirectory(dir=cache, prefix="download-") as download:
        if jars.is_dir():
            return jars
        (Path(download) / "pom.xml").write_text(_POM.format(version=version))
        target = Path(download) / "jars"
        command = [
            maven,
            "-q",
            "-B",
            "-Dstyle.color=never",
            "dependency:copy-dependencies",
            f"-DoutputDirectory={target}",
        ]
        done = subprocess.run(command, cwd=download, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode != 0:
            first = next(iter((done.stdout + done.stderr).splitlines()), "")
            raise NoServer(f"Maven could not download Neo4j {version}: {first[:200]}")
        target.rename(jars)
    return jars


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Keep other processes out: two Mavens that fill one repository at once break each other's files."""
    import fcntl

    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def start_java(
    java: Path, jars: Path, version: str, home: Path, port: int, *, authentication: bool = False
) -> subprocess.Popen[bytes]:
    """Start the server of ``jars`` on a loopback port. On Linux it dies with this process."""
    (home / "conf").mkdir(parents=True, exist_ok=True)
    (home / "conf" / "neo4j.conf").write_text(_CONF.format(port=port, authentication=str(authentication).lower()))
    calendar = _major(version) >= 2025
    main = "org.neo4j.server.Neo4jCommunity" if calendar else "org.neo4j.server.CommunityEntryPoint"
    modules = ["--add-modules=jdk.incubator.vector"] if calendar else []
    opens = [f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in _OPENS]
    where = [f"--home-dir={home}", f"--config-dir={home / 'conf'}"]
    return subprocess.Popen(
        [str(java), "-Xmx1g", *modules, *opens, "-cp", f"{jars}/*", main, *where],
        stdin=subprocess.DEVNULL,
        stdout=(home / "server.log").open("w"),
        stderr=subprocess.STDOUT,
        preexec_fn=_die_with_parent if sys.platform == "linux" else None,
    )


def free_port() -> int:
    """Return a port of the loopback interface that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def java_for(version: str) -> Path:
    """Return the Java to run ``version`` with: the newest that it supports.

    Raises:
        NoServer: none is installed.
    """
    least, most = (25, 99) if _major(version) >= 2026 else (21, 24) if _major(version) == 2025 else (17, 21)
    places = [os.environ.get("JAVA_HOME", ""), *map(str, Path("/usr/lib/jvm").glob("*"))]
    candidates = [Path(place) / "bin" / "java" for place in places if place]
    if on_path := shutil.which("java"):
        candidates.append(Path(on_path))
    found = {_java_version(java): java for java in candidates if java.is_file()}
    fitting = [number for number in found if least <= number <= most]
    if not fitting:
        raise NoServer(f"Neo4j {version} needs Java {least}, which is not installed")
    return found[max(fitting)]


def _java_version(java: Path) -> int:
    said = subprocess.run([str(java), "-version"], stdin=subprocess.DEVNULL, capture_output=True, text=True).stderr
    number = re.search(r'version "(\d+)', said)
    return int(number[1]) if number else 0


def _major(version: str) -> int:
    return int(version.partition(".")[0])


def _wait_until_ready(url: str, alive: Callable[[], bool]) -> None:
    import neo4j
    from neo4j.exceptions import DriverError, Neo4jError

    deadline = time.monotonic() + START_TIMEOUT
    with neo4j.GraphDatabase.driver(url, connection_timeout=2, warn_notification_severity="OFF") as driver:
        while alive() and time.monotonic() < deadline:
            with suppress(DriverError, Neo4jError, OSError):
                driver.execute_query("RETURN 1")
                return
            time.sleep(0.2)
    raise NoServer(f"Neo4j did not answer at {url} within {START_TIMEOUT:.0f} s or ended before")


_CONF = """\
server.bolt.listen_address=127.0.0.1:{port}
server.http.enabled=false
server.https.enabled=false
dbms.security.auth_enabled={authentication}
dbms.usage_report.enabled=false
server.memory.heap.max_size=1g
server.memory.pagecache.size=256m
"""

_POM = """\
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>graphmem.tests</groupId><artifactId>neo4j</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>org.neo4j</groupId><artifactId>neo4j</artifactId><version>{version}</version></dependency>
    <dependency><groupId>org.neo4j</groupId><artifactId>neo4j-bolt</artifactId><version>{version}</version></dependency>
  </dependencies>
</project>
"""
