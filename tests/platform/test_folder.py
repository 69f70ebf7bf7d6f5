import errno
import os
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from deskstream_platform import folder as module
from deskstream_platform.errors import PlatformError
from deskstream_platform.folder import occupied, told_in_a_sentence


def test_a_full_disk_is_told_before_anything_is_written(tmp_path, monkeypatch):
    monkeypatch.setattr(module.shutil, "disk_usage", lambda _: SimpleNamespace(free=0))
    with pytest.raises(PlatformError, match=r"disk that holds .* is full"), occupied(tmp_path):
        pytest.fail("there is no room")


def test_a_disk_that_fills_up_is_told_too(tmp_path):
    full = pytest.raises(PlatformError, match=r"disk that holds .* is full")
    with full, told_in_a_sentence(tmp_path):
        Path("/dev/full").write_text("x")


def test_other_faults_keep_their_traceback(tmp_path):
    with pytest.raises(OSError, match="Input/output"), told_in_a_sentence(tmp_path):
        raise OSError(errno.EIO, os.strerror(errno.EIO))


def test_a_folder_is_free_again_after_its_holder(tmp_path):
    for _ in range(2):
        with occupied(tmp_path):
            assert shutil.disk_usage(tmp_path).free
