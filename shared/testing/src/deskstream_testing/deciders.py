"""Given these facts, when this command, then those facts: deciders tested in their own words.

given = DeciderSpecification(decider).given

given(IncidentLogged(...)).when(StartWork()).then(WorkStarted())
given(IncidentLogged(...)).when(CloseIncident(), by_a_lead).then(IncidentClosed(...))
given().when(StartWork()).then_refused("not-logged")
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar

from deskstream.decider import Actor, Decider, Fact, Occasion, Refusal, Role

C = TypeVar("C")
S = TypeVar("S")
E = TypeVar("E", bound=Fact)

BEGINNING = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
AN_AGENT_THEN = Occasion(Actor("Dana", Role.AGENT), BEGINNING)


@dataclass(frozen=True)
class DeciderSpecification(Generic[C, S, E]):
    """How a decider is to behave.

    Args:
        decider: whose behaviour it is.
        beginning: when a given fact happened that does not say so itself.
        usual: the occasion of a command that is given on no other.
    """

    decider: Decider[C, S, E]
    beginning: datetime = BEGINNING
    usual: Occasion = AN_AGENT_THEN

    def given(self, *facts: E) -> "Given[C, S, E]":
        """These facts have happened, in this order."""
        dated = [
            fact if fact.at else fact.model_copy(update={"at": self.beginning}) for fact in facts
        ]
        return Given(self.decider, dated, self.usual)


@dataclass(frozen=True)
class Given(Generic[C, S, E]):
    """What has happened."""

    decider: Decider[C, S, E]
    facts: Sequence[E]
    usual: Occasion

    @property
    def state(self) -> S:
        """What the facts have led to."""
        return self.decider.fold(self.facts)

    def when(self, command: C, occasion: Occasion | None = None) -> "When[C, E]":
        """This command is given, on this occasion."""
        occasion = occasion or self.usual
        decided = self.decider.decide(command, occasion, self.state)
        return When(self.facts, command, occasion, decided)


@dataclass(frozen=True)
class When(Generic[C, E]):
    """What a command led to."""

    facts: Sequence[E]
    command: C
    occasion: Occasion
    decided: Sequence[E] | Refusal

    def then(self, *facts: E) -> None:
        """These facts follow, in this order, and no other."""
        __tracebackhide__ = True
        if isinstance(self.decided, Refusal) or list(self.decided) != list(facts):
            self._fail(_lines(facts))

    def then_nothing_happened(self) -> None:
        """The command is accepted, and leaves everything as it was."""
        __tracebackhide__ = True
        self.then()

    def then_refused(self, code: str, *, naming: str = "", field: str | None = None) -> None:
        """The command is refused with this code, in words that name this, because of this field."""
        __tracebackhide__ = True
        refusal = self.decided
        if (
            not isinstance(refusal, Refusal)
            or refusal.code != code
            or naming not in refusal.detail
            or (field is not None and refusal.field != field)
        ):
            naming_it = f", naming {naming!r}" if naming else ""
            because_of = f", because of {field!r}" if field else ""
            self._fail([f"refused with {code!r}{naming_it}{because_of}"])

    def _fail(self, expected: Sequence[str]) -> None:
        __tracebackhide__ = True
        decided = self.decided
        story = {
            "given": _lines(self.facts),
            "when": [repr(self.command), repr(self.occasion)],
            "expected": expected,
            "but got": [repr(decided)] if isinstance(decided, Refusal) else _lines(decided),
        }
        raise AssertionError("\n".join(_paragraph(*part) for part in story.items()))


def _paragraph(heading: str, lines: Sequence[str]) -> str:
    return "\n".join([heading, *(f"    {line}" for line in lines or ["nothing"])])


def _lines(facts: Sequence[Fact]) -> list[str]:
    return [_line(fact) for fact in facts]


def _line(fact: Fact) -> str:
    said = {name: value for name, value in fact if value is not None}
    return f"{type(fact).__name__}({', '.join(f'{name}={said[name]}' for name in said)})"
