import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError
from joserfc.jwk import KeySet

from deskstream_platform.issuer import Person, issue_token, public_keys


def deskstream(*arguments, **environment):
    return subprocess.run(
        [Path(sys.executable).with_name("deskstream"), *arguments],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def claims(token, folder):
    keys = KeySet.import_key_set(json.loads(public_keys(folder).read_text()))
    return jwt.decode(token, keys, algorithms=["RS256"]).claims


def test_the_command_prints_a_token_and_nothing_else(tmp_path):
    result = deskstream(
        *("token", "--as", "ann", "--role", "agent", "--org", "acme"),
        *("--group", "desk", "--group", "network", "--scope", "import", "--scope", "stream"),
        DESKSTREAM_FOLDER=str(tmp_path),
    )
    assert (result.returncode, result.stderr) == (0, "")
    held = claims(result.stdout.strip(), tmp_path)
    assert held.pop("exp") - held.pop("iat") == 8 * 3600
    assert held.pop("jti")
    assert held == {
        "iss": "urn:deskstream:local",
        "aud": "deskstream",
        "sub": "ann",
        "role": "agent",
        "org": "acme",
        "groups": ["desk", "network"],
        "scope": "import stream",
    }


def test_a_role_that_does_not_exist_is_refused_with_those_that_do(tmp_path):
    result = deskstream("token", "--as", "ann", "--role", "boss", "--folder", str(tmp_path))
    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr.strip() == (
        "There is no role boss: choose one of requester, customer, agent, lead, owner, auditor, "
        "service."
    )


def test_the_key_is_made_once_and_is_for_its_owner_only(tmp_path):
    first = issue_token(tmp_path, Person("ann", "agent"))
    key = (tmp_path / "issuer.json").read_bytes()
    issue_token(tmp_path, Person("bob", "lead"))
    assert (tmp_path / "issuer.json").read_bytes() == key
    assert (tmp_path / "issuer.json").stat().st_mode & 0o077 == 0
    assert claims(first, tmp_path)["sub"] == "ann"


def test_the_public_keys_hold_no_private_part(tmp_path):
    (key,) = json.loads(public_keys(tmp_path).read_text())["keys"]
    assert key["kid"]
    assert key.keys().isdisjoint({"d", "p", "q", "dp", "dq", "qi"})


def test_another_folders_keys_do_not_open_it(tmp_path):
    token = issue_token(tmp_path / "one", Person("ann", "agent"))
    with pytest.raises(InvalidKeyIdError):
        claims(token, tmp_path / "two")


def test_a_token_lasts_as_long_as_asked(tmp_path):
    token = issue_token(tmp_path, Person("ann", "agent"), lifetime=5)
    assert claims(token, tmp_path)["exp"] <= time.time() + 5
