"""What the routes of incidents have in common."""

from typing import Annotated

from fastapi.params import Depends

from deskstream.database import Pool
from deskstream.http.commanding import Desk
from deskstream.http.permissions import Needs
from deskstream.http.routes import held
from incident.api.catalogue import Catalogue
from incident.commands import IncidentCommand
from incident.decider.life import LIFE
from incident.decider.people import IMPORTER, IMPORTING, roles_of
from incident.decider.state import State
from incident.events import IncidentEvent

Incidents = Annotated[Desk[IncidentCommand, State, IncidentEvent], held("incidents")]
Known = Annotated[Catalogue, held("catalogue")]
Database = Annotated[Pool, held("pool")]


def may(command: type[IncidentCommand]) -> Depends:
    """Admits those among whom there may be some who can give the command."""
    who = LIFE[command].anybody
    return Needs(*roles_of(who), scope=IMPORTING if IMPORTER in who else None)
