"""An incident was major, or seemed so."""

from typing import ClassVar

from pydantic import AwareDatetime

from deskstream.decider import Fact
from incident.events.words import utc
from incident.terms import PersonName, Text
from incident.terms.major import MinutesBetweenUpdates


class MajorProposed(Fact, stored="incident.major_proposed.v1"):
    """Somebody, or a policy, thinks that it is a major incident."""

    because: Text

    def in_words(self) -> str:
        """As the history tells it."""
        return f"Proposed as a major incident: {self.because}"


class MajorDeclined(Fact, stored="incident.major_declined.v1"):
    """A lead found that it is none."""

    because: Text

    def in_words(self) -> str:
        """As the history tells it."""
        return f"It is no major incident: {self.because}"


class MajorDeclared(Fact, stored="incident.major_declared.v1"):
    """It is a major incident from now on; the first update is promised by then."""

    business_impact: Text
    commander: PersonName
    update_every: MinutesBetweenUpdates
    next_update_by: AwareDatetime

    def in_words(self) -> str:
        """As the history tells it."""
        return (
            f"Declared a major incident under {self.commander}: {self.business_impact}"
            f" Updates every {self.update_every} minutes."
        )


class ManagementNotified(Fact, stored="incident.management_notified.v1"):
    """A notice of the major incident goes to this person."""

    internal: ClassVar[bool] = True

    recipient: PersonName

    def in_words(self) -> str:
        """As the history tells it."""
        return f"{self.recipient} of the management was notified."


class MajorUpdateGiven(Fact, stored="incident.major_update_given.v1"):
    """All who suffer from it were told how it stands."""

    text: Text
    next_update_by: AwareDatetime

    def in_words(self) -> str:
        """As the history tells it."""
        return f"Update on the major incident: {self.text} Next by {utc(self.next_update_by)}."


class MajorUpdateOverdue(Fact, stored="incident.major_update_overdue.v1"):
    """The update that was promised by then did not come; there is a reminder again later."""

    internal: ClassVar[bool] = True

    promised_by: AwareDatetime
    reminded_again_at: AwareDatetime

    def in_words(self) -> str:
        """As the history tells it."""
        return f"The update promised by {utc(self.promised_by)} is overdue."


class MajorStoodDown(Fact, stored="incident.major_stood_down.v1"):
    """The service is restored, and it is a major incident no longer."""

    text: Text

    def in_words(self) -> str:
        """As the history tells it."""
        return f"Stood down as a major incident: {self.text}"


class MajorReviewed(Fact, stored="incident.major_reviewed.v1"):
    """What was learnt from it was written down."""

    internal: ClassVar[bool] = True

    findings: Text

    def in_words(self) -> str:
        """As the history tells it."""
        return f"The major incident was reviewed: {self.findings}"


MajorEvent = (
    MajorProposed
    | MajorDeclined
    | MajorDeclared
    | ManagementNotified
    | MajorUpdateGiven
    | MajorUpdateOverdue
    | MajorStoodDown
    | MajorReviewed
)
