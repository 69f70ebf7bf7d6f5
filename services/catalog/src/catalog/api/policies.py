"""What all kinds of policy have in common on the HTTP side."""

import json
from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

import asyncpg
from fastapi import Path, Query, Response

from catalog.api.turns import Turns
from catalog.queries import id_of
from catalog.terms import DefiningFact, Latest
from deskstream.database import Pool
from deskstream.decider import Role
from deskstream.http.bodies import Body, View
from deskstream.http.conditions import Look
from deskstream.http.history import Archive, Shown
from deskstream.http.lists import Filter, Listing, ListQuery, Op, Page, Sort, page_response
from deskstream.http.permissions import Needs
from deskstream.http.problems import not_found
from deskstream.http.routes import held
from deskstream.input import Moment

OWNER = Needs(Role.OWNER)
# Whose customers there are, and what was agreed with them, is not for other customers to read.
STAFF = Needs(Role.AGENT, Role.LEAD, Role.OWNER, Role.AUDITOR, scope="read")
EVERYBODY = Needs(
    Role.REQUESTER,
    Role.CUSTOMER,
    Role.AGENT,
    Role.LEAD,
    Role.OWNER,
    Role.AUDITOR,
    scope="read",
)

AfterVersion = Annotated[int, Query(ge=0, le=2**31 - 1)]
Database = Annotated[Pool, held("pool")]
Identity = Annotated[UUID, Path(alias="id")]
OneAtATime = Annotated[Turns, held("turns")]


class Effective(Body):
    """From when a version is to be in force."""

    effective_from: Moment | None = None


class PolicyView(View):
    """A version of a policy."""

    id: UUID
    version: int
    effective_from: datetime

    @classmethod
    def at(cls, identity: UUID | str, latest: Latest[Any]) -> Self:
        """The view of this version."""
        edition = latest.edition
        return cls.model_validate(
            {
                **latest.definition.model_dump(),
                "id": identity,
                "version": edition.version,
                "effective_from": edition.effective_from,
            }
        )

    @classmethod
    def of(cls, shown: Shown[Any]) -> Self:
        """The view of an item's latest version."""
        if shown.state is None:
            raise not_found()
        return cls.at(shown.identity, shown.state)

    @classmethod
    def of_row(cls, row: asyncpg.Record) -> Self:
        """The view of a row of a list."""
        return cls.model_validate(
            {
                **json.loads(row["definition"]),
                "id": id_of(row["stream"]),
                "version": row["version"],
                "effective_from": row["effective_from"],
            }
        )


class PolicyQuery(ListQuery):
    """What every list can be asked."""

    text: Annotated[str | None, Filter("to_tsvector('simple', r.name)", Op.MATCHES)] = None
    sort: Literal["name", "-name", "effective_from", "-effective_from"] = "name"


def latest_of(table: str, more: str = "") -> Listing:
    """The list of a kind of policy, each in its latest version."""
    return Listing(
        table=f"(SELECT DISTINCT ON (stream) * FROM {table} ORDER BY stream, version DESC)",  # noqa: S608  one of five constants
        columns=f"r.version, r.effective_from, r.definition{more}",
        sorts={"name": Sort("r.name", "text"), "effective_from": Sort("r.effective_from")},
        everyone=True,
    )


async def versions(
    archive: Archive[Any, Any, Any], look: Look, identity: UUID, view: type[PolicyView]
) -> Response:
    """All versions of a policy, in order."""
    events = await archive.read(look.by, identity, "versions")
    facts = (event.fact for event in events)
    items = [view.at(identity, Latest.by(f)) for f in facts if isinstance(f, DefiningFact)]
    return page_response(look, Page[Any](items=items))
