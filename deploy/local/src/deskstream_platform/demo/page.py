"""What the reader sees."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from deskstream_platform.demo.stream import Arrival
from deskstream_platform.demo.words import clock_time, in_words

_COLOURS = {
    "clock.warned.v1": "yellow",
    "incident.service_level_warned.v1": "yellow",
    "clock.breached.v1": "bold red",
    "incident.service_level_breached.v1": "red",
    "incident.escalated.v1": "bold red",
    "incident.resolved.v2": "bold green",
    "incident.closed.v1": "green",
}
_TOPIC_WIDTH = 26
_WHERE_WIDTH = 7


class Page:
    """Writes to the terminal, or plainly where there is none."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False)

    def heading(self, title: str, *sentences: str) -> None:
        """Begin a part."""
        self.console.print()
        self.console.rule(f"[bold]{escape(title)}", align="left", style="blue")
        for sentence in sentences:
            self.note(sentence)

    def note(self, sentence: str) -> None:
        """A remark."""
        self.console.print(escape(sentence), style="dim")

    def done(self, what: str) -> None:
        """Tell of a step that is done."""
        self.line(f"[green]✓[/] {escape(what)}")

    def differs(self, what: str) -> None:
        """Tell of something that is not as it should be."""
        self.line(f"[bold red]✗[/] {escape(what)}")

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        """Tell of a step when it is done, with the time that it took."""
        since = time.monotonic()
        yield
        self.done(f"{what} ({time.monotonic() - since:.1f} s)")

    def line(self, markup: str = "") -> None:
        """A line that is left whole, however long."""
        self.console.print(markup, soft_wrap=True)

    def verbatim(self, text: str) -> None:
        """A line to be copied."""
        self.console.print(text, markup=False, soft_wrap=True)

    def arrivals_header(self) -> None:
        """What the columns of the arrivals are."""
        where = "p@offset"
        self.line(f"[dim]{'topic':<{_TOPIC_WIDTH}} {where:<{_WHERE_WIDTH}} time (UTC)    event[/]")

    def arrival(self, arrival: Arrival) -> None:
        """An event, where it arrived, and when it was so."""
        where = f"{arrival.partition}@{arrival.offset}"
        place = f"{arrival.topic:<{_TOPIC_WIDTH}} {where:<{_WHERE_WIDTH}}"
        colour = _COLOURS.get(arrival.type, "none")
        words = f"[{colour}]{escape(in_words(arrival))}[/]"
        self.line(f"[cyan]{place}[/]  {clock_time(arrival.at)}  {words}")

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """A compact table; columns whose name begins with `>` hold figures."""
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold")
        for column in columns:
            figures = column.startswith(">")
            table.add_column(column.removeprefix(">"), justify="right" if figures else "left")
        for row in rows:
            table.add_row(*row)
        self.console.print(table)
