"""What is known here of the catalogue when an incident is logged."""

from dataclasses import dataclass

from deskstream.consuming.localcopy import LocalCopy
from deskstream.database import Pool
from deskstream.decider import Refusal
from deskstream.http.problems import Problem
from incident.queries import Directory
from incident.terms.parties import Parties


@dataclass(frozen=True)
class Catalogue:
    """The local copy of the catalogue, and the check that what a caller names is in it."""

    pool: Pool
    copy: LocalCopy[Directory]
    people: LocalCopy[Parties]

    async def directory(self) -> Directory:
        """As the consumer has copied it, up to a second ago."""
        return await self.copy.get(self.pool)

    async def parties(self) -> Parties:
        """Groups, VIPs and routes, up to a second ago."""
        return await self.people.get(self.pool)

    async def knowing(self, **wanted: str | None) -> Directory:
        """The directory, if it has these: `organisation="…", service="…"`.

        Raises:
            Problem: 409 with Retry-After, for the event that tells of it may be on its way.
        """
        directory = await self.directory()
        for kind, identity in wanted.items():
            if identity is None or (kind, identity) in directory.names:
                continue
            directory = await self.copy.get(self.pool, fresh=True)
            if (kind, identity) not in directory.names:
                raise _not_known_here(kind, identity)
        return directory


def _not_known_here(kind: str, identity: str) -> Problem:
    detail = (
        f"No {kind} {identity} is known here. If it was registered just now, try again in a second."
    )
    return Problem.of(Refusal("not-known-here", detail, retry_after=1))
