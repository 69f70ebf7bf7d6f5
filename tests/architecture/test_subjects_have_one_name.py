import pytest
from house import services

ROOMS = ("commands", "events")
SPLIT = [
    service.package / room
    for service in services().values()
    for room in ROOMS
    if (service.package / room).is_dir() and (service.package / "commands").is_dir()
]


def subjects_of(room):
    return {file.stem for file in room.glob("*.py")} - {"__init__", "words"}


def test_there_is_a_service_that_is_split_by_subject():
    assert SPLIT


@pytest.mark.parametrize("room", SPLIT, ids=lambda room: f"{room.parent.name}-{room.name}")
def test_a_subject_has_the_same_name_in_each_room(room):
    rooms = [subjects_of(room.parent / other) for other in ROOMS]
    assert subjects_of(room) == rooms[0] == rooms[1]
    assert subjects_of(room) <= subjects_of(room.parent / "decider")
