"""What to do next: the API's own documentation, a token, commands."""

import json
from collections.abc import Iterator
from typing import Final

from deskstream_platform.api import Api
from deskstream_platform.demo.page import Page
from deskstream_platform.demo.stage import Stage
from deskstream_platform.issuer import Person

_VISITOR: Final = Person("you", "agent")
_CURL: Final = 'curl -H "Authorization: Bearer $TOKEN"'


def invite(page: Page, api: Api, stage: Stage, ticket: str) -> None:
    """Tell how to go on from here; `ticket` is the story's incident."""
    page.heading("Your turn", "The services describe themselves:")
    for name in api.services:
        page.line(f"  {name:<12} {api.url(name)}/docs")
    page.line("\n[dim]A token, valid for eight hours:[/]")
    page.verbatim(f"TOKEN={api.token(_VISITOR)}")
    for what, command in _worth_trying(api, stage, ticket):
        page.line(f"\n[dim]{what}:[/]")
        page.verbatim(command)


def _worth_trying(api: Api, stage: Stage, ticket: str) -> Iterator[tuple[str, str]]:
    incidents, clocks = f"{api.url('incident')}/incidents", api.url("sla-monitor")
    yield "The incident of the story, in plain words", f"{_CURL} {incidents}/{ticket}/history"
    yield (
        "All clocks, live, in a terminal of its own",
        f"{_CURL} -N -H 'Accept: text/event-stream' {clocks}/events",
    )
    yield (
        "Another incident, whose target is missed within 8 s",
        f"{_CURL} -H 'Content-Type: application/json' -d '{_report(stage)}' {incidents}",
    )


def _report(stage: Stage) -> str:
    return json.dumps(
        {
            "title": "Nobody can print",
            "impact": "high",
            "urgency": "high",
            "organisation": stage.customer,
            "service": stage.service,
        }
    )
