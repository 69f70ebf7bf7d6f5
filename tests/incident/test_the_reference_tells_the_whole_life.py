"""The reference of an incident's life is held against the routes, the process and the contracts."""

import inspect
import json
import re
from dataclasses import dataclass
from functools import reduce
from operator import or_
from pathlib import Path
from typing import get_args

import pytest
from an_incident import COMMANDS, MONDAY, given
from fastapi.routing import APIRoute
from test_every_state_and_command import (
    ADMITTED,
    BEFORE,
    BY_ITSELF,
    DECIDER,
    PATHS,
    occasion_of,
)

from incident.api import related, routes
from incident.api.related import Merger, NewParent
from incident.commands.family import (
    BecomeChild,
    MakeDependent,
    MakeIndependent,
    NoteChildLeft,
    TakeChild,
)
from incident.commands.links import LinkIncident, UnlinkIncident
from incident.commands.merging import MergeInto, TakeIn
from incident.commands.service_levels import NoteBreachCorrection, NoteServiceLevelBreach
from incident.commands.triage import LogIncident
from incident.commands.watching import UnwatchIncident, WatchIncident
from incident.decider.life import LATE, LIFE, OPEN
from incident.decider.people import ITSELF, Who
from incident.events import CODEC
from incident.terms import Status

PROJECT = Path(__file__).parents[2]
PAGE = (PROJECT / "docs/reference/life-of-an-incident.md").read_text()
CONTRACT = json.loads((PROJECT / "services/incident/contracts/openapi.json").read_text())
MANY = "/incidents/bulk"
WHO = {one.name.lower(): one for one in Who} | {"staff": Who.AGENT | Who.LEAD}
STATES = {one.value: {one} for one in Status} | {"open": set(OPEN), "any": set(Status)}
BODIES = {NewParent: BecomeChild, Merger: MergeInto}
ON_THE_OTHER = {BecomeChild: TakeChild, MergeInto: TakeIn}
# What has to have been asked before, so that there is something to undo.
UNDOES = {
    UnlinkIncident: LinkIncident,
    UnwatchIncident: WatchIncident,
    MakeDependent: MakeIndependent,
    NoteChildLeft: TakeChild,
    NoteBreachCorrection: NoteServiceLevelBreach,
}
TOLD_LATE = {"happened_at", "late_because"}
# Facts that are only ever told of a history that began elsewhere.
IMPORTED = {"incident.imported.v1"}


@dataclass(frozen=True)
class Step:
    """A row of the reference."""

    to: str
    route: str
    who: str
    says: str
    event: str
    elsewhere: str

    @property
    def path(self):
        """Of its route, as the contract names it."""
        return self.route.strip("`").replace("…", "/incidents/{id}")

    @property
    def must_say(self):
        return set(re.findall(r"\*\*`(\w+)`\*\*", self.says))

    @property
    def may_say(self):
        return set(re.findall(r"`(\w+)`", self.says)) - self.must_say

    @property
    def admits(self):
        """Who may take it in which state."""
        admitted = {}
        for part in self.who.split(";"):
            who, _, states = part.partition(":")
            some = reduce(or_, (WHO[one.strip()] for one in who.split(",")))
            for name in filter(None, (state.strip() for state in states.split(","))):
                admitted |= {one: some | admitted.get(one, Who(0)) for one in STATES[name]}
        return admitted


def rows(columns):
    """Of all tables with so many columns; each begins with its heading and a line."""
    lines = [line for line in PAGE.splitlines() if line.startswith("|")]
    split = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    headings = {n for n, row in enumerate(split) if set("".join(row)) == {"-"}}
    told = (row for n, row in enumerate(split) if n not in headings and n + 1 not in headings)
    return [row for row in told if len(row) == columns]


def events(text):
    """Those that always follow, and those that follow sometimes."""
    sometimes = {name for part in re.findall(r"\(([^)]*)\)", text) for name in named(part)}
    return named(text) - sometimes, sometimes


def named(text):
    return set(re.findall(r"`(incident\.\w+\.v\d+)`", text))


def asked(route):
    """The command that a route gives."""
    body = inspect.signature(route.endpoint).parameters["body"].annotation
    kind = next(iter(get_args(body)), body)
    if kind in LIFE or kind in BODIES:
        return BODIES.get(kind, kind)
    return inspect.get_annotations(kind.command)["return"]


def stored(kind, status):
    """The facts that a command of this kind leads to in this state."""
    state = given(*PATHS[status], *BEFORE.get(kind, ())).state
    if kind in UNDOES and status in LIFE[UNDOES[kind]].who:
        done = DECIDER.decide(COMMANDS[UNDOES[kind]], occasion_of(UNDOES[kind]), state)
        state = DECIDER.fold([one.model_copy(update={"at": MONDAY}) for one in done], state)
    return {one.stored for one in DECIDER.decide(COMMANDS[kind], occasion_of(kind), state)}


def facts(kind):
    """Those that a command of this kind leads to, in any state."""
    if kind is LogIncident:
        return {one.stored for one in given().when(COMMANDS[kind]).decided}
    return {name for status, other in ADMITTED if other is kind for name in stored(kind, status)}


STEPS = {step.path: step for step in (Step(*row) for row in rows(6))}
ALONE = rows(4)
GIVEN = {
    route.path: asked(route)
    for route in (*routes.routes, *related.routes.routes)
    if isinstance(route, APIRoute) and "POST" in route.methods and route.path != MANY
}


def test_each_route_is_told_once():
    assert len(rows(6)) == len(STEPS)
    in_contract = {path for path, one in CONTRACT["paths"].items() if "post" in one}
    incidents = {path for path in in_contract if path.startswith("/incidents")}
    assert set(STEPS) == set(GIVEN) == incidents - {MANY}
    assert MANY in PAGE


@pytest.mark.parametrize("path", GIVEN)
def test_a_step_names_who_may_take_it_and_when(path):
    life = LIFE[GIVEN[path]].who
    assert STEPS[path].admits == {status: who & ~ITSELF for status, who in life.items()}


def test_anybody_logs():
    whoever = {name.strip() for name in STEPS["/incidents"].who.split(",")}
    assert reduce(or_, (WHO[name] for name in whoever)) == LIFE[LogIncident].anybody


@pytest.mark.parametrize("path", GIVEN)
def test_a_step_names_all_that_can_be_said(path):
    body = CONTRACT["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]
    reference = next(one for one in (body, *body.get("anyOf", ())) if "$ref" in one)["$ref"]
    schema = CONTRACT["components"]["schemas"][reference.rpartition("/")[2]]
    hidden = set() if LIFE[GIVEN[path]].late is LATE else TOLD_LATE
    assert STEPS[path].must_say == set(schema.get("required", ()))
    assert STEPS[path].may_say == set(schema["properties"]) - STEPS[path].must_say - hidden


@pytest.mark.parametrize("path", GIVEN)
def test_a_step_names_what_follows(path):
    kind = GIVEN[path]
    always, sometimes = events(STEPS[path].event)
    follows = facts(kind) | (facts(ON_THE_OTHER[kind]) if kind in ON_THE_OTHER else set())
    assert always <= follows <= always | sometimes


def test_what_happens_by_itself_is_told():
    told = {name for row in ALONE for name in named(row[2])}
    follows = {name for kind in BY_ITSELF for name in facts(kind)}
    assert follows == told


def test_each_event_has_its_step():
    told = {name for row in [*rows(6), *ALONE] for name in named("".join(row))}
    assert told | IMPORTED == set(CODEC.names)
    assert all(name in PAGE for name in IMPORTED)


@pytest.mark.parametrize("status", Status)
def test_each_state_has_its_counterpart(status):
    (row,) = (row for row in ALONE if row[0].startswith(f"`{status}`"))
    assert all(row)
