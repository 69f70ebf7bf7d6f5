import shutil

import pytest

from deskstream_platform import jars
from deskstream_platform.jars import DownloadError, class_path, fetch_missing, missing_jars


@pytest.fixture
def one_jar(tmp_path, monkeypatch, kafka):
    """A cache of its own, and a lock with a single small jar."""
    line = next(line for line in jars.LOCK.read_text().splitlines() if ":slf4j-simple:" in line)
    lock = tmp_path / "kafka.lock"
    lock.write_text(f"{line}\n")
    monkeypatch.setattr(jars, "LOCK", lock)
    (whole,) = class_path(kafka.cache)
    (copy,) = class_path(tmp_path)
    copy.parent.mkdir(parents=True)
    shutil.copy(whole, copy)
    return copy


def offline(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")


def test_the_lock_names_no_host():
    assert "/" not in jars.LOCK.read_text()


def test_a_whole_cache_needs_no_network(one_jar, tmp_path, monkeypatch):
    offline(monkeypatch)
    assert missing_jars(tmp_path) == []
    fetch_missing(tmp_path)


def test_a_jar_cut_off_in_the_middle_is_fetched_again(one_jar, tmp_path):
    whole = one_jar.read_bytes()
    one_jar.write_bytes(whole[: len(whole) // 2])
    assert len(missing_jars(tmp_path)) == 1
    fetch_missing(tmp_path)
    assert one_jar.read_bytes() == whole


def test_a_jar_that_is_not_the_locked_one_is_refused(one_jar, tmp_path):
    coordinate = jars.LOCK.read_text().rpartition(" ")[0]
    jars.LOCK.write_text(f"{coordinate} {'0' * 64}\n")
    with pytest.raises(DownloadError, match="its hash is not the locked one"):
        fetch_missing(tmp_path)


def test_an_interrupted_download_is_told_in_a_sentence(one_jar, tmp_path, monkeypatch):
    offline(monkeypatch)
    one_jar.unlink()
    with pytest.raises(DownloadError, match=r"slf4j-simple.*was interrupted.*check the network"):
        fetch_missing(tmp_path)
