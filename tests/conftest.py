from pathlib import Path

import pytest

pytest_plugins = ["deskstream_testing.fixtures"]
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items):
    """The tests of a folder share its servers, and so go to one worker: `-n 2 --dist loadgroup`.

    `make check` runs one at a time: tests of faults kill and pause what others would load.
    """
    for item in items:
        folder = item.path.parent.relative_to(HERE)
        item.add_marker(pytest.mark.xdist_group(folder.as_posix()))
