"""The catalog over HTTP.

Every kind of policy has the same routes:

    POST /<kind>                  the first version         role owner
    POST /<kind>/{id}/versions    the next one              role owner
    GET  /<kind>                  a list of latest versions
    GET  /<kind>/{id}             the latest version        ?as_of=
    GET  /<kind>/{id}/versions    all of them
    GET  /<kind>/{id}/history     in plain words

and agreements are ended by POST /agreements/{id}/termination.
"""

from fastapi import APIRouter

from catalog.api import (
    agreements,
    calendars,
    feed,
    matrices,
    organisations,
    services,
    starter_set,
)

routes = APIRouter()
for part in (organisations, services, calendars, agreements, matrices, starter_set, feed):
    routes.include_router(part.routes)
