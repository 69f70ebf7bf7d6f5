import os
import signal
import socket
import subprocess
import sys
from http import HTTPStatus
from pathlib import Path

import asyncpg
import httpx
import psutil
import pytest

from deskstream_platform.issuer import Person, issue_token
from deskstream_platform.service import SERVICES

NAMES = {service.module for service in SERVICES}


def journal(stand_ins):
    return Path(stand_ins["JOURNAL"]).read_text().splitlines()


def living(processes):
    return [p for p in processes if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]


def one_sentence(said):
    *before, last = said.strip().splitlines()
    assert "Traceback" not in said
    assert all("is ready" in line or "fetched" in line for line in before), said
    return last


def test_everything_is_reachable_where_it_says(up):
    platform = up().ready()
    assert platform.services.keys() == {service.name for service in SERVICES}
    for service in platform.services.values():
        answer = httpx.get(f"{service.url}/health/ready", trust_env=False)
        assert answer.status_code == HTTPStatus.OK


def test_services_run_between_the_start_and_the_stop_of_the_servers(up, stand_ins):
    run = up()
    run.ready()
    run.end(signal.SIGINT)
    lines = journal(stand_ins)
    assert set(lines[: len(NAMES)]) == {f"{name} started with servers" for name in NAMES}
    assert set(lines[len(NAMES) :]) == {f"{name} stopped with servers" for name in NAMES}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_cleanly(up, number):
    run = up()
    run.ready()
    descendants = run.descendants()
    status, said = run.end(number)
    assert status == 0
    assert "Traceback" not in said
    assert said.strip().endswith("Stopping …")
    assert not living(descendants)
    assert not (run.folder / "platform.json").exists()


def test_a_signal_during_the_start_ends_it_cleanly(up):
    run = up()
    assert run.process.stdout.readline().startswith("postgres is ready")
    descendants = run.descendants()
    status, said = run.end(signal.SIGINT)
    assert (status, said) == (0, "")
    assert not living(descendants)


async def test_after_a_kill_its_children_end_and_the_next_start_recovers(up):
    run = up()
    platform = run.ready()
    database = await asyncpg.connect(platform.services["incident"].database)
    await database.execute("CREATE TABLE kept AS SELECT 42 AS n")
    descendants = run.descendants()
    assert len(descendants) > len(SERVICES) + 2

    run.process.kill()
    run.process.wait()
    psutil.wait_procs(living(descendants), timeout=10)
    assert not living(descendants)

    successor = up().ready()
    assert successor.services == platform.services
    database.terminate()
    database = await asyncpg.connect(successor.services["incident"].database)
    assert await database.fetchval("SELECT n FROM kept") == 42
    await database.close()


def test_a_second_one_on_the_same_folder_says_who_is_there(up):
    first = up()
    first.ready()
    status, said = up().ended()
    assert status == 1
    assert f"already (process {first.process.pid})" in one_sentence(said)
    assert first.process.poll() is None
    assert (first.folder / "platform.json").exists()


@pytest.mark.parametrize("name", ["postgres", "kafka", "incident"])
def test_a_taken_port_is_named_in_one_sentence(up, name):
    first = up()
    first.end(signal.SIGTERM)
    with socket.create_server(("127.0.0.1", first.ports[name])):
        status, said = up().ended()
    assert status == 1
    assert f"Port {first.ports[name]}, wanted for {name}, is taken" in one_sentence(said)


def test_a_crashed_service_is_started_again(up):
    run = up()
    platform = run.ready()
    run.child("incident.main").kill()
    lines = iter(run.process.stdout.readline, None)
    while not next(lines).endswith("Ctrl-C stops.\n"):
        pass
    assert [next(lines).strip() for _ in range(2)] == [
        "incident ended (exit status -9); it starts again in 0.5 s.",
        "incident runs again.",
    ]
    answer = httpx.get(f"{platform.services['incident'].url}/health/ready", trust_env=False)
    assert answer.status_code == HTTPStatus.OK


def test_a_service_that_cannot_start_ends_it_in_one_sentence(up):
    run = up(STAND_IN_FAILS="catalog")
    status, said = run.ended()
    assert status == 1
    sentence = one_sentence(said)
    assert sentence.startswith("catalog ended while starting: the stand-in was told to fail")
    assert not (run.folder / "platform.json").exists()


def test_a_folder_that_cannot_be_written_is_named_in_one_sentence(up, tmp_path):
    (tmp_path / "file").touch()
    status, said = up(tmp_path / "file" / "folder").ended()
    assert status == 1
    assert f"{tmp_path / 'file'}" in one_sentence(said)
    assert "cannot be written" in said


def test_a_download_without_network_ends_in_one_sentence(up, tmp_path):
    environment = {"XDG_CACHE_HOME": str(tmp_path), "HTTPS_PROXY": "http://127.0.0.1:1"}
    status, said = up(**environment).ended()
    assert status == 1
    assert "was interrupted" in one_sentence(said)
    assert "check the network" in said


async def test_with_servers_in_the_settings_it_starts_only_services(up, postgres, kafka):
    existing = {"DESKSTREAM_POSTGRES_URL": postgres.dsn(), "DESKSTREAM_KAFKA": kafka.bootstrap}
    run = up(parts=[service.name for service in SERVICES], **existing)
    platform = run.ready()
    assert platform.kafka == kafka.bootstrap
    assert len(run.descendants()) == len(SERVICES)
    assert not (run.folder / "postgres").exists()
    database = await asyncpg.connect(platform.services["sla-monitor"].database)
    assert await database.fetchval("SELECT current_database()") == "sla_monitor"
    await database.close()


def test_services_are_told_the_local_issuer(up):
    run = up()
    platform = run.ready()
    environment = run.child("catalog.main").environ()
    assert environment["DESKSTREAM_JWKS"] == platform.jwks == str(run.folder / "jwks.json")
    assert environment["DESKSTREAM_ISSUER"] == "urn:deskstream:local"
    assert issue_token(run.folder, Person("ann", "agent"))


@pytest.mark.parametrize(
    ("environment", "arguments", "sentence"),
    [
        ({}, ["--port=kafak=1"], "There is nothing called kafak"),
        ({}, ["--port=kafka"], "Ports are chosen by --port kafka=9092"),
        ({"DESKSTREAM_PORTS": "x"}, [], "Ports are chosen by --port kafka=9092"),
        ({"DESKSTREAM_PORTS": '{"kafka": "x"}'}, [], "The setting DESKSTREAM_PORTS_KAFKA is wrong"),
    ],
)
def test_a_wrong_setting_ends_in_one_sentence(tmp_path, environment, arguments, sentence):
    result = subprocess.run(
        [Path(sys.executable).with_name("deskstream"), "up", *arguments],
        env=os.environ | environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    assert one_sentence(result.stderr).startswith(sentence)
