"""What callers send that is not a command by itself, because it needs the catalogue."""

from pydantic import Field

from deskstream.decider import ASKERS, Actor, ToldAfterwards
from incident.commands.triage import LogIncident, PrioritiseIncident
from incident.terms import (
    Impact,
    Matter,
    PersonName,
    PriorityTables,
    Reference,
    Report,
    Urgency,
)


class NewIncident(Matter, ToldAfterwards):
    """A report."""

    caller: PersonName | None = Field(default=None, description="Yourself by default.")
    organisation: Reference | None = Field(default=None, description="Your own by default.")
    group: Reference | None = None

    def names_for(self, by: Actor) -> str | None:
        """The organisation that has to be known here.

        Who asks for help learns nothing about others: any but their own is refused unseen.
        """
        return None if by.role in ASKERS else self.organisation

    def command(self, by: Actor, number: str, tables: PriorityTables) -> LogIncident:
        """To log it under this number, with the priority that the catalogue gives it."""
        told = self.model_dump(include=set(Report.model_fields), exclude={"caller", "organisation"})
        return LogIncident(
            happened_at=self.happened_at,
            late_because=self.late_because,
            number=number,
            report=Report(
                caller=self.caller or by.name,
                organisation=self.organisation or by.organisation,
                **told,
            ),
            tables=tables,
            group=self.group,
        )


class NewPriority(ToldAfterwards):
    """Impact and urgency as they are judged now."""

    impact: Impact
    urgency: Urgency

    def command(self, tables: PriorityTables) -> PrioritiseIncident:
        """To look the priority up again."""
        return PrioritiseIncident(**dict(self), tables=tables)
