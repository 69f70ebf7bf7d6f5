import json
import os
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import pytest
from a_plain_process import Promise, lives
from log import moment, read_log
from promise import Agreement
from reckoning import reckon

from deskstream_platform.replay.mapping_file import read_mapping
from deskstream_platform.replay.rows import read_rows
from deskstream_platform.replay.telling import tell

EXCERPT = files("deskstream_platform") / "data" / "incident_log_excerpt.csv.gz"
LOG = Path(os.environ.get("REPLAY_LOG") or str(EXCERPT))
PLAIN = json.loads(Path(__file__).with_name("agreement.json").read_text())


@pytest.fixture(scope="module")
def log():
    return read_log(LOG)


def test_what_the_steps_make_of_every_incident_is_what_its_rows_show(log):
    mapping = read_mapping("servicenow")
    tale = tell(read_rows(LOG, mapping), mapping)
    ends = max(moment(row["sys_updated_at"]) for rows in log.values() for row in rows)
    agreement = Agreement(PLAIN)
    must = {number: reckon(rows, agreement, ends) for number, rows in log.items()}
    found = lives(tale.steps, Promise(PLAIN), datetime.fromtimestamp(ends, UTC))
    different = [
        (must[number], found.get(number)) for number in must if must[number] != found.get(number)
    ]
    assert different[:3] == []
    assert len(different) == 0
    assert found.keys() == must.keys()
    assert len({one.breached for one in must.values()}) == 2
