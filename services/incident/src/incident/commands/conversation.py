"""What is said to the caller and by the caller, and what staff note for themselves."""

from pydantic import Field

from deskstream.decider import ToldAfterwards
from incident.terms import Speaker, Text


class AddComment(ToldAfterwards):
    """Say something that the caller can read."""

    text: Text
    speaker: Speaker | None = Field(
        default=None, description="Who said it; only an importer tells what others said."
    )


class AddNote(ToldAfterwards):
    """Write something down for those who work on it."""

    text: Text


ConversationCommand = AddComment | AddNote
