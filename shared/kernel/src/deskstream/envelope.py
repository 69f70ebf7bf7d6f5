"""What surrounds a fact once it is recorded: its place, its times, its origin."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from deskstream.decider import Fact

E_co = TypeVar("E_co", bound=Fact, covariant=True)

LIVE = "live"
DEEPEST_CAUSATION = 16


@dataclass(frozen=True, slots=True)
class Origin:
    """Why a fact came to be.

    Args:
        actor: name and role of who acted.
        correlation: one id for the whole story that this belongs to.
        causation: id of the message that led to it, if a policy acted.
        policy: the policy that acted on `causation`, if one did.
        depth: how many policies led from one to the next up to here.
        source: `live`, or `import:<id>` for a history that is told afterwards.
        reason: why it is told afterwards, if it is.
        trace: W3C traceparent of the request.
    """

    actor: str
    role: str
    correlation: str
    causation: str | None = None
    policy: str | None = None
    depth: int = 0
    source: str = LIVE
    reason: str | None = None
    trace: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The members that say something, for the store."""
        pairs = ((name, getattr(self, name)) for name in self.__slots__)
        return {name: value for name, value in pairs if value not in (None, 0)}


@dataclass(frozen=True, slots=True)
class Recorded(Generic[E_co]):
    """A fact as the store keeps it. `position` orders a service's facts, `version` a stream's."""

    position: int
    stream: str
    version: int
    type: str
    fact: E_co
    occurred_at: datetime
    recorded_at: datetime
    origin: Origin

    @property
    def id(self) -> str:
        """The id under which the rest of the world knows it."""
        return event_id(self.stream, self.version)


def event_id(stream: str, version: int) -> str:
    """The id of a stream's event: unique everywhere, the same on every repetition."""
    return f"{stream}@{version}"
