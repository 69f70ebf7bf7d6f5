"""The rules for people."""

from catalog.definitions.deciding import defining_decider
from catalog.people.events import PersonRedefined, PersonRegistered, PersonRetired

DECIDER = defining_decider("person", PersonRegistered, PersonRedefined, PersonRetired)
