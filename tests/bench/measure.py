"""What a row of the table is, and how two things are measured against each other."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from statistics import median

ROUNDS = 5

Measurement = Callable[[], Awaitable[float]]


@dataclass(frozen=True)
class Row:
    """A line of the table.

    Args:
        what: was measured.
        measured: with its unit.
        against: what it was compared with, and what that measured; nothing for an absolute goal.
        ratio: to that, with its spread.
        goal: in words.
        met: None when it could not be measured.
    """

    what: str
    measured: str
    goal: str
    met: bool | None
    against: str = ""
    ratio: str = ""


def missing(what: str, goal: str, reason: str) -> Row:
    """The row of what could not be measured."""
    return Row(what, "not measured", goal, None, reason)


@dataclass(frozen=True)
class Duel:
    """Several measurements of each of two things, taken in turns.

    A machine that is slow for a while is slow for both, so what counts is the median of the
    rounds' ratios, and not the ratio of two medians.
    """

    ours: Sequence[float]
    theirs: Sequence[float]

    @property
    def ratio(self) -> float:
        """Ours to theirs."""
        return median(self._ratios)

    @property
    def _ratios(self) -> list[float]:
        return [one / other for one, other in zip(self.ours, self.theirs, strict=True)]

    def row(self, what: str, unit: str, against: str, goal: float) -> Row:
        """The row, for a goal of at least so many times theirs."""
        low, high = min(self._ratios), max(self._ratios)
        return Row(
            what,
            f"{median(self.ours):,.0f} {unit}",
            f"≥ {goal:g} ×",
            self.ratio >= goal,
            f"{against}: {median(self.theirs):,.0f} {unit}",
            f"{self.ratio:.2f} ({low:.2f} to {high:.2f})",
        )


async def duel(ours: Measurement, theirs: Measurement, rounds: int = ROUNDS) -> Duel:
    """Measure in turns; who begins changes from round to round."""
    taken: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds):
        for side in (0, 1) if number % 2 == 0 else (1, 0):
            taken[side].append(await (ours, theirs)[side]())
    return Duel(*taken)


def percentile(values: Sequence[float], part: float) -> float:
    """The value below which this part of them lies."""
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]
