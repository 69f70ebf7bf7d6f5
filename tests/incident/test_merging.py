"""What one caller reported twice goes on as one."""

from datetime import timedelta

import pytest
from an_incident import (
    AGENT,
    CHILD,
    HOUR,
    ITS_OWN,
    ITSELF,
    LOGGED,
    MERGED,
    MONDAY,
    OTHERS,
    TWIN,
    by,
    given,
)

from incident.commands.merging import MergeInto, TakeIn
from incident.events.conversation import CommentAdded, NoteAdded
from incident.events.family import LeftParent, TookChild
from incident.events.merging import CommentMoved, IncidentTookIn, NoteMoved, WorkMoved
from incident.events.watching import IncidentWatched
from incident.events.work import WorkRecorded
from incident.terms import Restriction, Speaker
from incident.terms.related import Belongings, Comment, Effort, Note, WorkKind

SAID_AT = MONDAY + timedelta(minutes=5)
SAID = Comment(speaker=Speaker.CUSTOMER, text="It is every mail.", said_at=SAID_AT)
NOTED = Note(text="The relay's certificate has expired.", noted_at=SAID_AT + timedelta(minutes=1))
DONE = Effort(person="Dana", minutes=15, kind=WorkKind.DIAGNOSIS)
COMMENT = CommentAdded(at=SAID_AT, speaker=SAID.speaker, text=SAID.text)
NOTE = NoteAdded(at=NOTED.noted_at, text=NOTED.text)
WORK = WorkRecorded(**dict(DONE))
WATCHED = IncidentWatched(person="Frank")
BELONGINGS = Belongings(
    comments=(SAID,),
    notes=(NOTED,),
    efforts=(DONE,),
    watchers=frozenset({"Anna", "Ben", "Frank"}),
)
TOOK_IN = IncidentTookIn(duplicate=TWIN.ref)
MOVED = (
    CommentMoved(duplicate=TWIN.number, **dict(SAID)),
    NoteMoved(duplicate=TWIN.number, **dict(NOTED)),
    WorkMoved(duplicate=TWIN.number, **dict(DONE)),
)


def test_a_duplicate_ends_as_merged():
    given(LOGGED).when(MergeInto(survivor=TWIN, belongings=ITS_OWN)).then(MERGED)
    given(LOGGED, CHILD).when(MergeInto(survivor=TWIN, belongings=ITS_OWN)).then(
        LeftParent(parent=OTHERS.ref), MERGED
    )


def test_comments_notes_work_and_watchers_move():
    given(LOGGED, COMMENT, NOTE, WORK, WATCHED).when(
        MergeInto(survivor=TWIN, belongings=BELONGINGS), by(AGENT, MONDAY + HOUR)
    ).then(MERGED)
    given(LOGGED).when(TakeIn(duplicate=TWIN, belongings=BELONGINGS)).then(TOOK_IN, *MOVED, WATCHED)


def test_whom_only_the_duplicate_concerned_goes_on_to_see_what_is_theirs():
    told = Belongings(watchers=frozenset({"Anna", "Carol"}))
    given(LOGGED).when(TakeIn(duplicate=TWIN, belongings=told)).then(
        TOOK_IN, IncidentWatched(person="Carol")
    )


def test_what_moved_moves_again():
    after = given(LOGGED, TOOK_IN, *MOVED, WATCHED).state
    assert after.moving == BELONGINGS


@pytest.mark.parametrize("added", [COMMENT, NOTE, WORK, WATCHED])
def test_what_was_added_meanwhile_is_not_lost(added):
    given(LOGGED, added).when(
        MergeInto(survivor=TWIN, belongings=ITS_OWN), by(AGENT, MONDAY + HOUR)
    ).then_refused("changed-meanwhile", naming="try again")


@pytest.mark.parametrize(
    ("survivor", "code"),
    [
        (ITSELF, "itself"),
        (OTHERS, "another-caller"),
        (TWIN.model_copy(update={"organisation": "globex"}), "another-caller"),
    ],
    ids=["itself", "another caller", "another organisation"],
)
def test_only_duplicates_of_one_caller_are_merged(survivor, code):
    given(LOGGED).when(MergeInto(survivor=survivor, belongings=ITS_OWN)).then_refused(
        code, field="into"
    )


@pytest.mark.parametrize(("duplicate", "code"), [(ITSELF, "itself"), (OTHERS, "another-caller")])
def test_the_other_side_looks_too(duplicate, code):
    given(LOGGED).when(TakeIn(duplicate=duplicate, belongings=ITS_OWN)).then_refused(
        code, field="into"
    )


def test_what_is_restricted_is_not_merged_into_what_all_see():
    secret = LOGGED.model_copy(update={"restricted": Restriction.SECURITY})
    merge = MergeInto(survivor=TWIN, belongings=ITS_OWN)
    given(secret).when(merge).then_refused("restricted-stays-restricted", field="into")
    also_secret = TWIN.model_copy(update={"restricted": True})
    given(secret).when(MergeInto(survivor=also_secret, belongings=ITS_OWN)).then(MERGED)


def test_a_parent_is_not_merged_away_from_its_children():
    given(LOGGED, TookChild(child=OTHERS.ref)).when(
        MergeInto(survivor=TWIN, belongings=ITS_OWN)
    ).then_refused("has-children")
