"""Who listens in one event loop hears what is told in another."""

import asyncio

from app.conversations.bus import QUEUE, MemoryBus


async def test_what_another_thread_tells_wakes_whoever_waits_here() -> None:
    bus = MemoryBus()
    async with bus.subscribe("inbox:default") as listening, asyncio.timeout(5):
        waiting = asyncio.create_task(listening.get())
        await asyncio.sleep(0)
        await asyncio.to_thread(lambda: asyncio.run(bus.publish("inbox:default", {"conversation_id": "c"})))
        assert await waiting == {"conversation_id": "c"}


async def test_a_listener_whose_loop_has_ended_is_in_nobodys_way() -> None:
    bus = MemoryBus()

    async def leave_without_a_word() -> None:
        await bus.subscribe("topic").__aenter__()  # a killed task may never come to its end

    await asyncio.to_thread(lambda: asyncio.run(leave_without_a_word()))
    async with bus.subscribe("topic") as listening:
        await bus.publish("topic", {"n": 1})
        assert listening.get_nowait() == {"n": 1}


async def test_a_full_queue_is_emptied_because_its_listener_looks_again_anyway() -> None:
    bus = MemoryBus()
    async with bus.subscribe("topic") as listening:
        for number in range(QUEUE + 1):
            await bus.publish("topic", {"n": number})
        assert listening.qsize() == 1
        assert listening.get_nowait() == {"n": QUEUE}
    await bus.publish("topic", {"n": 0})
