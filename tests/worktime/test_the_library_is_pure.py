import ast
import subprocess
import sys
from pathlib import Path

import pytest

import deskstream_worktime

SOURCES = sorted(Path(deskstream_worktime.__file__).parent.glob("*.py"))
WORLDLY = {"asyncio", "fastapi", "asyncpg", "aiokafka", "random", "uuid", "time", "logging"}
CLOCKS = {"now", "utcnow", "today", "time", "monotonic", "perf_counter", "uuid4", "getrandbits"}


@pytest.mark.parametrize("module", ["deskstream_worktime", "deskstream_worktime.simulate"])
def test_importing_it_leaves_the_frameworks_out(module):
    program = f"import sys, {module}; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout.split()
    assert module in loaded
    assert not {"asyncio", "fastapi", "asyncpg", "aiokafka"} & set(loaded)


@pytest.mark.parametrize("source", SOURCES, ids=[source.stem for source in SOURCES])
def test_it_reads_no_clock_and_draws_no_chance(source):
    tree = ast.parse(source.read_text())
    imported = {
        name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module]
            if isinstance(node, ast.ImportFrom)
            else [alias.name for alias in node.names]
        )
    }
    called = {
        node.func.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    assert not WORLDLY & imported
    assert not CLOCKS & called
