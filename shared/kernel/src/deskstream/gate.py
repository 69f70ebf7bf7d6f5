"""Whether this service may write."""


class WriteGate:
    """Open, or closed with a reason, for example that the database was restored to the past."""

    def __init__(self) -> None:
        self.reason: str | None = None

    def set(self, reason: str | None) -> None:
        """Close with a reason, or open with None."""
        self.reason = reason
