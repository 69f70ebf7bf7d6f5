"""The catalog's events over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Response

from deskstream.decider import Role
from deskstream.http.conditions import Reading
from deskstream.http.feed import FEED_ANSWERS, Feed, LastEventId, Position
from deskstream.http.lists import Limit
from deskstream.http.permissions import Needs, held

STREAMER = Needs(Role.AGENT, Role.LEAD, Role.OWNER, Role.AUDITOR, scope="stream")
routes = APIRouter(tags=["events"])
Events = Annotated[Feed, held("feed")]


@routes.get("/events", dependencies=[STREAMER], responses=FEED_ANSWERS)
async def events(
    look: Reading,
    feed: Events,
    after: Position = 0,
    limit: Limit = 50,
    last_event_id: LastEventId = None,
) -> Response:
    """Follow what happens in the catalog, from any position, page by page or live."""
    return await feed.serve(look, after, limit, last_event_id)
