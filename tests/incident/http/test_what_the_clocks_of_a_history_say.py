"""Of what clocks say of an imported incident nobody is told until its history was told whole."""

import json
from datetime import UTC, datetime

import pytest
from a_catalogue import KNOWN

from deskstream.cloudevent import Message
from deskstream.envelope import LIVE
from incident.consumer import Reaction

NOW = datetime.now(UTC)
GOES_ON = "SELECT source_told('import:goes on', $1, $1, false)"
HAS_ENDED = "SELECT source_told('import:has ended', $1, $1, true)"
WARNED = {"ticket": "incident-1", "target": "resolution", "fraction": 0.5}


class Known:
    """What is known here of the parties."""

    async def get(self, _):
        return KNOWN


@pytest.mark.parametrize(
    ("provenance", "still_told"),
    [("import:goes on", True), ("import:has ended", False), (LIVE, False)],
)
async def test_it_is_still_told_until_its_import_has_ended(front, provenance, still_told):
    async with front.pool.acquire() as connection:
        await connection.execute(GOES_ON, NOW)
        await connection.execute(HAS_ENDED, NOW)
        warned = Message(
            "clock-1@1", "clock-1", 1, 1, "clock.warned.v1", NOW, NOW,
            "a story", 0, provenance, None, json.dumps(WARNED).encode(),
        )  # fmt: skip
        ((intent,),) = await Reaction(Known())(connection, [warned])
    assert (intent.command.still_told, intent.command.parties) == (still_told, KNOWN)
