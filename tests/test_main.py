"""How the web process begins."""

import socket

import pytest

from app.errors import Misconfigured
from app.main import check_free
from tests.serving import free_port


def test_an_address_that_is_taken_is_refused_in_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(Misconfigured, match=rf"127.0.0.1:{port} cannot be listened on .*Choose another --port"):
            check_free("127.0.0.1", port)


def test_a_free_address_is_left_free() -> None:
    port = free_port()
    check_free("127.0.0.1", port)
    socket.create_server(("127.0.0.1", port)).close()
