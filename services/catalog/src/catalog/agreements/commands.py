"""What can be asked of an agreement."""

from catalog.agreements.terms import AgreementDefinition, Surroundings
from catalog.terms import Reason
from deskstream.decider import Command
from deskstream.input import Moment


class Agree(Command):
    """Promise targets; in force from its first day of validity."""

    definition: AgreementDefinition
    surroundings: Surroundings


class Amend(Command):
    """Promise something else from a moment on."""

    definition: AgreementDefinition
    surroundings: Surroundings
    effective_from: Moment | None = None


class Terminate(Command):
    """End an agreement before its time, or one that has no end; at once if no time is given."""

    reason: Reason
    ends_at: Moment | None = None


AgreementCommand = Agree | Amend | Terminate
