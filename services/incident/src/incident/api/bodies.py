"""What callers send that is not a command by itself, because it needs the catalogue."""

from pydantic import Field

from deskstream.decider import ASKERS, Actor, ToldAfterwards
from incident.commands.triage import (
    AssignIncident,
    EscalateIncident,
    LogIncident,
    PrioritiseIncident,
    ReclassifyIncident,
    Solution,
)
from incident.terms import (
    EscalationKind,
    Impact,
    Matter,
    PersonName,
    PriorityTables,
    Reference,
    Report,
    Text,
    Urgency,
)
from incident.terms.parties import Parties


class NewIncident(Matter, ToldAfterwards):
    """A report."""

    caller: PersonName | None = Field(default=None, description="Yourself by default.")
    organisation: Reference | None = Field(default=None, description="Your own by default.")
    group: Reference | None = Field(
        default=None, description="By the routing table if it is left out."
    )
    solution: Solution | None = Field(
        default=None, description="How it was solved at first contact, if it was."
    )

    def names_for(self, by: Actor) -> str | None:
        """The organisation that has to be known here.

        Who asks for help learns nothing about others: any but their own is refused unseen.
        """
        return None if by.role in ASKERS else self.organisation

    def command(
        self, by: Actor, number: str, tables: PriorityTables, parties: Parties
    ) -> LogIncident:
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
            parties=parties,
            group=self.group,
            solution=self.solution,
        )


class NewPriority(ToldAfterwards):
    """Impact and urgency as they are judged now."""

    impact: Impact
    urgency: Urgency

    def command(self, tables: PriorityTables) -> PrioritiseIncident:
        """To look the priority up again."""
        return PrioritiseIncident(**dict(self), tables=tables)


class NewClassification(ToldAfterwards):
    """What it is about; what is left out stays as it is."""

    service: Reference | None = None
    category: Reference | None = None
    organisation: Reference | None = None

    def command(self, tables: PriorityTables, parties: Parties) -> ReclassifyIncident:
        """To look the priority up again, and the group."""
        told = self.model_dump(exclude_unset=True)
        return ReclassifyIncident(**told, tables=tables, parties=parties)


class Assignment(ToldAfterwards):
    """Who is responsible from now on; nobody, if no group is named."""

    group: Reference | None
    person: PersonName | None = None

    def command(self, parties: Parties) -> AssignIncident:
        """To make them responsible, if there are such."""
        return AssignIncident(**dict(self), parties=parties)


class Escalation(ToldAfterwards):
    """To whom it is taken further."""

    kind: EscalationKind
    because: Text
    to: Reference | None = Field(
        default=None,
        description="The group, or hierarchically the person; by default who leads its group.",
    )

    def command(self, parties: Parties) -> EscalateIncident:
        """To take it further, and tell those who are named or lead."""
        return EscalateIncident(**dict(self), parties=parties)
