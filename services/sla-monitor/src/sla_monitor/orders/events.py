"""What can happen to an order."""

from typing import Final, TypeAlias

from deskstream.codec import Codec
from deskstream.decider import Fact
from deskstream_worktime.stopwatch import Rebase
from sla_monitor.orders.terms import Because, PolicyId, PolicyKind, Tally


class OrderProposed(Fact, stored="policy_order.proposed.v1"):
    """Somebody wants a policy to count for open tickets."""

    kind: PolicyKind
    policy: PolicyId
    rebase: Rebase | None = None
    because: Because

    def in_words(self) -> str:
        """As the history tells it."""
        how = f", time used: {self.rebase}" if self.rebase else ""
        return f"To apply {self.kind} {self.policy} to open tickets{how}: {self.because}"


class OrderPreviewed(Fact, stored="policy_order.previewed.v1"):
    """It is known what the order would do."""

    tally: Tally

    def in_words(self) -> str:
        """As the history tells it."""
        return f"It would change {_counted(self.tally)}."


class OrderGiven(Fact, stored="policy_order.given.v1"):
    """It was ordered."""

    def in_words(self) -> str:
        """As the history tells it."""
        return "Ordered."


class OrderCarriedOut(Fact, stored="policy_order.carried_out.v1"):
    """It was done to every open ticket."""

    tally: Tally

    def in_words(self) -> str:
        """As the history tells it."""
        return f"It has changed {_counted(self.tally)}."


class OrderWithdrawn(Fact, stored="policy_order.withdrawn.v1"):
    """It will not be done."""

    because: Because

    def in_words(self) -> str:
        """As the history tells it."""
        return f"Withdrawn: {self.because}"


OrderEvent: TypeAlias = (
    OrderProposed | OrderPreviewed | OrderGiven | OrderCarriedOut | OrderWithdrawn
)
CODEC: Final[Codec[OrderEvent]] = Codec.of(OrderEvent)


def _counted(tally: Tally) -> str:
    return (
        f"{tally.clocks} clocks of {tally.tickets} tickets: {tally.earlier} due earlier,"
        f" {tally.at_once} at once, {tally.later} later, {tally.started} started,"
        f" {tally.cancelled} cancelled"
    )
