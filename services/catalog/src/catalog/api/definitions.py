"""Definitions as they are told and shown over HTTP, whatever their kind."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, ClassVar, Generic, Literal, Self
from uuid import UUID

import asyncpg
from fastapi import Path, params
from uuid_utils.compat import uuid7

from catalog.definitions.facts import D, Latest
from catalog.queries import id_of
from catalog.terms import Reason
from deskstream.decider import Role
from deskstream.http.bodies import Body, View
from deskstream.http.history import Shown
from deskstream.http.lists import Filter, Listing, ListQuery, Op, Sort
from deskstream.http.permissions import Needs
from deskstream.http.problems import not_found
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

Identity = Annotated[UUID, Path(alias="id")]


class Effective(Body):
    """From when a version is to be in force; at once if no time is given."""

    effective_from: Moment | None = None


class Retirement(Body):
    """Why something ends, and when; at once if no time is given."""

    reason: Reason
    ends_at: Moment | None = None


class DefinitionView(View):
    """A version of a definition."""

    end: ClassVar[str | None] = None

    id: UUID
    version: int
    effective_from: datetime

    @classmethod
    def at(cls, identity: UUID | str, latest: Latest[Any]) -> Self:
        """The view of this version."""
        members = {
            **latest.definition.model_dump(),
            "id": identity,
            "version": latest.edition.version,
            "effective_from": latest.edition.effective_from,
        }
        return cls._ending(members, latest.ends_at)

    @classmethod
    def of(cls, shown: Shown[Latest[Any] | None]) -> Self:
        """The view of an item's latest version."""
        if shown.state is None:
            raise not_found()
        return cls.at(shown.identity, shown.state)

    @classmethod
    def of_row(cls, row: asyncpg.Record) -> Self:
        """The view of a row of a list."""
        members = {
            **json.loads(row["definition"]),
            "id": id_of(row["stream"]),
            "version": row["version"],
            "effective_from": row["effective_from"],
        }
        return cls._ending(members, row["retired_from"])

    @classmethod
    def _ending(cls, members: dict[str, Any], ends_at: datetime | None) -> Self:
        return cls.model_validate(members if cls.end is None else {**members, cls.end: ends_at})


class RetiringView(DefinitionView):
    """A version of a definition, which is retired from `retired_from` on."""

    end = "retired_from"

    retired_from: datetime | None = None


class DefinitionQuery(ListQuery):
    """What every list can be asked."""

    text: Annotated[str | None, Filter("to_tsvector('simple', r.name)", Op.MATCHES)] = None
    sort: Literal["name", "-name", "effective_from", "-effective_from"] = "name"


class RetiringQuery(DefinitionQuery):
    """What lists of what may retire can be asked."""

    retired: Annotated[bool, Filter("(r.retired_from IS NOT NULL)")] = False


@dataclass(frozen=True)
class Kind(Generic[D]):
    """A kind of definition as it is met over HTTP.

    Args:
        category: of its streams.
        path: its collection.
        view: how it is shown.
        query: what its list can be asked.
        readers: who may read it.
        definition: what a body tells.
        body: how it is told.
        adds: what is known of it without being told.
        identify: the id of a new one.
    """

    category: str
    path: str
    view: type[DefinitionView]
    query: type[DefinitionQuery]
    readers: params.Depends
    definition: type[D]
    body: type[Effective]
    adds: Callable[[], Mapping[str, Any]] = dict
    identify: Callable[[D], UUID] = lambda _: uuid7()

    @property
    def plural(self) -> str:
        """As people say it."""
        return self.path.replace("-", " ")

    @property
    def listing(self) -> Listing:
        """Its list, each in its latest version."""
        return Listing(
            table=f"(SELECT * FROM definitions WHERE kind = '{self.category}')",  # noqa: S608  one of the program's own names
            columns="r.version, r.effective_from, r.definition, r.retired_from",
            sorts={"name": Sort("r.name", "text"), "effective_from": Sort("r.effective_from")},
            everyone=True,
        )

    def told_in(self, body: Effective) -> D:
        """The definition in a body."""
        return self.definition.model_validate({**body.model_dump(), **self.adds()})
