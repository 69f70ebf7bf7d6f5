"""What can happen to an agreement."""

from catalog.agreements.terms import AgreementDefinition
from catalog.definitions.facts import DefiningFact, DefinitionFact, EndingFact
from catalog.terms import plain
from deskstream.codec import Codec, Upcaster


class AgreementAgreed(DefiningFact[AgreementDefinition], stored="agreement.agreed.v2"):
    """Targets were promised."""

    opening = "Agreed"


class AgreementAmended(DefiningFact[AgreementDefinition], stored="agreement.amended.v2"):
    """The promise is another one for tickets whose clocks start then."""


class AgreementTerminated(EndingFact, stored="agreement.terminated.v1"):
    """The agreement covers no ticket whose clock starts at `ends_at` or later."""

    def in_words(self) -> str:
        """From when on, and why."""
        return f"Terminated with effect from {plain(self.ends_at)}: {self.reason}"


AgreementFact = AgreementAgreed | AgreementAmended | AgreementTerminated

# A row had to name a priority then, which every row that does still may.
UPCASTERS = {
    "agreement.agreed.v1": Upcaster("agreement.agreed.v2", dict),
    "agreement.amended.v1": Upcaster("agreement.amended.v2", dict),
}
CODEC: Codec[DefinitionFact] = Codec.of(AgreementFact, UPCASTERS)
