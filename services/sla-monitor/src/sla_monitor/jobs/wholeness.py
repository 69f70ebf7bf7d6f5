"""Whether the copies of another service's facts hold all that it announced."""

from collections.abc import Sequence
from dataclasses import dataclass

from deskstream.consuming.frontier import NEVER, WatermarkReader, whole_until
from deskstream.database import Connection


@dataclass(frozen=True)
class Whole:
    """Asks it of some groups and their topics.

    Args:
        watermarks: what the other services announced.
        whole: groups and topics.
    """

    watermarks: WatermarkReader
    whole: Sequence[tuple[str, str]]

    async def now(self, connection: Connection) -> bool:
        """Whether nothing that was announced is missing."""
        until = await whole_until(connection, self.watermarks, self.whole)
        return NEVER < until >= max(self.watermarks.latest(topic) for _, topic in self.whole)
