"""The story of one incident whose service level is missed, told through the API."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from deskstream_platform.api import Api
from deskstream_platform.demo.page import Page
from deskstream_platform.demo.stage import Stage
from deskstream_platform.demo.stream import Arrival, Stream, out_of_order
from deskstream_platform.demo.words import clock_time, in_words, plain
from deskstream_platform.issuer import Person

_GROUP: Final = "service-desk"
_AGENT: Final = Person("Ben Okafor", "agent", groups=(_GROUP,))
_BREACH_SECONDS: Final = 20.0
_ARRIVAL_SECONDS: Final = 10.0
_REPEAT_SECONDS: Final = 0.5

Kind = tuple[str, str]
"""An event's type, and the target of the clock that it is about, if any."""

# Of both warnings and of the breach the agent is told, and who leads the group.
_ESCALATIONS: Final[list[Kind]] = 3 * [
    ("incident.escalated.v1", ""),
    *(2 * [("incident.escalation_told.v1", "")]),
]

EXPECTED: Final = Counter[Kind](
    [
        ("incident.logged.v1", ""),
        ("clock.started.v1", "first_response"),
        ("clock.started.v1", "resolution"),
        ("incident.assigned.v2", ""),
        ("clock.ticket_handed_over.v1", ""),
        ("incident.assigned.v2", ""),
        ("incident.work_started.v1", ""),
        ("incident.comment_added.v2", ""),
        ("clock.stopped.v1", "first_response"),
        ("incident.put_on_hold.v1", ""),
        ("clock.ticket_turned.v1", ""),
        ("clock.paused.v1", "resolution"),
        ("incident.comment_added.v2", ""),
        ("incident.resumed.v1", ""),
        ("clock.ticket_turned.v1", ""),
        ("clock.resumed.v1", "resolution"),
        ("clock.warned.v1", "resolution"),
        ("incident.service_level_warned.v1", "resolution"),
        ("clock.warned.v1", "resolution"),
        ("incident.service_level_warned.v1", "resolution"),
        ("clock.breached.v1", "resolution"),
        ("incident.service_level_breached.v1", "resolution"),
        *_ESCALATIONS,
        ("incident.resolved.v2", ""),
        ("clock.ticket_turned.v1", ""),
        ("clock.stopped.v1", "resolution"),
        ("incident.closed.v1", ""),
        ("clock.ticket_turned.v1", ""),
        ("clock.finalised.v1", "first_response"),
        ("clock.finalised.v1", "resolution"),
    ]
)
# A suspicion says that the machine was slow, not that anything was wrong.
_MAY_HAPPEN: Final = {"clock.breach_suspected.v1", "clock.suspicion_cleared.v1"}


class Story:
    """Tells it, shows what arrives, and knows what should have.

    Args:
        api: through which it is told.
        stream: on which it arrives.
        page: on which it is shown.
        stage: the customer and the service of the demo.
    """

    def __init__(self, api: Api, stream: Stream, page: Page, stage: Stage) -> None:
        self._api = api
        self._stream = stream
        self._page = page
        self._stage = stage
        self._caller = Person("Nora Keller", "requester", org=stage.customer)
        self.ticket = ""

    async def tell(self) -> None:
        """Tell it from the report to the end of its clocks."""
        self._page.arrivals_header()
        await self._log()
        self._stream.listen(self._show)
        await asyncio.sleep(0.4)
        await self._work()
        await asyncio.sleep(0.8)
        await self._hold_until_the_caller_replies()
        await self._stream.until(self._breach_noted, _BREACH_SECONDS)
        await asyncio.sleep(0.8)
        await self._end()
        await self._stream.until(self._whole, _ARRIVAL_SECONDS)
        # Long enough for what must not arrive, such as a second breach.
        await asyncio.sleep(_REPEAT_SECONDS)
        self._stream.forget(self._show)

    def differences(self) -> list[str]:
        """What was expected and did not arrive, or the reverse, or came out of order."""
        seen = Counter(_kind(one) for one in self._arrivals() if one.type not in _MAY_HAPPEN)
        return [
            *(f"{n} of {_named(kind)} did not arrive" for kind, n in (EXPECTED - seen).items()),
            *(f"{n} of {_named(kind)} too many arrived" for kind, n in (seen - EXPECTED).items()),
            *out_of_order(self._arrivals()),
        ]

    async def explain(self) -> None:
        """Show why each of its clocks was due when it was."""
        path = f"/clocks/{self.ticket}/explanation"
        explanation = await self._api.get("sla-monitor", path, _AGENT)
        causes = {arrival.id: in_words(arrival) for arrival in self._arrivals()}
        for clock in explanation["clocks"]:
            self._page.line(
                f"[bold]{plain(clock['target']).capitalize()}[/], promised within "
                f"{clock['promise']['seconds']} s: {_outcome(clock)}"
            )
            self._page.table(
                ("clock", "from", "to", ">seconds", "because"),
                [_segment(segment, causes) for segment in clock["segments"]],
            )
            self._page.note(self._stage.with_names(clock["why"]))

    async def _log(self) -> None:
        report = {
            "title": "Nobody can book a room",
            "impact": "high",
            "urgency": "high",
            "organisation": self._stage.customer,
            "service": self._stage.service,
        }
        self.ticket = str(
            (await self._api.tell("incident", "/incidents", self._caller, report))["id"]
        )

    async def _work(self) -> None:
        await self._do("taking", _AGENT)
        await self._do("start", _AGENT)
        await self._do("comments", _AGENT, {"text": "I am on it. Which browser do you use?"})

    async def _hold_until_the_caller_replies(self) -> None:
        await self._do("hold", _AGENT, {"reason": "awaiting_caller"})
        await asyncio.sleep(1.5)
        await self._do("comments", self._caller, {"text": "The one on the kiosk."})

    async def _end(self) -> None:
        text = "The certificate had expired; it is renewed."
        await self._do("resolution", _AGENT, {"code": "fixed", "text": text})
        await asyncio.sleep(0.4)
        await self._do("confirmation", self._caller)

    async def _do(self, noun: str, by: Person, body: Mapping[str, Any] | None = None) -> None:
        await self._api.tell("incident", f"/incidents/{self.ticket}/{noun}", by, body)

    def _arrivals(self) -> Sequence[Arrival]:
        return self._stream.of(self.ticket)

    def _show(self, arrival: Arrival) -> None:
        if arrival.ticket == self.ticket:
            self._page.arrival(arrival)

    def _breach_noted(self) -> bool:
        noted = "incident.service_level_breached.v1"
        return any(arrival.type == noted for arrival in self._arrivals())

    def _whole(self) -> bool:
        return Counter(_kind(arrival) for arrival in self._arrivals()) >= EXPECTED


def _kind(arrival: Arrival) -> Kind:
    return arrival.type, str(arrival.data.get("target", ""))


def _named(kind: Kind) -> str:
    return " ".join(filter(None, kind))


def _outcome(clock: Mapping[str, Any]) -> str:
    used = f"{clock['elapsed_seconds']:.3f} s used, {clock['paused_seconds']:.3f} s stood still"
    return f"[red]missed[/], {used}." if clock["breached_at"] else f"[green]met[/], {used}."


def _segment(segment: Mapping[str, Any], causes: Mapping[str, str]) -> tuple[str, ...]:
    start, end = (clock_time(datetime.fromisoformat(segment[name])) for name in ("start", "end"))
    cause = causes.get(segment["cause"], segment["cause"])
    return segment["phase"], start, end, f"{segment['working_seconds']:.3f}", cause
