import threading
import time
from pathlib import Path

import pytest
import redis

from app.database import new_id
from app.jobs import LANES, LONG_AT_ONCE, Jobs, Payload, open_jobs
from tests.conftest import REDIS, listens

PATIENCE_S = 10


@pytest.fixture(params=["sqlite", "redis"])
def jobs(request: pytest.FixtureRequest, tmp_path: Path) -> Jobs:
    """An empty queue on each engine."""
    if request.param == "sqlite":
        return open_jobs(tmp_path, None)
    if not listens(REDIS):
        pytest.skip(f"NOT COVERED: no Redis at {REDIS}")
    with redis.Redis.from_url(REDIS) as connection:
        for name in LANES:
            connection.delete(f"huey.redis.{name}", f"huey.schedule.{name}")
    return open_jobs(tmp_path, REDIS)


def test_a_job_is_done_by_name_with_its_payload(jobs: Jobs) -> None:
    done, seen = threading.Event(), []

    def greet(payload: Payload) -> None:
        seen.append(payload)
        done.set()

    name = new_id()
    jobs.enqueue("greet", {"name": name})
    worker = jobs.consumer({"greet": greet})
    worker.start()
    assert done.wait(PATIENCE_S)
    worker.stop()
    assert seen == [{"name": name}]


def test_a_job_that_fails_or_is_unknown_does_not_stop_the_next(jobs: Jobs) -> None:
    done = threading.Event()

    def fail(payload: Payload) -> None:
        raise ValueError(payload)

    worker = jobs.consumer({"fail": fail, "succeed": lambda _: done.set()})
    worker.start()
    for name in ("fail", "unknown", "succeed"):
        jobs.enqueue(name, {})
    assert done.wait(PATIENCE_S)
    worker.stop()


def test_long_jobs_run_side_by_side_and_keep_no_short_one_waiting(jobs: Jobs) -> None:
    crawling, told, ended = threading.Barrier(LONG_AT_ONCE + 1), threading.Event(), threading.Event()

    def crawl(_: Payload) -> None:
        crawling.wait(PATIENCE_S)
        ended.wait(PATIENCE_S)

    worker = jobs.consumer({"ingest": crawl, "recall": lambda _: told.set()})
    worker.start()
    for _ in range(LONG_AT_ONCE):
        jobs.enqueue("ingest", {})
    crawling.wait(PATIENCE_S)
    jobs.enqueue("recall", {})
    assert told.wait(PATIENCE_S)
    ended.set()
    worker.stop()


def test_a_job_that_was_put_off_is_done_later(jobs: Jobs) -> None:
    done, moments = threading.Event(), list[float]()

    def note(_: Payload) -> None:
        moments.append(time.monotonic())
        done.set()

    worker = jobs.consumer({"note": note})
    worker.start()
    began = time.monotonic()
    jobs.enqueue("note", {}, 1.5)
    assert done.wait(PATIENCE_S)
    worker.stop()
    assert moments[0] - began > 1.4


def test_stopping_waits_for_the_job_under_way(jobs: Jobs) -> None:
    begun, finished = threading.Event(), []

    def work(_: Payload) -> None:
        begun.set()
        threading.Event().wait(0.3)
        finished.append(True)

    worker = jobs.consumer({"work": work})
    worker.start()
    jobs.enqueue("work", {})
    assert begun.wait(PATIENCE_S)
    worker.stop()
    assert finished == [True]


def test_what_waits_survives_the_process(tmp_path: Path) -> None:
    open_jobs(tmp_path, None).enqueue("later", {})
    done = threading.Event()
    worker = open_jobs(tmp_path, None).consumer({"later": lambda _: done.set()})
    worker.start()
    assert done.wait(PATIENCE_S)
    worker.stop()


def test_messages_are_plain_json(jobs: Jobs) -> None:
    jobs.enqueue("greet", {"name": "Ada"})
    (waiting,) = jobs._short._queue.storage.enqueued_items()
    assert bytes(waiting).endswith(b'["greet", {"name": "Ada"}]]')
