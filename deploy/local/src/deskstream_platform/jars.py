"""Kafka's jars: named and hashed in a lock, fetched once into the user's cache.

`python -m deskstream_platform.jars fetch` fetches them in a process that can be ended at
any moment; `lock` instead of `fetch` resolves them anew and writes the lock.
"""

import fcntl
import hashlib
import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from deskstream_platform.errors import PlatformError

if TYPE_CHECKING:
    from jgo.maven import Artifact, MavenContext

LOCK = Path(__file__).with_name("kafka.lock")

# Resolved with everything that they need: the server, and the log that it writes.
_SERVER = ("org.apache.kafka:kafka_2.13:4.4.0", "org.slf4j:slf4j-simple:1.7.36")
# The console consumer is not published for 4.4. These come before the server's jars on its
# class path; whatever else it needs, those have.
_CONSOLE = (
    "org.apache.kafka:kafka-tools:4.3.1",
    "org.apache.kafka:kafka-clients:4.3.1",
    "org.apache.kafka:kafka-server-common:4.3.1",
)


class DownloadError(PlatformError):
    """A jar could not be fetched."""

    def __init__(self, jar: str, reason: object) -> None:
        super().__init__(
            f"The download of {jar} was interrupted ({reason}): check the network and start "
            "again; what has arrived is kept."
        )


@dataclass(frozen=True)
class Jar:
    """One locked jar of a program, `server` or `console`."""

    program: str
    group: str
    name: str
    version: str
    sha256: str

    @classmethod
    def parse(cls, line: str) -> "Jar":
        """Read `program group:name:version sha256`."""
        program, coordinate, sha256 = line.split()
        group, name, version = coordinate.split(":")
        return cls(program, group, name, version, sha256)

    def __str__(self) -> str:
        return f"{self.group}:{self.name}:{self.version}"

    def path(self, repository: Path) -> Path:
        """Where it lies in a Maven repository."""
        folder = repository.joinpath(*self.group.split("."), self.name, self.version)
        return folder / f"{self.name}-{self.version}.jar"

    def whole(self, repository: Path) -> bool:
        """Whether it is there, as locked."""
        path = self.path(repository)
        return path.exists() and _sha256(path) == self.sha256


def cache_folder() -> Path:
    """Where downloads are kept for every clone of this user."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "deskstream"


def locked_jars() -> list[Jar]:
    """The jars in the lock, in class path order."""
    return [Jar.parse(line) for line in LOCK.read_text().splitlines()]


def lock_digest() -> str:
    """What changes whenever a jar does."""
    return _sha256(LOCK)[:16]


def missing_jars(cache: Path) -> list[Jar]:
    """The jars that have to be fetched before Kafka can start, damaged ones too."""
    with ThreadPoolExecutor() as pool:
        jars = locked_jars()
        whole = pool.map(lambda jar: jar.whole(_repository(cache)), jars)
        return [jar for jar, found in zip(jars, whole, strict=True) if not found]


def class_path(cache: Path, *, console: bool = False) -> list[Path]:
    """The jars of the server or of the console consumer; both must have been fetched."""
    programs = ["console", "server"] if console else ["server"]
    jars = locked_jars()
    chosen = [jar for program in programs for jar in jars if jar.program == program]
    return [jar.path(_repository(cache)) for jar in chosen]


def fetch_missing(cache: Path) -> None:
    """Fetch what is missing; what has arrived stays when the rest does not."""
    with _alone(cache):
        _fetch(missing_jars(cache), _repository(cache))


def write_lock(cache: Path) -> None:
    """Resolve the jars anew and lock what was found."""
    context = _maven(_repository(cache))
    roots = [context.create_dependency(root) for root in _SERVER]
    for root in roots:
        root.scope = "compile"
    named, needed = context.resolver.resolve(roots)
    server = [dependency.artifact for dependency in [*named, *needed]]
    console = [context.create_dependency(tool).artifact for tool in _CONSOLE]
    lines = [_locked("console", jar) for jar in console] + [_locked("server", j) for j in server]
    LOCK.write_text("".join(lines))


def _locked(program: str, artifact: "Artifact") -> str:
    coordinate = f"{artifact.groupId}:{artifact.artifactId}:{artifact.version}"
    return f"{program} {coordinate} {_sha256(artifact.resolve())}\n"


def _fetch(jars: Sequence[Jar], repository: Path) -> None:
    context = _maven(repository)
    with ThreadPoolExecutor(max_workers=8) as pool:
        for future in [pool.submit(_fetch_one, context, jar, repository) for jar in jars]:
            future.result()


def _fetch_one(context: "MavenContext", jar: Jar, repository: Path) -> None:
    # jgo takes whatever lies in its place for the jar, were it only half of it.
    jar.path(repository).unlink(missing_ok=True)
    artifact = context.project(jar.group, jar.name).at_version(jar.version).artifact()
    try:
        artifact.resolve()
    except OSError as error:
        if error.errno is not None:
            raise
        raise DownloadError(str(jar), type(error).__name__) from error
    except RuntimeError as error:
        raise DownloadError(str(jar), "not found") from error
    if not jar.whole(repository):
        raise DownloadError(str(jar), "its hash is not the locked one")


@contextmanager
def _alone(cache: Path) -> Iterator[None]:
    """One download at a time: two would write the same files."""
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "download.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _repository(cache: Path) -> Path:
    return cache / "maven"


def _maven(repository: Path) -> "MavenContext":
    from jgo.maven import MavenContext  # noqa: PLC0415 - half a second, rarely needed

    return MavenContext(repo_cache=repository, timeout=30)


def _sha256(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def main(action: str, cache: Path) -> int:
    """Fetch or lock the jars; the last line tells what went wrong."""
    try:
        {"fetch": fetch_missing, "lock": write_lock}[action](cache)
    except DownloadError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2]) if sys.argv[2:] else cache_folder()))
