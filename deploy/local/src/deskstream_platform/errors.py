"""What may go wrong on the way up, each told in one sentence."""


class PlatformError(Exception):
    """A wrong turn whose message is the whole sentence that the user reads."""


class PortTakenError(PlatformError):
    """Somebody else listens on a port that was asked for."""

    def __init__(self, what: str, port: int) -> None:
        super().__init__(
            f"Port {port}, wanted for {what}, is taken by another process: "
            "stop that process or choose another port."
        )
        self.port = port


class StartError(PlatformError):
    """A server or service ended, or did not answer, while it was being started."""
