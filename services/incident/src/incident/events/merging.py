"""An incident turned out to be a duplicate of another of the same caller."""

from typing import ClassVar

from deskstream.decider import Fact
from incident.events.conversation import SAID
from incident.events.words import plain, utc
from incident.terms import Number
from incident.terms.related import Comment, Effort, IncidentRef, Note


class IncidentMerged(Fact, stored="incident.merged.v1"):
    """It ended as a duplicate; the other one goes on for both."""

    into: IncidentRef

    def in_words(self) -> str:
        """As the history tells it."""
        return f"Ended as a duplicate of {self.into.number}, which goes on for both."


class IncidentTookIn(Fact, stored="incident.took_in.v1"):
    """It goes on for a duplicate too, whose belongings follow."""

    duplicate: IncidentRef

    def in_words(self) -> str:
        """As the history tells it."""
        return f"Took in its duplicate {self.duplicate.number}."


class CommentMoved(Comment, Fact, stored="incident.comment_moved.v1"):
    """What had been said of a duplicate belongs to this one; nobody says it again."""

    duplicate: Number

    def in_words(self) -> str:
        """As the history tells it."""
        where = f"of {self.duplicate}, {utc(self.said_at)}"
        return f"From the duplicate ({where}). {SAID[self.speaker]}{self.text}"


class NoteMoved(Note, Fact, stored="incident.note_moved.v1"):
    """What had been noted about a duplicate belongs to this one."""

    internal: ClassVar[bool] = True

    duplicate: Number

    def in_words(self) -> str:
        """As the history tells it."""
        where = f"of {self.duplicate}, {utc(self.noted_at)}"
        return f"From the duplicate ({where}). Noted: {self.text}"


class WorkMoved(Effort, Fact, stored="incident.work_moved.v1"):
    """Work that had been done on a duplicate belongs to this one."""

    internal: ClassVar[bool] = True

    duplicate: Number

    def in_words(self) -> str:
        """As the history tells it."""
        work = f"{self.minutes} minutes of {plain(self.kind)} by {self.person}"
        return f"From the duplicate {self.duplicate}: {work}."


MergingEvent = IncidentMerged | IncidentTookIn | CommentMoved | NoteMoved | WorkMoved
