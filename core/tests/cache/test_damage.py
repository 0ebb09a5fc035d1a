"""Files that somebody damaged on purpose: never a wrong answer, never an exception."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path

import pytest
from core.tests.cache.making import answer, fill, key, numbered, prompt

from evalctl.cache import GenerationCache
from evalctl.cache.cache_folder import CacheFolder

COUNT = 120


def use(folder: Path) -> tuple[int, list[str]]:
    """Look for all, put what is not there, look again; return the first hits and the warnings."""
    told: list[str] = []
    cache = GenerationCache.open(folder, warn=told.append)
    hits = 0
    for number in range(COUNT):
        where, asked, given = numbered(number)
        found = cache.get(where, asked)
        assert found in (None, given)
        hits += found is not None
        cache.put(where, given)
    cache.info()
    cache.close()
    return hits, told


def all_found(folder: Path) -> bool:
    cache = GenerationCache.open(folder)
    found = []
    for number in range(COUNT):
        where, asked, given = numbered(number)
        found.append(cache.get(where, asked) == given)
    cache.close()
    return all(found)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    fill(folder, COUNT)
    return folder


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "cache"))


def file_in(folder: Path) -> Path:
    return CacheFolder(folder).current()


@pytest.mark.parametrize("seed", range(24))
def test_flipped_bytes_give_no_wrong_answer(folder: Path, seed: int) -> None:
    chance = random.Random(seed)
    content = bytearray(file_in(folder).read_bytes())
    page = chance.randrange(len(content) // 4096)
    for _ in range(1 + seed % 5):
        within = chance.randrange(120) if seed % 2 else chance.randrange(4096)
        content[4096 * page + within] ^= chance.randrange(1, 256)
    file_in(folder).write_bytes(content)
    use(folder)

    assert all_found(folder)


@pytest.mark.parametrize("share", [0.0, 0.003, 0.1, 0.5, 0.9, 0.999])
def test_a_file_that_is_cut_off_is_rebuilt(folder: Path, share: float) -> None:
    path = file_in(folder)
    os.truncate(path, int(share * path.stat().st_size))
    use(folder)

    assert all_found(folder)


def spoil(statement: str, *values: object) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        connection = sqlite3.connect(path)
        connection.execute(statement, values)
        connection.commit()
        connection.close()

    return change


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(b"this is no database, " * 1000),
        lambda path: path.write_bytes(bytes(8192)),
        lambda path: path.write_bytes(path.read_bytes()[:18] + b"\x09" + path.read_bytes()[19:]),
        spoil("DROP TABLE entries"),
        spoil("ALTER TABLE entries RENAME COLUMN data TO payload"),
        spoil("CREATE TRIGGER t AFTER INSERT ON entries BEGIN DELETE FROM entries; END"),
    ],
    ids=["not a database", "zeros", "not to be written", "no table", "other columns", "a trigger"],
)
def test_a_file_of_something_else_is_set_aside(
    folder: Path, damage: Callable[[Path], None]
) -> None:
    damage(file_in(folder))
    _, told = use(folder)

    assert len(told) == 1
    assert "kept as generations-1-1.damaged" in told[0]
    assert (folder / "generations-1-1.damaged").exists()
    assert all_found(folder)


@pytest.mark.parametrize(
    "damage",
    [
        spoil("UPDATE entries SET data = x'00' WHERE rowid = 7"),
        spoil("UPDATE entries SET data = 'text' WHERE rowid = 7"),
        spoil("UPDATE entries SET mark = 7 WHERE rowid = 7"),
        spoil("UPDATE entries SET used = 'yesterday' WHERE rowid = 7"),
        spoil(
            "UPDATE entries SET (mark, data) = (SELECT mark, data FROM entries WHERE rowid = 8) "
            "WHERE rowid = 7"
        ),
    ],
    ids=["cut", "text", "mark", "time", "swapped"],
)
def test_a_spoilt_entry_is_asked_for_again_and_the_others_are_taken_over(
    folder: Path, damage: Callable[[Path], None]
) -> None:
    damage(file_in(folder))
    hits, told = use(folder)

    assert hits == COUNT - 1
    assert len(told) == 1
    assert "with the 119 generations that are whole" in told[0]
    assert all_found(folder)


def test_entries_on_both_sides_of_a_damaged_page_are_taken_over(folder: Path) -> None:
    content = bytearray(file_in(folder).read_bytes())
    middle = content.index(b"", len(content) // 2) // 4096 * 4096
    content[middle : middle + 4096] = bytes(4096)
    file_in(folder).write_bytes(content)
    hits, told = use(folder)

    assert hits > COUNT // 2
    assert len(told) == 1
    assert all_found(folder)


def test_a_damaged_journal_does_no_harm(folder: Path) -> None:
    cache = GenerationCache.open(folder)
    cache.put(key("new"), answer())
    cache.flush()
    copy = Path(shutil.copytree(folder, folder.with_name("copy")))
    cache.close()
    for ending in ("-wal", "-shm"):
        journal = Path(f"{file_in(copy)}{ending}")
        content = bytearray(journal.read_bytes())
        content[::50] = bytes(len(content[::50]))
        journal.write_bytes(content)
    use(copy)

    assert all_found(copy)


def test_names_of_models_that_are_damaged_are_noticed(folder: Path) -> None:
    spoil("UPDATE models SET label = x'ff'")(file_in(folder))
    told: list[str] = []
    info = GenerationCache.open(folder, warn=told.append).info()

    assert info.entries == COUNT
    assert info.set_aside == (folder / "generations-1-1.damaged",)
    assert len(told) == 1


def test_only_the_last_damaged_file_is_kept(folder: Path) -> None:
    for _ in range(3):
        file_in(folder).write_bytes(b"rubbish" * 1000)
        use(folder)

    assert [path.name for path in CacheFolder(folder).damaged()] == ["generations-1-3.damaged"]
    assert file_in(folder).name == "generations-1-4.sqlite"
    assert all_found(folder)


def test_a_cache_that_is_damaged_again_and_again_is_given_up(folder: Path) -> None:
    told: list[str] = []
    cache = GenerationCache.open(folder, warn=told.append)
    where, asked, given = numbered(3)
    for _ in range(6):
        cache.put(where, given)
        cache.flush()
        connection = sqlite3.connect(file_in(folder))
        connection.execute("UPDATE entries SET mark = x'00'")
        connection.commit()
        connection.close()
        assert cache.get(where, asked) is None
    cache.put(where, given)

    assert cache.get(where, asked) is None
    assert not cache.is_usable
    assert len(told) == 4


def put_many(folder: Path, start: int) -> None:
    cache = GenerationCache.open(folder, warn=lambda _: None)
    for number in range(start, start + 50):
        where, _, given = numbered(number)
        cache.put(where, given)
        cache.flush()
    cache.close()


def test_others_go_on_while_one_sets_the_file_aside(folder: Path) -> None:
    other = GenerationCache.open(folder)
    where, asked, given = numbered(5)
    held = other.get(where, asked)
    spoil("UPDATE entries SET data = x'00' WHERE rowid = 7")(file_in(folder))
    writers = [
        get_context("fork").Process(target=put_many, args=(folder, 1000 + 50 * n)) for n in range(3)
    ]
    for writer in writers:
        writer.start()
    use(folder)
    for writer in writers:
        writer.join(60)
    other.put(*_new())
    other.close()

    assert held == given
    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    cache = GenerationCache.open(folder)
    assert cache.get(_new()[0], prompt("new")) == _new()[1]
    assert cache.info().entries == COUNT + 150 + 1


def _new() -> tuple[object, object]:
    return key("new"), answer("new")
