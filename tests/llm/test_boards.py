"""One contract of both boards, and what happens when Redis is away, slow or comes back."""

import asyncio
import random
import time
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from app.llm.resilience.boards import Board, MemoryBoard, RedisBoard, open_board
from tests.conftest import REDIS, needs_redis


@pytest.fixture(params=["memory", pytest.param("redis", marks=[pytest.mark.redis, needs_redis])])
async def board(request: pytest.FixtureRequest) -> AsyncIterator[Board]:
    opened = open_board(REDIS if request.param == "redis" else None)
    yield opened
    await opened.close()


@pytest.fixture
def key() -> str:
    return f"test:{uuid4()}"


def one_more(note: bytes) -> tuple[bytes, int]:
    count = int(note or b"0") + 1
    return b"%d" % count, count


async def test_a_note_is_empty_at_first_and_then_what_it_was_changed_to(board: Board, key: str) -> None:
    assert await board.change(key, lambda note: (b"hello", note)) == b""
    assert await board.change(key, lambda note: (note, note)) == b"hello"
    assert await board.change(f"{key}:other", lambda note: (note, note)) == b""


async def test_changes_at_the_same_time_are_all_kept(board: Board, key: str) -> None:
    told = await asyncio.gather(*(board.change(key, one_more) for _ in range(100)))
    assert sorted(told) == list(range(1, 101))


@pytest.mark.redis
@needs_redis
async def test_processes_share_their_notes(key: str) -> None:
    one, other = RedisBoard(REDIS), RedisBoard(REDIS)

    async def busy(board: Board) -> None:
        for _ in range(50):
            await board.change(key, one_more)
            await asyncio.sleep(random.uniform(0, 0.003))  # noqa: S311  # as calls come

    await asyncio.gather(*(busy(board) for board in (one, other, one, other)))
    assert await one.change(key, lambda note: (note, note)) == b"200"
    assert await other.change(key, lambda note: (note, note)) == b"200"
    await one.close()
    await other.close()


async def test_without_redis_a_process_keeps_its_own_notes(key: str) -> None:
    board = RedisBoard("redis://127.0.0.1:1/0")
    assert [await board.change(key, one_more) for _ in range(3)] == [1, 2, 3]
    await board.close()


async def test_a_redis_that_says_nothing_costs_a_moment_once(key: str) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_server(silent, "127.0.0.1", 0) as server:
        board, start = RedisBoard(f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0"), time.monotonic()
        assert sorted(await asyncio.gather(*(board.change(key, one_more) for _ in range(20)))) == list(range(1, 21))
        assert time.monotonic() - start < 0.9
        await board.close()


def test_memory_is_the_board_of_one_process() -> None:
    assert isinstance(open_board(None), MemoryBoard)
