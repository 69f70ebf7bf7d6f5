import asyncio
import os
import signal

import asyncpg
import psutil
import pytest

from deskstream_platform.databases import ensure_shared_database
from deskstream_platform.errors import PortTakenError
from deskstream_platform.postgres import PostgresServer
from deskstream_platform.server_user import server_user


async def test_it_answers_as_the_version_that_the_product_is_made_for(postgres):
    connection = await asyncpg.connect(postgres.dsn())
    assert (await connection.fetchval("SHOW server_version")).startswith("18.")
    assert await connection.fetchval("SHOW max_prepared_transactions") == "0"
    await connection.close()


async def test_it_does_not_run_as_root(postgres):
    assert psutil.Process(postgres.pid).uids().effective != 0


async def test_nobody_gets_in_without_the_password(postgres):
    address = f"postgresql://postgres:guess@127.0.0.1:{postgres.port}/postgres"
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(address)


async def test_the_password_is_for_its_owner_only(postgres):
    assert (postgres.folder / "password").stat().st_mode & 0o077 == 0


async def test_a_database_is_made_once_and_belongs_to_its_role(postgres):
    address = await postgres.ensure_database("orders")
    connection = await asyncpg.connect(address)
    await connection.execute("CREATE TABLE kept (n int)")
    await connection.close()

    assert await postgres.ensure_database("orders") == address
    connection = await asyncpg.connect(address)
    assert await connection.fetchval("SELECT count(*) FROM kept") == 0
    await connection.close()


async def test_many_may_ask_for_a_database_at_once(postgres):
    asking = (postgres.ensure_database("wanted") for _ in range(12))
    assert len(set(await asyncio.gather(*asking))) == 1
    asking = (ensure_shared_database(postgres.dsn(), "shared") for _ in range(12))
    assert len(set(await asyncio.gather(*asking))) == 1


async def test_the_role_of_a_database_is_no_superuser(postgres):
    connection = await asyncpg.connect(await postgres.ensure_database("orders"))
    assert await connection.fetchval("SHOW is_superuser") == "off"
    await connection.close()


@pytest.mark.parametrize("length", [80, 90, 95, 99, 103, 150])
async def test_it_starts_however_long_the_path_of_its_folder_is(tmp_path, length):
    beside = len(os.fsencode(tmp_path / "é")) + len("/data")
    folder = tmp_path / f"é{'x' * (length - beside)}"
    assert len(os.fsencode(folder / "data")) == length
    server = PostgresServer(folder, settings={"fsync": "off"})
    await server.start()
    await server.stop()


async def test_what_was_committed_survives_a_kill(tmp_path):
    server = PostgresServer(tmp_path / "pg")
    await server.start()
    port = server.port
    busy = await asyncpg.connect(server.dsn())
    await busy.execute("CREATE TABLE kept AS SELECT 42 AS n")

    os.kill(server.pid, signal.SIGKILL)
    await server.start()

    assert server.port == port
    connection = await asyncpg.connect(server.dsn())
    assert await connection.fetchval("SELECT n FROM kept") == 42
    await connection.close()
    busy.terminate()
    await server.stop()


async def test_a_start_waits_for_the_backends_of_a_killed_server(tmp_path):
    server = PostgresServer(tmp_path / "pg", settings={"fsync": "off"})
    await server.start()
    busy = await asyncpg.connect(server.dsn())
    backend = await busy.fetchval("SELECT pg_backend_pid()")
    os.kill(backend, signal.SIGSTOP)
    await server.kill()

    start = asyncio.create_task(server.start())
    await asyncio.sleep(1)
    assert not start.done()
    os.kill(backend, signal.SIGCONT)
    await start
    busy.terminate()
    await server.stop()


async def test_a_pid_that_is_now_somebody_elses_does_not_hinder_the_start(tmp_path):
    server = PostgresServer(tmp_path / "pg", settings={"fsync": "off"})
    await server.start()
    record = tmp_path / "pg" / "data" / "postmaster.pid"
    lines = record.read_text().splitlines(keepends=True)
    await server.kill()
    user = server_user(tmp_path / "pg" / "data")
    somebody = await asyncio.create_subprocess_exec(*user.command("sleep", "60"))
    record.write_text("".join([f"{somebody.pid}\n", *lines[1:]]))

    await server.start()
    await server.stop()
    somebody.kill()
    await somebody.wait()


async def test_a_server_that_outlived_its_parent_is_replaced(tmp_path):
    orphan = PostgresServer(tmp_path / "pg", settings={"fsync": "off"})
    await orphan.start()
    successor = PostgresServer(tmp_path / "pg", orphan.port, settings={"fsync": "off"})
    await successor.start()
    assert not orphan.child.running
    await successor.stop()


async def test_an_unfinished_initialisation_is_done_again(tmp_path):
    (tmp_path / "pg" / "data.new" / "base").mkdir(parents=True)
    server = PostgresServer(tmp_path / "pg", settings={"fsync": "off"})
    await server.start()
    await server.stop()


async def test_a_taken_port_is_named(postgres, tmp_path):
    with pytest.raises(PortTakenError, match=str(postgres.port)):
        await PostgresServer(tmp_path / "pg", postgres.port).start()
