"""The catalogue over HTTP.

Every kind of definition has the same routes:

    POST /<kind>                  the first version         role owner
    POST /<kind>/{id}/versions    the next one              role owner
    POST /<kind>/{id}/retirement  the end                   role owner
    GET  /<kind>                  a list of latest versions
    GET  /<kind>/{id}             the latest version        ?as_of=
    GET  /<kind>/{id}/versions    all of them
    GET  /<kind>/{id}/history     in plain words

and agreements are ended by POST /agreements/{id}/termination. Files of parties come in by
POST /parties/import.
"""

from fastapi import APIRouter

from catalog.api import agreements, feed, parties, starter_set
from catalog.api.kinds import RETIRING
from catalog.api.routes import defining_routes, reading_routes

KINDS = (*RETIRING, agreements.KIND)
routes = APIRouter()
for kind in RETIRING:
    routes.include_router(defining_routes(kind))
for kind in KINDS:
    routes.include_router(reading_routes(kind))
for part in (agreements, parties, starter_set, feed):
    routes.include_router(part.routes)
