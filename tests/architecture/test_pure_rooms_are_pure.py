import pytest
from house import PURE_IN_THE_KERNEL, ROOT, admit, lint_pure, services

ROOMS = [room for service in services().values() for room in service.pure_rooms]
KERNEL = [f"deskstream.{room}" for room in PURE_IN_THE_KERNEL]
WORKTIME = ["deskstream_worktime", "deskstream_worktime.simulate"]


def source_of(module):
    """The file of a module, or the folder of a package."""
    (folder,) = ROOT.glob(f"*/*/src/{module.partition('.')[0]}")
    path = folder.joinpath(*module.split(".")[1:])
    return path if path.is_dir() else path.with_suffix(".py")


@pytest.mark.parametrize("room", [*ROOMS, *KERNEL, *WORKTIME])
def test_a_pure_room_brings_no_io_along(room):
    status, said = admit(room)
    assert status == 0, said


def test_no_pure_room_asks_the_clock_or_the_process_or_leaves_things_to_chance():
    status, said = lint_pure([source_of(room) for room in (*ROOMS, *KERNEL, WORKTIME[0])])
    assert status == 0, said
