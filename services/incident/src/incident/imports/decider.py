"""The life of an import: it begins, goes on in the order of time, and ends."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, assert_never

from deskstream.decider import Decider, Occasion, Refusal
from incident.imports.commands import (
    AdvanceFrontier,
    BeginImport,
    EndImport,
    ImportCommand,
)
from incident.imports.events import (
    ImportAdvanced,
    ImportBegun,
    ImportEnded,
    ImportEvent,
    StepsTold,
)


@dataclass(frozen=True, slots=True)
class Import:
    """An import, as far as it has come.

    Args:
        frontier: up to here everything was told; None before that was first said.
        done: how many steps became facts.
        refused: how many did not.
    """

    name: str
    because: str
    begun_at: datetime
    frontier: datetime | None = None
    done: int = 0
    refused: int = 0
    ended_at: datetime | None = None

    def objection_to(self, happened: datetime, now: datetime) -> Refusal | None:
        """Why nothing can be told any more that happened then, if that is so."""
        if happened > now:
            return Refusal("in-the-future", "It cannot have happened in the future.", field="at")
        if self.frontier is not None and happened <= self.frontier:
            return Refusal(
                "before-frontier",
                f"This import said that everything up to {self.frontier.isoformat()} was told.",
                field="at",
            )
        return None


NOT_BEGUN: Final = Refusal("not-begun", "There is no such import; begin it first.")
BEGUN_BEFORE: Final = Refusal("begun-before", "This import was begun before.")
ENDED: Final = Refusal(
    "import-ended", "This import has ended; begin another one for what is still to be told."
)


def decide(
    command: ImportCommand, when: Occasion, state: Import | None
) -> Sequence[ImportEvent] | Refusal:
    """The facts that a command leads to, or why it is refused."""
    if isinstance(command, BeginImport):
        begun = ImportBegun(name=command.name, because=command.because)
        return [begun] if state is None else BEGUN_BEFORE
    if state is None:
        return NOT_BEGUN
    if state.ended_at is not None:
        return [] if isinstance(command, EndImport) else ENDED
    if isinstance(command, EndImport):
        return [ImportEnded()]
    if isinstance(command, AdvanceFrontier):
        return _advance(command.until, when.now, state)
    anything = command.done or command.refused
    return [StepsTold(done=command.done, refused=command.refused)] if anything else []


def _advance(until: datetime, now: datetime, state: Import) -> Sequence[ImportEvent] | Refusal:
    if until == state.frontier:
        return []
    if until > now:
        return Refusal(
            "in-the-future", "What has not happened yet cannot have been told.", field="until"
        )
    if state.frontier is not None and until < state.frontier:
        return Refusal(
            "frontier-goes-back",
            f"Everything up to {state.frontier.isoformat()} was told; it only goes on from there.",
            field="until",
        )
    return [ImportAdvanced(frontier=until)]


def evolve(state: Import | None, event: ImportEvent) -> Import:
    """The import after this fact.

    Raises:
        ValueError: the facts do not begin with the beginning.
    """
    if isinstance(event, ImportBegun):
        return Import(event.name, event.because, event.time)
    if state is None:
        message = f"{type(event).__name__} happened to an import that was never begun"
        raise ValueError(message)
    match event:
        case StepsTold(done=done, refused=refused):
            return replace(state, done=state.done + done, refused=state.refused + len(refused))
        case ImportAdvanced(frontier=frontier):
            return replace(state, frontier=frontier)
        case ImportEnded():
            return replace(state, ended_at=event.time)
        case _:
            assert_never(event)


DECIDER: Final[Decider[ImportCommand, Import | None, ImportEvent]] = Decider(
    category="import", initial=None, decide=decide, evolve=evolve
)
