"""Who may read, what is at hand for them, and on what their answers stand."""

from typing import Annotated

from fastapi import Response

from deskstream.consuming.localcopy import LocalCopy
from deskstream.database import Pool
from deskstream.decider import Role
from deskstream.http.history import Archive
from deskstream.http.permissions import Needs
from deskstream.http.routes import held
from sla_monitor.commands import ClockCommand
from sla_monitor.decider import Clocks
from sla_monitor.decider.agreements import PolicyBook
from sla_monitor.events import ClockEvent
from sla_monitor.queries.standing import Ground, StandsOn

PEOPLE = (
    Role.REQUESTER,
    Role.CUSTOMER,
    Role.AGENT,
    Role.LEAD,
    Role.OWNER,
    Role.AUDITOR,
)
READER = Needs(*PEOPLE, scope="read")
STREAMER = Needs(*PEOPLE, scope="stream")

Records = Annotated[Archive[ClockCommand, Clocks, ClockEvent], held("archive")]
Database = Annotated[Pool, held("pool")]
Policies = Annotated[LocalCopy[PolicyBook], held("policies")]
OnGround = Annotated[Ground, held("ground")]


def standing_on(ground: StandsOn, answer: Response) -> Response:
    """The answer, with the positions and watermarks that it stands on in a header."""
    answer.headers["Stands-On"] = ground.in_brief()
    return answer
