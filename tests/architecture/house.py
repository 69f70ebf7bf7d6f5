"""The house: which rooms a service has, which of them are pure, and who may import whom."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
KERNEL = ROOT / "shared/kernel/src/deskstream"

# From above to below; those of one line do not know each other, but main knows its settings.
TOP = ("main", "settings")
LAYERS = (
    ("api", "consumer"),
    ("projections", "queries", "policies"),
    ("decider",),
    ("commands", "events", "foreign"),
    ("terms",),
)
AGGREGATE_LAYERS = (("decider",), ("commands", "events"), ("terms",))
PURE = ("policies", "decider", "commands", "events", "foreign", "terms")
PURE_IN_THE_KERNEL = ("codec", "decider", "envelope", "input", "marks", "timer")

IN_EACH_AGGREGATE = "each of its aggregates has its own"
NO_USE_FOR = {
    "catalog": {
        "commands": IN_EACH_AGGREGATE,
        "consumer": "it reads no other service's events",
        "decider": IN_EACH_AGGREGATE,
        "events": IN_EACH_AGGREGATE,
        "foreign": "it reads no other service's events",
        "policies": "nothing in it follows by itself",
        "settings": "the kernel's are enough",
    },
    "incident": {"settings": "the kernel's are enough"},
    "sla_monitor": {"settings": "the kernel's are enough"},
}

# Rooms that not all of a service's aggregates have.
WHERE_NEEDED = {"catalog": {"commands": "definitions asks the same of most of them"}}


@dataclass(frozen=True)
class ExtraRoom:
    """A room that only one service has: beside which other it lies, and why it is needed."""

    beside: str
    pure: bool
    why: str


EXTRA = {
    "incident": {
        "parties": ExtraRoom("projections", pure=False, why="people and groups, by their keys"),
        "jobs": ExtraRoom("consumer", pure=False, why="work on many incidents, in chunks"),
    },
    "catalog": {
        "definitions": ExtraRoom("commands", pure=True, why="what its aggregates have in common"),
        "parties": ExtraRoom("policies", pure=True, why="what files of parties say"),
        "starter": ExtraRoom(
            "policies", pure=True, why="definitions with which a new system begins"
        ),
    },
    "sla_monitor": {
        "jobs": ExtraRoom("consumer", pure=False, why="work on many tickets, in chunks"),
    },
}

# What the local platform tells others' histories by is of use without its demo.
PLATFORM = ("commands", "demo", "replay", "api : catalogue")

# The same for the packages as wholes.
STOREYS = (
    ("deskstream_testing",),
    ("deskstream_platform",),
    ("{services}",),
    ("deskstream", "deskstream_worktime"),
)


@dataclass(frozen=True)
class Service:
    """A service by its import name, with the folder of its package."""

    name: str
    package: Path

    @property
    def aggregates(self) -> list[str]:
        """Its packages that are aggregates with rooms of their own."""
        folders = (path for path in self.package.iterdir() if path.is_dir())
        return sorted(path.name for path in folders if _has(path, "decider"))

    @property
    def layers(self) -> list[list[str]]:
        """The rooms that it should have, from above to below."""
        absent = NO_USE_FOR[self.name]
        layers = (
            [room for room in (*layer, *self._beside(layer)) if room not in absent]
            for layer in LAYERS
        )
        return [layer for layer in layers if layer]

    @property
    def top(self) -> list[str]:
        """Where it is put together."""
        return [room for room in TOP if room not in NO_USE_FOR[self.name]]

    def _beside(self, layer: Sequence[str]) -> list[str]:
        extra = [name for name, room in EXTRA.get(self.name, {}).items() if room.beside in layer]
        return extra + (self.aggregates if "decider" in layer else [])

    @property
    def pure_rooms(self) -> list[str]:
        """Their modules."""
        extra = [name for name, room in EXTRA.get(self.name, {}).items() if room.pure]
        own = [f"{self.name}.{room}" for room in (*PURE, *extra) if _has(self.package, room)]
        return own + [
            f"{self.name}.{aggregate}.{room}"
            for aggregate in self.aggregates
            for room in PURE
            if _has(self.package / aggregate, room)
        ]


def _has(folder: Path, room: str) -> bool:
    return (folder / f"{room}.py").exists() or (folder / room / "__init__.py").exists()


def service_folders() -> list[Path]:
    """`services/*`."""
    return sorted(path.parent for path in ROOT.glob("services/*/pyproject.toml"))


def package_of(folder: Path) -> Path:
    """The package in a service's folder."""
    return folder / "src" / folder.name.replace("-", "_")


def services() -> dict[str, Service]:
    """All of them, by import name."""
    packages = map(package_of, service_folders())
    return {package.name: Service(package.name, package) for package in packages}


def contracts(found: Mapping[str, Service]) -> str:
    """The contracts for import-linter, in its configuration's format."""
    storeys = [" | ".join(storey).format(services=" | ".join(found)) for storey in STOREYS]
    roots = [package for storey in storeys for package in storey.split(" | ")]
    header = f"[importlinter]\nroot_packages = {_lines(roots)}\n"
    house = _contract("storeys", "The kernel knows no service, and no service another", storeys)
    rooms = [*map(_rooms, found.values()), *map(_aggregates, found.values())]
    return "\n".join([header, house, _sittings(), _platform(), *rooms])


def _sittings() -> str:
    layers = ["service", "http | operating", "consuming", " : ".join(_core())]
    return _contract("sittings", "The sittings of the kernel", layers, ["deskstream"])


def _platform() -> str:
    layers = [
        " : ".join(f"deskstream_platform.{part}" for part in layer.split(" : "))
        for layer in PLATFORM
    ]
    return _contract("platform", "The replay does without the demo", layers)


def _core() -> list[str]:
    modules = {path.stem for path in KERNEL.glob("*.py")} - {"__init__", "service"}
    return sorted(modules)


def _rooms(service: Service) -> str:
    layers = [" : ".join(service.top), *(" | ".join(layer) for layer in service.layers)]
    return _contract(f"{service.name}", f"The rooms of {service.name}", layers, [service.name])


def _aggregates(service: Service) -> str:
    if not service.aggregates:
        return ""
    some = WHERE_NEEDED.get(service.name, {})
    layers = [
        " | ".join(f"({room})" if room in some else room for room in layer)
        for layer in AGGREGATE_LAYERS
    ]
    containers = [f"{service.name}.{aggregate}" for aggregate in service.aggregates]
    name = f"The rooms of each aggregate of {service.name}"
    return _contract(f"{service.name}-aggregates", name, layers, containers)


def _contract(key: str, name: str, layers: Sequence[str], containers: Sequence[str] = ()) -> str:
    inside = f"containers = {_lines(containers)}\nexhaustive = True\n" if containers else ""
    return (
        f"[importlinter:contract:{key}]\nname = {name}\ntype = layers\n"
        f"layers = {_lines(layers)}\n{inside}"
    )


def _lines(items: Sequence[str]) -> str:
    return "".join(f"\n    {item}" for item in items)


def lint_imports(found: Mapping[str, Service], scratch: Path, *copies: Path) -> tuple[int, str]:
    """What import-linter says of these services; `copies` are searched for packages first."""
    config = scratch / "contracts.ini"
    config.write_text(contracts(found))
    program = Path(sys.executable).with_name("lint-imports")
    return _run([program, "--config", config, "--no-cache"], scratch, copies)


def admit(module: str, *copies: Path) -> tuple[int, str]:
    """Import a module in a fresh interpreter, past the doorman."""
    doorman = Path(__file__).with_name("doorman.py")
    return _run([sys.executable, doorman, module], Path.cwd(), copies)


def lint_pure(files: Sequence[Path]) -> tuple[int, str]:
    """What ruff says of calls of the world in these files and folders."""
    config = Path(__file__).with_name("pure_rooms.toml")
    program = Path(sys.executable).with_name("ruff")
    options = ["check", "--no-cache", "--ignore-noqa", "--output-format", "concise"]
    return _run([program, *options, "--config", config, *files], ROOT, ())


def _run(command: Sequence[object], cwd: Path, copies: Sequence[Path]) -> tuple[int, str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, copies))}
    ended = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return ended.returncode, ended.stdout


def product_sources() -> Iterator[Path]:
    """Every Python file of the product."""
    for part in ("shared/*/src", "services/*/src", "deploy/local/src"):
        for source in ROOT.glob(part):
            yield from source.rglob("*.py")
