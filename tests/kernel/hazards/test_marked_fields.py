"""Fields that hold personal data or free text are found, however deep they lie."""

from typing import Annotated

from pydantic import BaseModel, Field

from deskstream.decider import Fact
from deskstream.marks import Mark, Sensitivity
from deskstream_platform.marked import marked_fields

Person = Annotated[str, Mark(Sensitivity.PERSON)]
FreeText = Annotated[str, Mark(Sensitivity.FREE_TEXT)]


class Address(BaseModel):
    street: Person
    country: str


class Visit(BaseModel):
    where: Address
    remarks: list[FreeText]


class CallerNoted(Fact):
    caller: Person
    watcher: Person | None = None
    words: Annotated[FreeText, Field(max_length=100)] | None = None
    number: int = 0
    home: Address | None = None
    visits: list[Visit]
    by_day: dict[str, Visit]
    names: tuple[Person, ...] = ()


PERSON, FREE_TEXT = Sensitivity.PERSON, Sensitivity.FREE_TEXT


def test_every_mark_is_found_with_its_path():
    assert marked_fields(CallerNoted) == {
        "caller": PERSON,
        "watcher": PERSON,
        "words": FREE_TEXT,
        "home.street": PERSON,
        "visits.where.street": PERSON,
        "visits.remarks": FREE_TEXT,
        "by_day.where.street": PERSON,
        "by_day.remarks": FREE_TEXT,
        "names": PERSON,
    }


def test_what_is_not_marked_is_not_found():
    class Plain(Fact):
        number: int
        text: str

    assert marked_fields(Plain) == {}
