from pathlib import Path

import pytest

from deskstream_platform.replay.mapping_file import read_mapping
from deskstream_platform.replay.rows import read_rows
from deskstream_platform.replay.telling import tell

HERE = Path(__file__).parent


@pytest.fixture
def another_log():
    return HERE / "another_tool.csv"


@pytest.fixture
def another_mapping():
    return read_mapping(str(HERE / "another_tool.toml"))


@pytest.fixture
def told(another_mapping, tmp_path):
    """What a log of the other tool tells, given its bytes, or its rows under the usual header."""

    def tell_it(content, mapping=another_mapping, name="log.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else written(*content))
        return tell(read_rows(path, mapping), mapping)

    return tell_it


HEADER = (HERE / "another_tool.csv").read_bytes().splitlines()[0]


def written(*rows):
    return b"\n".join([HEADER, *(row.encode() for row in rows), b""])


@pytest.fixture
def header():
    return HEADER
