"""What can happen to an agreement."""

from pydantic import AwareDatetime

from catalog.agreements.terms import AgreementDefinition, AgreementKind, Reason
from catalog.terms import DefiningFact, plain
from deskstream.codec import Codec
from deskstream.decider import Fact


class AgreementAgreed(DefiningFact[AgreementDefinition], stored="agreement.agreed.v1"):
    """Targets were promised."""

    def in_words(self) -> str:
        """As the history tells it."""
        return f"Agreed {_in_words(self.definition)}"


class AgreementAmended(DefiningFact[AgreementDefinition], stored="agreement.amended.v1"):
    """The promise is another one for tickets whose clocks start then."""

    def in_words(self) -> str:
        """As the history tells it."""
        return (
            f"Version {self.version}, in force from {plain(self.effective_from)}: "
            f"{_in_words(self.definition)}"
        )


class AgreementTerminated(Fact, stored="agreement.terminated.v1"):
    """The agreement covers no ticket whose clock starts at `ends_at` or later."""

    ends_at: AwareDatetime
    reason: Reason

    def in_words(self) -> str:
        """As the history tells it."""
        return f"Terminated with effect from {plain(self.ends_at)}: {self.reason}"


AgreementFact = AgreementAgreed | AgreementAmended | AgreementTerminated

CODEC: Codec[AgreementFact] = Codec.of(AgreementFact)


IN_FULL = {
    AgreementKind.SLA: "service-level agreement",
    AgreementKind.OLA: "operational-level agreement",
    AgreementKind.UNDERPINNING: "underpinning contract",
}


def _in_words(agreement: AgreementDefinition) -> str:
    customer = f"organisation {agreement.customer}" if agreement.customer else "everyone"
    service = f"service {agreement.service}" if agreement.service else "any service"
    until = f" until {plain(agreement.valid_until)}" if agreement.valid_until else ""
    pauses = ", ".join(reason.replace("_", " ") for reason in agreement.pauses_on) or "nothing"
    warnings = ", ".join(f"{share:%}" for share in agreement.warn_at) or "no share of a target"
    number = len(agreement.targets)
    rows = "1 row of targets" if number == 1 else f"{number} rows of targets"
    return (
        f"{IN_FULL[agreement.kind]} “{agreement.name}” for {customer}, {service}, "
        f"valid from {plain(agreement.valid_from)}{until}: {rows}, "
        f"paused by {pauses}, warning at {warnings}"
    )
