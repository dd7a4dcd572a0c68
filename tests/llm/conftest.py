"""A server that plays back recorded traffic, and models that ask it."""

import threading
from collections.abc import AsyncIterator, Callable, Iterator

import httpx
import pytest

from app.llm.connecting import dialect_named
from app.llm.wire.dialect import Endpoint
from app.llm.wire.http import open_client
from app.llm.wire.patience import Timeouts
from app.llm.wire.remote import RemoteModel
from tests.llm.recordings import RECORDED, SHARED, load

HOST_ALONE = ("anthropic", "bedrock")


@pytest.fixture(scope="session")
def replay() -> Iterator[str]:
    """The address of a server that plays the recorded cases."""
    program = SHARED / "tools" / "replay.py"
    if not program.exists():
        pytest.skip(f"NOT COVERED: recorded provider traffic, because {program} is missing; set ANSWERDESK_SHARED")
    server = load(program).make_server(0, [RECORDED])
    server.handle_error = lambda *_: None  # clients that hang up are this server's business
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with open_client() as opened:
        yield opened


@pytest.fixture
def played(replay: str, client: httpx.AsyncClient) -> Callable[..., RemoteModel]:
    """A model whose provider plays a case: `played("anthropic", "an-text", "split=1", first_token=1)`."""

    def model(dialect: str, case: str, *faults: str, streaming: bool = True, **times: float) -> RemoteModel:
        base = ";".join([f"{replay}/{case}", *faults]) + ("" if dialect in HOST_ALONE else "/v1")
        endpoint = Endpoint(id="some-model", base_url=base, api_key="a-key")
        return RemoteModel(case, endpoint, dialect_named(dialect), client, streaming, Timeouts(**times))

    return model
