"""Who a person is."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from catalog.definitions.terms import Definition, Handle, Reference
from catalog.terms import Key, Name, Term
from deskstream.marks import Mark, Sensitivity

MOST_ADDRESSES = 20

Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$")]
"""A BCP 47 tag, such as `de` or `pt-BR`."""


class AddressKind(StrEnum):
    """By what a person can be reached."""

    EMAIL = "email"
    PHONE = "phone"
    CHAT = "chat"
    POSTAL = "postal"


class Address(Term):
    """Where a person can be reached."""

    kind: AddressKind
    at: Annotated[
        str,
        StringConstraints(strip_whitespace=True, min_length=1, max_length=500),
        Mark(Sensitivity.PERSON),
    ]


class PersonDefinition(Definition):
    """Somebody who calls for help, gives it or answers for it.

    Args:
        name: as shown to others.
        organisation: where the person works.
        login: the name that the person's tokens carry, if there are any.
        vip: whether the person's matters press more than others'.
        language: in which to write to the person.
        addresses: the first of a kind before the others.
    """

    name: Annotated[Name, Mark(Sensitivity.PERSON)]
    organisation: UUID
    login: Annotated[Key | None, Mark(Sensitivity.PERSON)] = None
    manager: UUID | None = None
    vip: bool = False
    language: Language | None = None
    addresses: Annotated[tuple[Address, ...], Field(max_length=MOST_ADDRESSES)] = ()

    @property
    def handle(self) -> Handle | None:
        """The login name."""
        return None if self.login is None else Handle("login", self.login)

    def references(self) -> Sequence[Reference]:
        """Where the person works, and under whom."""
        works = Reference("organisation", "organisation", self.organisation)
        if self.manager is None:
            return [works]
        return [works, Reference("manager", "person", self.manager, above=True)]

    def in_words(self) -> str:
        """Who it is, where, under whom, and how to be treated."""
        login = f" ({self.login})" if self.login else ""
        manager = f", reporting to {self.manager}" if self.manager else ""
        vip = ", a VIP" if self.vip else ""
        language = f", in {self.language}" if self.language else ""
        ways = ", ".join(f"{address.kind} {address.at}" for address in self.addresses)
        reached = f", reached by {ways}" if ways else ""
        return f"“{self.name}”{login} of {self.organisation}{manager}{vip}{language}{reached}"
