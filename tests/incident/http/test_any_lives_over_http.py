"""Some lives together, over HTTP and a real database: as the slow and obvious account says."""

import random
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from an_incident import HOUR, LEAD, LOGGED
from asked_of_incidents import ALONE, body_of
from several_incidents import CALLERS, TOGETHER, Account, Step

from deskstream.cloudevent import Message
from deskstream.consuming.policy import PolicyHandler
from deskstream.envelope import LIVE
from incident.consumer import HANDLED, FollowUps, take_leave
from incident.jobs.families import Families
from incident.main import AGGREGATE

MANY, STEPS = 7, 110
PATH = {"join": "parent", "merge": "merger"}
NOW = datetime.now(UTC)
FOLLOW_UPS = FollowUps(PolicyHandler("families", AGGREGATE, take_leave))


class Desk:
    """Incidents behind HTTP beside their account, and what of each has still to follow."""

    def __init__(self, front):
        # In the order in which children are resolved, so that the account does the same.
        self.first = uuid4().int >> 8 << 8
        self.front, self.account, self.seen = front, Account(), []
        self.to_follow = []

    def number(self, nth):
        return f"INC{self.first % 10**9 + nth:010}"

    async def log(self, caller):
        nth = len(self.seen)
        told = {"at": NOW - HOUR, "caller": caller, "organisation": CALLERS[caller]}
        logged = LOGGED.model_copy(
            update={"number": self.number(nth), "on_behalf_of": None, **told}
        )
        await self.front.record(self.identity(nth), [logged])
        self.seen.append(1)
        self.account.ask(Step("log", nth, said=caller))

    def identity(self, nth):
        return UUID(int=self.first + nth)

    async def ask(self, step):
        noun = PATH[step.kind] if step.other >= 0 else ALONE[step.kind][1]
        path = f"/incidents/{self.identity(step.one)}/{noun}"
        answer = await self.front.send("POST", path, LEAD, json=self.body(step))
        assert self.account.ask(step) is answer.is_success, (step, answer.text)
        await self.notice()

    def body(self, step):
        if step.other < 0:
            return body_of(step)
        if step.kind == "merge":
            return {"into": self.number(step.other)}
        independent = step.said == "independent"
        return {"parent": self.number(step.other), "independent": independent}

    async def notice(self):
        """What was recorded since, and has to follow."""
        for nth, seen in enumerate(self.seen):
            events = await self.front.recorded(self.identity(nth))
            self.to_follow += [one for one in events[seen:] if one.type in HANDLED]
            self.seen[nth] = len(events)

    async def follow(self):
        self.account.follow()
        message = told(self.to_follow.pop(0))
        async with self.front.pool.acquire() as connection, connection.transaction():
            await FOLLOW_UPS(connection, [message])
        families = Families(self.front.pool, AGGREGATE, lambda: None)
        while await families.chunk():
            pass
        await self.notice()

    async def agree(self):
        for nth, ticket in enumerate(self.account.tickets):
            seen = await self.front.get(f"/incidents/{self.identity(nth)}", LEAD)
            related, parent = seen["related"], ticket.parent
            assert seen["status"] == ticket.status
            assert ((seen["major"] or {}).get("stage") or "") == ticket.major
            assert related["parent"] == (None if parent is None else self.number(parent))
            assert related["children"] == len(ticket.children)
            assert {one["to"] for one in related["links"]} == ticket.links
            assert related["minutes_worked"] == ticket.minutes
            assert set(related["watchers"]) - {ticket.caller} == ticket.watchers


def told(event):
    _, body = AGGREGATE.codec.encode(event.fact)
    place = event.id, event.stream, event.version, event.position, event.type
    times = event.occurred_at, event.recorded_at
    return Message(*place, *times, event.origin.correlation, 0, LIVE, None, body.encode())


def any_step(chance, many, said):
    one, other = chance.randrange(many), chance.randrange(many)
    if chance.random() < 0.4:
        return Step(chance.choice(list(TOGETHER)), one, other)
    kind = chance.choice(list(ALONE))
    about = {"watch": "Carol", "unwatch": "Carol", "link": "PRB1", "unlink": "PRB1"}
    return Step(kind, one, said=about.get(kind, said))


@pytest.mark.parametrize("seed", range(2))
async def test_what_is_asked_of_several_leaves_them_as_the_account_says(front, seed):
    chance = random.Random(seed)
    desk = Desk(front)
    for caller in chance.choices(list(CALLERS), k=MANY):
        await desk.log(caller)
    for nth in range(STEPS):
        await desk.ask(any_step(chance, MANY, f"Step {nth}."))
        if desk.to_follow and chance.random() < 0.5:
            await desk.follow()
    while desk.to_follow:
        await desk.follow()
    await desk.agree()
