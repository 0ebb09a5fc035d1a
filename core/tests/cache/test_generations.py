from __future__ import annotations

import os
import resource
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path

import pytest
from core.tests.cache.making import DRAWN, answer, fill, identity, key, numbered, prompt

from evalctl.cache import GenerationCache, cache_folder, database, generations, key_of
from evalctl.cache.cache_folder import CacheFolder

FORK = get_context("fork")


def found_in(folder: Path, count: int) -> list[bool]:
    cache = GenerationCache.open(folder)
    hits = []
    for number in range(count):
        where, asked, given = numbered(number)
        found = cache.get(where, asked)
        assert found in (None, given)
        hits.append(found is not None)
    cache.close()
    return hits


def file_in(folder: Path) -> Path:
    return CacheFolder(folder).current()


def test_what_was_put_is_got_under_the_name_of_whoever_asks(tmp_path: Path) -> None:
    cache = GenerationCache.open(tmp_path / "deep" / "cache")
    asked = prompt(dataset="other", sample_id="7")
    cache.put(key(), answer())
    before = cache.get(key(), asked)
    cache.close()
    cache = GenerationCache.open(tmp_path / "deep" / "cache")

    assert before == answer(dataset="other", sample_id="7")
    assert cache.get(key(), asked) == before
    assert cache.get(key("2 + 2 ="), prompt("2 + 2 =")) is None
    assert (cache.hits, cache.misses) == (1, 1)


def test_seeds_are_kept_apart_where_tokens_are_drawn(tmp_path: Path) -> None:
    cache = GenerationCache.open(tmp_path)
    asked = [prompt(sampling=DRAWN, seed=seed) for seed in range(3)]
    keys = [key_of(identity(), "generate", one) for one in asked]
    cache.put(keys[0], answer("2"))
    cache.put(keys[1], answer("3"))

    texts = [cache.get(k, p) for k, p in zip(keys, asked, strict=True)]

    assert [t and t.completions[0].text for t in texts] == ["2", "3", None]


def test_failures_are_not_kept(tmp_path: Path) -> None:
    cache = GenerationCache.open(tmp_path)
    cache.put(key(), answer(completions=(), error="the engine died"))

    assert cache.get(key(), prompt()) is None


def test_a_later_answer_takes_the_place_of_an_earlier_one(tmp_path: Path) -> None:
    fill(tmp_path, 1)
    where, asked, _ = numbered(0)
    cache = GenerationCache.open(tmp_path)
    cache.put(where, answer("new"))
    cache.flush()
    found = cache.get(where, asked)

    assert found is not None
    assert found.completions[0].text == "new"
    assert cache.info().entries == 1


def test_whether_anything_is_kept_of_a_model_is_known(tmp_path: Path) -> None:
    cache = GenerationCache.open(tmp_path)
    other = identity("OTHER@http://host")
    cache.put(key(), answer())
    held = cache.has_any(identity()), cache.has_any(other)
    cache.flush()

    assert held == (True, False)
    assert (cache.has_any(identity()), cache.has_any(other)) == (True, False)


def test_entries_are_written_within_a_second_of_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generations, "COMMIT_SECONDS", 0.05)
    cache = GenerationCache.open(tmp_path)
    cache.put(key(), answer())
    time.sleep(0.1)
    cache.put(key("2 + 2 ="), answer("4"))

    assert GenerationCache.open(tmp_path).has_any(identity())


def put_numbers(folder: Path, start: int, count: int) -> None:
    cache = GenerationCache.open(folder)
    for number in range(start, start + count):
        where, _, given = numbered(number)
        cache.put(where, given)
        if number % 20 == 0:
            cache.flush()
    cache.close()


def test_processes_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    writers = [FORK.Process(target=put_numbers, args=(tmp_path, 150 * n, 200)) for n in range(5)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)

    assert [writer.exitcode for writer in writers] == [0] * 5
    assert all(found_in(tmp_path, 800))


def put_forever(folder: Path) -> None:
    cache = GenerationCache.open(folder, 200_000)
    for number in range(10_000_000):
        where, _, given = numbered(number)
        cache.put(where, given)
        if number % 7 == 0:
            cache.flush()


def test_a_writer_that_is_killed_leaves_a_whole_cache(tmp_path: Path) -> None:
    told: list[str] = []
    for delay in range(12):
        writer = FORK.Process(target=put_forever, args=(tmp_path,))
        writer.start()
        time.sleep(0.02 + 0.008 * delay)
        os.kill(writer.pid or 0, signal.SIGKILL)
        writer.join()
        cache = GenerationCache.open(tmp_path, warn=told.append)
        cache.info()
        cache.close()
    check = sqlite3.connect(file_in(tmp_path)).execute("PRAGMA integrity_check").fetchall()

    assert told == []
    assert check == [("ok",)]
    assert any(found_in(tmp_path, 3000))


def test_the_bound_is_kept_and_what_was_used_last_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generations, "TOUCH_SECONDS", -1)
    fill(tmp_path, 100)
    connection = sqlite3.connect(file_in(tmp_path))
    connection.execute("UPDATE entries SET used = used - 1000")
    connection.commit()
    connection.close()
    favourites = [numbered(number) for number in range(10)]
    cache = GenerationCache.open(tmp_path, 400_000)
    for where, asked, _ in favourites:
        cache.get(where, asked)
    cache.flush()
    for number in range(100, 4000):
        where, _, given = numbered(number)
        cache.put(where, given)
        if number % 100 == 0:
            cache.flush()
    cache.close()
    hits = found_in(tmp_path, 4000)

    assert file_in(tmp_path).stat().st_size < 500_000
    assert not any(hits[10:100])
    assert all(hits[3900:])
    assert sum(hits) > 800


def test_a_generation_that_would_fill_the_cache_is_passed_over(tmp_path: Path) -> None:
    cache = GenerationCache.open(tmp_path, 10_000)
    noise = os.urandom(20_000).hex()
    cache.put(key(), answer(noise))

    assert cache.get(key(), prompt()) is None


def test_what_is_in_a_cache_is_told(tmp_path: Path) -> None:
    fill(tmp_path, 30)
    cache = GenerationCache.open(tmp_path)
    other = identity("OTHER@http://host")
    cache.put(key("x", other), answer())
    info = cache.info()

    assert info.entries == 31
    assert info.models == {"toy:NAME@http://host": 30, "toy:OTHER@http://host": 1}
    assert info.bytes >= file_in(tmp_path).stat().st_size > 0
    assert info.newest_use == pytest.approx(time.time(), abs=60)
    assert info.oldest_use == pytest.approx(time.time(), abs=60)


def test_one_model_is_cleared_and_the_others_stay(tmp_path: Path) -> None:
    fill(tmp_path, 1200)
    cache = GenerationCache.open(tmp_path)
    cache.put(key("x", identity("OTHER@http://host")), answer())
    cleared = cache.clear(model="toy:NAME@http://host")

    assert cleared.entries == 1200
    assert cleared.bytes > 0
    assert cache.info().models == {"toy:OTHER@http://host": 1}


def test_old_entries_are_cleared(tmp_path: Path) -> None:
    fill(tmp_path, 10)
    connection = sqlite3.connect(file_in(tmp_path))
    connection.execute("UPDATE entries SET used = used - 200000 WHERE rowid <= 4")
    connection.commit()
    connection.close()
    cache = GenerationCache.open(tmp_path)

    assert cache.clear(older_than_days=3).entries == 0
    assert cache.clear(older_than_days=2).entries == 4
    assert cache.clear().entries == 6


def test_clearing_all_gives_the_space_back(tmp_path: Path) -> None:
    fill(tmp_path, 3000)
    (tmp_path / "generations-1-0.damaged").write_bytes(bytes(1000))
    cache = GenerationCache.open(tmp_path)
    before = cache.info().bytes
    cleared = cache.clear()

    assert cleared.entries == 3000
    assert cleared.bytes > before / 2
    assert cache.info().bytes < 100_000
    assert cache.info().set_aside == ()


def test_a_cache_that_others_hold_waits_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.05)
    told: list[str] = []
    cache = GenerationCache.open(tmp_path, warn=told.append)
    other = sqlite3.connect(file_in(tmp_path))
    other.execute("BEGIN EXCLUSIVE")
    for number in range(10):
        where, _, given = numbered(number)
        cache.put(where, given)
        cache.flush()
    other.rollback()
    cache.close()

    assert len(told) == 1
    assert "in use by others" in told[0]
    assert all(found_in(tmp_path, 10))


def test_a_lock_that_is_never_given_back_stops_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache_folder, "LOCK_SECONDS", 0.05)
    told: list[str] = []
    with CacheFolder(tmp_path).locked(alone=True):
        cache = GenerationCache.open(tmp_path, warn=told.append)
        cache.put(key(), answer())
        found = cache.get(key(), prompt())
        cache.close()

    assert found is None
    assert len(told) == 1
    assert "the run goes on without one" in told[0]


@pytest.mark.parametrize("place", ["/proc/evalctl", "/dev/null/cache"])
def test_a_folder_that_cannot_be_made_means_no_cache(place: str) -> None:
    told: list[str] = []
    cache = GenerationCache.open(Path(place), warn=told.append)
    cache.put(key(), answer())

    assert cache.get(key(), prompt()) is None
    assert not cache.is_usable
    assert not cache.has_any(identity())
    assert cache.info().entries == 0
    assert len(told) == 1
    assert "the run goes on without one" in told[0]


def as_nobody(action: Callable[[], None]) -> int:
    """Run something as a user that owns nothing, where this one is root; return its exit code."""

    def run() -> None:
        os.setuid(65534 if os.getuid() == 0 else os.getuid())
        action()

    process = FORK.Process(target=run)
    process.start()
    process.join(60)
    return process.exitcode if process.exitcode is not None else -1


def test_a_cache_that_cannot_be_written_is_read() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fill(folder, 5)
        for path in (*folder.iterdir(), folder):
            path.chmod(0o555)

        def look() -> None:
            told: list[str] = []
            cache = GenerationCache.open(folder, warn=told.append)
            where, asked, given = numbered(3)
            assert cache.get(where, asked) == given
            cache.put(key("new"), answer())
            cache.close()
            assert len(told) == 1
            assert "nothing new is kept" in told[0]

        code = as_nobody(look)
        folder.chmod(0o755)

    assert code == 0


def test_a_full_disk_ends_keeping_and_nothing_else(tmp_path: Path) -> None:
    def fill_up() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000))
        told: list[str] = []
        cache = GenerationCache.open(tmp_path, warn=told.append)
        for number in range(3000):
            where, _, given = numbered(number)
            cache.put(where, given)
            if number % 50 == 0:
                cache.flush()
        cache.close()
        assert len(told) == 1
        assert "nothing more is kept" in told[0]

    process = FORK.Process(target=fill_up)
    process.start()
    process.join(60)

    assert process.exitcode == 0
    assert any(found_in(tmp_path, 3000))


def test_a_file_that_is_deleted_meanwhile_is_made_anew(tmp_path: Path) -> None:
    cache = GenerationCache.open(tmp_path)
    for path in tmp_path.iterdir():
        path.unlink()
    cache.put(key(), answer())
    cache.close()

    assert GenerationCache.open(tmp_path).get(key(), prompt()) == answer()


def test_nothing_heavy_is_imported_and_nothing_unpickled() -> None:
    code = "import sys, evalctl.cache; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert not set(done.stdout.split()) & {"torch", "vllm", "transformers", "numpy"}
