"""How often somebody may do something."""

from collections.abc import AsyncIterator

import pytest

from app.accounts.limiter import Allowance, Limiter, MemoryWindows, RedisWindows, Windows
from app.database import new_id
from app.errors import TooMany
from tests.conftest import REDIS, listens

TWICE = Allowance("test", 2, 60, "That is too often.")


@pytest.fixture(params=["memory", "redis", "redis away"])
async def windows(request: pytest.FixtureRequest) -> AsyncIterator[Windows]:
    opened = _opened(request.param)
    yield opened
    await opened.close()


def _opened(kind: str) -> Windows:
    if kind == "memory":
        return MemoryWindows()
    if kind == "redis away":
        return RedisWindows("redis://127.0.0.1:1/0")
    if not listens(REDIS):
        pytest.skip(f"NOT COVERED: no Redis at {REDIS}")
    return RedisWindows(REDIS)


async def test_the_third_of_two_is_refused_with_the_seconds_to_wait(windows: Windows) -> None:
    limiter, key = Limiter(windows), new_id()
    await limiter.check(TWICE, key)
    await limiter.check(TWICE, key)
    with pytest.raises(TooMany, match=r"That is too often\. Please wait (60|59) seconds\.") as refused:
        await limiter.check(TWICE, key)
    assert 58 < refused.value.retry_after <= 60


async def test_one_is_told_how_many_are_left_and_for_how_long(windows: Windows) -> None:
    limiter, key = Limiter(windows), new_id()
    told = [await limiter.count(TWICE, key) for _ in range(3)]
    assert [(one.left, one.refused) for one in told] == [(1, False), (0, False), (0, True)]
    assert all(58 < one.seconds <= 61 for one in told)


async def test_others_are_not_counted_along(windows: Windows) -> None:
    limiter = Limiter(windows)
    for _ in range(3):
        await limiter.check(TWICE, new_id())


async def test_a_window_moves_on() -> None:
    limiter, brief = Limiter(MemoryWindows()), Allowance("brief", 1, 0, "")
    for _ in range(3):
        await limiter.check(brief, "somebody")
