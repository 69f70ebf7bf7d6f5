"""The catalog's events over HTTP."""

from fastapi import APIRouter

from deskstream.decider import Role
from deskstream.http.feed import add_feed
from deskstream.http.permissions import Needs
from deskstream.http.routes import Route

STREAMER = Needs(Role.AGENT, Role.LEAD, Role.OWNER, Role.AUDITOR, scope="stream")
routes = APIRouter(tags=["events"], route_class=Route)


add_feed(routes, STREAMER)
