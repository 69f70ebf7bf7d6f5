"""What the columns of a file mean, kind by kind."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, TypeAlias
from uuid import UUID

from pydantic import ValidationError

from catalog.definitions.directory import Directory
from catalog.definitions.terms import Definition
from catalog.groups.terms import GroupDefinition
from catalog.organisations.terms import OrganisationDefinition
from catalog.people.terms import PersonDefinition
from deskstream.decider import Refusal

Cells: TypeAlias = Mapping[str, str]
Members: TypeAlias = dict[str, Any]
ADDRESSES: Final = ("email", "phone")


class PartyKind(StrEnum):
    """What a file is about."""

    ORGANISATIONS = "organisations"
    PEOPLE = "people"
    GROUPS = "groups"


class NotThere(Exception):
    """A cell names what there is not."""

    def __init__(self, column: str, kind: str, called: str) -> None:
        self.refusal = Refusal(
            f"unknown-{kind}", f"There is no {kind} “{called}”; bring it first.", column
        )
        super().__init__(self.refusal.detail)


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of one kind of file.

    Args:
        category: of the streams of what it tells.
        definition: what it tells.
        key: the column by which a party is found again.
        above: the one that names what it stands below, by its key.
        told: the members of the definition that a row's cells make, beside those that were.
    """

    category: str
    definition: type[Definition]
    required: tuple[str, ...]
    optional: tuple[str, ...]
    key: str
    above: str | None
    told: Callable[[Cells, Directory, Members], Members]

    @property
    def columns(self) -> tuple[str, ...]:
        """All that there can be."""
        return self.required + self.optional

    def read(
        self, cells: Cells, directory: Directory, before: Definition | None
    ) -> Definition | Refusal:
        """What a row says, or why it cannot be taken; of what it has no column for, what was so."""
        kept = {} if before is None else before.model_dump()
        try:
            return self.definition.model_validate({**kept, **self.told(cells, directory, kept)})
        except NotThere as missing:
            return missing.refusal
        except ValidationError as invalid:
            fault = invalid.errors(include_url=False, include_input=False)[0]
            return Refusal("cell-invalid", f"{fault['msg']}.", str(fault["loc"][0]))


def _organisation(cells: Cells, directory: Directory, _kept: Members) -> Members:
    return {
        **_text(cells, ("key", "name", "kind")),
        **_ids(cells, directory, {"parent": "organisation"}),
    }


def _person(cells: Cells, directory: Directory, kept: Members) -> Members:
    others = [one for one in kept.get("addresses", ()) if one["kind"] not in cells]
    addresses = [{"kind": kind, "at": cells[kind]} for kind in ADDRESSES if cells.get(kind)]
    vip = {"vip": cells["vip"] or False} if "vip" in cells else {}
    return {
        **_text(cells, ("login", "name", "language")),
        **_ids(cells, directory, {"organisation": "organisation", "manager": "person"}),
        **vip,
        "addresses": [*addresses, *others],
    }


def _group(cells: Cells, directory: Directory, _kept: Members) -> Members:
    logins = cells.get("members", "").split()
    members = {"members": [_id(directory, "members", "person", login) for login in logins]}
    return {
        **_text(cells, ("key", "name")),
        **_ids(cells, directory, {"lead": "person", "on_call": "person", "calendar": "calendar"}),
        **(members if "members" in cells else {}),
    }


def _text(cells: Cells, columns: Iterable[str]) -> Members:
    return {column: cells[column] or None for column in columns if column in cells}


def _ids(cells: Cells, directory: Directory, references: Mapping[str, str]) -> Members:
    return {
        column: _id(directory, column, kind, cells[column]) if cells[column] else None
        for column, kind in references.items()
        if column in cells
    }


def _id(directory: Directory, column: str, kind: str, called: str) -> UUID:
    if (entry := directory.find(kind, called)) is None:
        raise NotThere(column, kind, called)
    return entry.id


LAYOUTS: Final = {
    PartyKind.ORGANISATIONS: Layout(
        category="organisation",
        definition=OrganisationDefinition,
        required=("key", "name", "kind"),
        optional=("parent",),
        key="key",
        above="parent",
        told=_organisation,
    ),
    PartyKind.PEOPLE: Layout(
        category="person",
        definition=PersonDefinition,
        required=("login", "name", "organisation"),
        optional=("manager", "vip", "language", *ADDRESSES),
        key="login",
        above="manager",
        told=_person,
    ),
    PartyKind.GROUPS: Layout(
        category="group",
        definition=GroupDefinition,
        required=("key", "name"),
        optional=("members", "lead", "on_call", "calendar"),
        key="key",
        above=None,
        told=_group,
    ),
}
