"""Something was said or noted."""

from typing import Any, ClassVar, Final

from deskstream.codec import Upcaster
from deskstream.decider import Fact
from incident.terms import Speaker, Text

SAID: Final = {
    Speaker.CUSTOMER: "The customer said: ",
    Speaker.AGENT: "The service desk said: ",
    Speaker.MACHINE: "An automatic reply said: ",
}


class CommentAdded(Fact, stored="incident.comment_added.v2"):
    """Something was said that the caller can read."""

    text: Text
    speaker: Speaker

    def in_words(self) -> str:
        """As the history tells it."""
        return f"{SAID[self.speaker]}{self.text}"


class NoteAdded(Fact, stored="incident.note_added.v1"):
    """Something was written down for those who work on it."""

    internal: ClassVar[bool] = True

    text: Text

    def in_words(self) -> str:
        """As the history tells it."""
        return f"Noted: {self.text}"


ConversationEvent = CommentAdded | NoteAdded


def _with_speaker(stored: dict[str, Any]) -> dict[str, Any]:
    staff = Speaker.AGENT if stored["by_agent"] else Speaker.CUSTOMER
    return {**stored, "speaker": Speaker.MACHINE if stored["automatic"] else staff}


UPCASTERS: Final = {
    "incident.comment_added.v1": Upcaster("incident.comment_added.v2", _with_speaker)
}
