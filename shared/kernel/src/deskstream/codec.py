"""Stored names of facts, and the way from old stored forms to today's."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from graphlib import TopologicalSorter
from typing import Any, Generic, get_args

from pydantic import ValidationError

from deskstream.decider import E, Fact

Upcast = Callable[[dict[str, Any]], dict[str, Any]]


class UnknownType(Exception):
    """A stored name that no one here knows."""


class Unreadable(Exception):
    """Data that does not fit its stored name."""


@dataclass(frozen=True, slots=True)
class Upcaster:
    """How one stored version becomes the next: `incident.logged.v1` → `incident.logged.v2`.

    Beside the stored members it is given `at`, when the fact happened.
    """

    to: str
    change: Upcast


@dataclass(frozen=True)
class Codec(Generic[E]):
    """Between facts and their stored form.

    Args:
        names: stored name (`incident.resolved.v1`) of every current type of fact.
        upcasters: by the stored name that is no longer written, the step to the next one.
    """

    names: Mapping[str, type[E]]
    upcasters: Mapping[str, Upcaster] = field(default_factory=dict)

    def __post_init__(self) -> None:
        reached = {step.to for step in self.upcasters.values()}
        if astray := reached - self.stored_names:
            message = f"upcasters lead to unknown names: {sorted(astray)}"
            raise ValueError(message)
        # What leads in a circle would never come to an end.
        TopologicalSorter({old: [step.to] for old, step in self.upcasters.items()}).prepare()

    @classmethod
    def of(cls, facts: object, upcasters: Mapping[str, Upcaster] | None = None) -> "Codec[E]":
        """The codec of a fact, or of a union of facts, by the names that they carry.

        Raises:
            ValueError: a fact carries no name of its own, or two carry the same.
        """
        members: tuple[type[E], ...] = get_args(facts) or (facts,)
        if nameless := [member.__name__ for member in members if "stored" not in vars(member)]:
            message = f"facts without a stored name: {', '.join(nameless)}"
            raise ValueError(message)
        names = {member.stored: member for member in members}
        if len(names) < len(members):
            message = f"a stored name is carried twice, of {sorted(m.stored for m in members)}"
            raise ValueError(message)
        return cls(names, upcasters or {})

    @property
    def stored_names(self) -> frozenset[str]:
        """Every name that may be found in a store, old ones too."""
        return frozenset(self.names) | frozenset(self.upcasters)

    def type_of(self, name: str) -> type[E]:
        """Today's type of what is stored under this name."""
        while (step := self.upcasters.get(name)) is not None:
            name = step.to
        return self.names[name]

    def name_of(self, fact_type: type[Fact]) -> str:
        """The stored name that is written today for this type."""
        return self._by_type[fact_type]

    @cached_property
    def _by_type(self) -> dict[type[Fact], str]:
        return {fact_type: name for name, fact_type in self.names.items()}

    def encode(self, fact: E) -> tuple[str, str]:
        """Stored name and JSON text."""
        return self.name_of(type(fact)), fact.model_dump_json(exclude_none=True)

    def decode(self, name: str, data: str | bytes, at: datetime) -> E:
        """The fact that was stored, in today's form.

        Raises:
            UnknownType: nobody here knows the name.
            Unreadable: the data does not fit it.
        """
        if name not in self.names and name not in self.upcasters:
            message = f"nobody here knows {name!r}"
            raise UnknownType(message)
        today = name
        try:
            fields = {**json.loads(data), "at": at}
            while (step := self.upcasters.get(today)) is not None:
                fields, today = step.change(fields), step.to
            return self.names[today].model_validate(fields)
        except (ValidationError, ValueError, TypeError, LookupError, AttributeError) as error:
            message = f"{name} cannot be read: {error!r}"
            raise Unreadable(message) from error
