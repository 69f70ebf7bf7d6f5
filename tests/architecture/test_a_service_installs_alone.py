"""Each service runs from wheels in an environment that holds no other service."""

import json
import os
import subprocess
import sys

import pytest
from house import ROOT, package_of, service_folders

SHARED = ("deskstream-kernel", "deskstream-worktime")
DISTRIBUTIONS = "import importlib.metadata as m; print(*(d.name for d in m.distributions()))"
DOCUMENT = """
import json
from deskstream.service import create_app
from deskstream.settings import Settings
from {package}.main import SERVICE
assert any(one.name.endswith(".sql") for one in SERVICE.migrations.iterdir())
print(json.dumps(create_app(SERVICE, Settings()).openapi()))
"""


def run(*command, **options):
    ended = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, check=False, **options
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


@pytest.fixture(scope="module")
def uv():
    """The uv of the set-up: what it fetched for the workspace is in its cache."""
    found = ROOT / ".tools/bin/uv"
    assert found.exists(), "there is no .tools/bin/uv: run make set-up"
    return found


@pytest.fixture(scope="module")
def constraints(tmp_path_factory):
    """The lock, and for what is ours the wheels built of it, if anybody needs them."""
    folder = tmp_path_factory.mktemp("wheels")
    for source in (ROOT / "shared/kernel", ROOT / "shared/worktime", *service_folders()):
        build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder]
        run(*build, cwd=source)
    wheels = {wheel.name.partition("-")[0]: wheel.as_uri() for wheel in folder.glob("*.whl")}
    ours = folder / "constraints.txt"
    ours.write_text("".join(f"{name} @ {address}\n" for name, address in wheels.items()))
    return ["--constraint", ours, "--constraint", ROOT / "requirements.lock"]


def install(uv, python, constraints, distribution):
    """From the cache if it can be done, else from the index."""
    command = [uv, "pip", "install", "--python", python, "--no-verify-hashes", *constraints]
    environment = {**os.environ, "UV_NO_CONFIG": "1"}
    try:
        run(*command, "--offline", distribution, env=environment)
    except AssertionError:
        run(*command, distribution, env=environment)


@pytest.mark.parametrize("folder", service_folders(), ids=lambda folder: folder.name)
def test_a_service_installs_alone(folder, uv, constraints, tmp_path):
    run(uv, "venv", "--python", sys.executable, tmp_path / "alone")
    python = tmp_path / "alone/bin/python"
    install(uv, python, constraints, f"deskstream-{folder.name}")

    found = run(python, "-I", "-c", DISTRIBUTIONS).split()
    ours = {name for name in found if name.startswith("deskstream-")}
    assert f"deskstream-{folder.name}" in ours
    assert ours <= {f"deskstream-{folder.name}", *SHARED}

    program = DOCUMENT.format(package=package_of(folder).name)
    document = json.loads(run(python, "-I", "-c", program, cwd=tmp_path))
    assert document == json.loads((folder / "contracts/openapi.json").read_text())
