"""What is written down about a platform: its addresses while it runs, its ports for ever."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from deskstream_platform.errors import PlatformError


@dataclass(frozen=True)
class RunningService:
    """Where a service answers, and where its record is."""

    url: str
    database: str


@dataclass(frozen=True)
class RunningPlatform:
    """The addresses of a running platform, as other commands need them."""

    pid: int
    kafka: str
    services: Mapping[str, RunningService]
    issuer: str
    audience: str
    jwks: str

    @classmethod
    def find(cls, folder: Path) -> Self:
        """Read what the platform of this folder wrote down when it was ready."""
        path = _path(folder)
        if not path.exists():
            raise PlatformError(f"No platform runs in {folder}: start it with deskstream up.")
        content = json.loads(path.read_text())
        services = {name: RunningService(**s) for name, s in content.pop("services").items()}
        return cls(services=services, **content)

    def write(self, folder: Path) -> None:
        """Write it down, for the owner only: the database addresses hold passwords."""
        draft = _path(folder).with_suffix(".new")
        draft.touch(0o600)
        draft.write_text(json.dumps(asdict(self), indent=2))
        draft.replace(_path(folder))


def was_interrupted(folder: Path) -> bool:
    """Whether the last platform of this folder ended without a word."""
    return _path(folder).exists()


def forget(folder: Path) -> None:
    """Say that nothing runs any more."""
    _path(folder).unlink(missing_ok=True)


def recorded_ports(folder: Path) -> dict[str, int]:
    """The ports of the last run by name."""
    path = folder / "ports.json"
    return dict(json.loads(path.read_text())) if path.exists() else {}


def record_ports(folder: Path, ports: Mapping[str, int]) -> None:
    """Write the ports down for the next run."""
    (folder / "ports.json").write_text(json.dumps(ports, indent=2))


def _path(folder: Path) -> Path:
    return folder / "platform.json"
