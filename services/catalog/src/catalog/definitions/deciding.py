"""The rules that hold for every kind of definition; each kind adds its own."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeAlias, assert_never

from catalog.definitions.commands import Define, DefinitionCommand, Redefine, Retire
from catalog.definitions.facts import (
    D,
    DefiningFact,
    DefinitionFact,
    Edition,
    EndingFact,
    Latest,
    latest_after,
)
from catalog.definitions.terms import Definition, Surroundings
from catalog.terms import plain
from deskstream.decider import Decider, Occasion, Refusal

DefiningDecider: TypeAlias = Decider[DefinitionCommand, Latest[D] | None, DefinitionFact]


def defining_decider(
    category: str,
    first: type[DefiningFact[D]],
    following: type[DefiningFact[D]],
    ending: type[EndingFact],
    *,
    fixed: Sequence[str] = (),
    objection: Callable[[D], Refusal | None] = lambda _: None,
    objection_from: Callable[[D, datetime, Surroundings], Refusal | None] = lambda *_: None,
) -> DefiningDecider[D]:
    """The decider of one kind of definition.

    Args:
        category: of its streams.
        first: the fact of its first version.
        following: that of every later one.
        ending: that of its retirement.
        fixed: fields that stay as they were first said.
        objection: what its kind alone has against a definition.
        objection_from: what it has against another one being in force from a moment on.
    """
    rules = _Rules(category, first, following, ending, fixed, objection, objection_from)
    return Decider(category=category, initial=None, decide=rules.decide, evolve=latest_after)


@dataclass(frozen=True, slots=True)
class _Rules(Generic[D]):
    """What may be done with one kind of definition."""

    category: str
    first: type[DefiningFact[D]]
    following: type[DefiningFact[D]]
    ending: type[EndingFact]
    fixed: Sequence[str]
    objection: Callable[[D], Refusal | None]
    objection_from: Callable[[D, datetime, Surroundings], Refusal | None]

    def decide(
        self, command: DefinitionCommand, when: Occasion, state: Latest[D] | None
    ) -> Sequence[DefinitionFact] | Refusal:
        """The facts that a command leads to, or why it is refused."""
        match command:
            case Define():
                return self._define(command, when, state)
            case Redefine():
                return self._redefine(command, when, state)
            case Retire():
                return self._retire(command, when, state)
            case _:
                assert_never(command)

    @property
    def noun(self) -> str:
        return self.category.replace("_", "-")

    def _define(
        self, command: Define[D], when: Occasion, state: Latest[D] | None
    ) -> Sequence[DefinitionFact] | Refusal:
        if state is not None:
            name = state.definition.name
            detail = f"“{name}” is there already; give it a new version instead."
            return Refusal(f"{self.noun}-exists", detail)
        if objection := self._objection(command.definition, command.surroundings):
            return objection
        edition = Edition.first(command.effective_from, when)
        return [self.first.of(edition, command.definition)]

    def _redefine(
        self, command: Redefine[D], when: Occasion, state: Latest[D] | None
    ) -> Sequence[DefinitionFact] | Refusal:
        if state is None:
            return self._unknown()
        if state.says(command.definition, command.effective_from):
            return []
        objection = self._other_nature(command.definition, state.definition) or self._objection(
            command.definition, command.surroundings
        )
        if objection is not None:
            return objection
        edition = state.next_edition(command.effective_from, when)
        if isinstance(edition, Refusal):
            return edition
        since, around = edition.effective_from, command.surroundings
        if objection := self.objection_from(command.definition, since, around):
            return objection
        return [self.following.of(edition, command.definition)]

    def _retire(
        self, command: Retire, when: Occasion, state: Latest[D] | None
    ) -> Sequence[DefinitionFact] | Refusal:
        if state is None:
            return self._unknown()
        name = state.definition.name
        if state.ends_at is not None:
            detail = f"“{name}” retires {plain(state.ends_at)}; a new version brings it back."
            return Refusal(f"{self.noun}-retired", detail)
        if relying := command.surroundings.relying:
            detail = f"“{name}” is still relied on by {_listed(relying)}; change that first."
            return Refusal("still-relied-on", detail)
        ends_at = command.ends_at or when.now
        if objection := state.too_early(ends_at, when, "ends_at"):
            return objection
        return [self.ending(ends_at=ends_at, reason=command.reason)]

    def _unknown(self) -> Refusal:
        return Refusal(f"unknown-{self.noun}", "There is nothing of this id yet; define it first.")

    def _other_nature(self, definition: D, before: D) -> Refusal | None:
        for field in self.fixed:
            if getattr(definition, field) != getattr(before, field):
                detail = f"Its {field} stays as it is; define another {self.noun} instead."
                return Refusal(f"{field}-is-fixed", detail, field)
        return None

    def _objection(self, definition: D, surroundings: Surroundings) -> Refusal | None:
        return (
            _misnamed(definition, surroundings)
            or _beneath_itself(definition, surroundings)
            or next(_to_strangers(definition, surroundings), None)
            or self.objection(definition)
        )


def _misnamed(definition: Definition, surroundings: Surroundings) -> Refusal | None:
    if definition.handle is None or surroundings.namesake is None:
        return None
    field, value = definition.handle
    detail = f"“{surroundings.namesake}” has the {field} {value} already; choose another one."
    return Refusal(f"{field}-taken", detail, field)


def _beneath_itself(definition: Definition, surroundings: Surroundings) -> Refusal | None:
    for named in definition.references():
        if named.above and surroundings.own in (named.id, *surroundings.line):
            field = named.field
            return Refusal(
                f"{field}-is-below",
                f"{named.id} is {surroundings.own} itself or stands below it; choose a {field} "
                "elsewhere.",
                field,
            )
    return None


def _to_strangers(definition: Definition, surroundings: Surroundings) -> Iterator[Refusal]:
    for named in definition.references():
        if named.id not in surroundings.standing:
            noun = named.field if named.above else named.kind
            yield Refusal(
                f"unknown-{noun}",
                f"There is no {noun} {named.id}, or it is retired; name one that is there.",
                named.field,
            )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"“{name}”" for name in names)
