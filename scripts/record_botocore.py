"""Record how botocore signs 300 random requests and reads 300 random frames, for tests/llm/test_like_botocore.py.

    uv run --no-project --with botocore==1.44.5 scripts/record_botocore.py > tests/llm/botocore.json

botocore is no dependency of ours: it would bring an older python-dateutil to everybody for the sake of one test.
"""

import datetime as dt
import json
import random
import string
import struct
import zlib
from typing import Any
from urllib.parse import quote

import botocore  # type: ignore[import-not-found]
from botocore import auth
from botocore.awsrequest import AWSRequest  # type: ignore[import-not-found]
from botocore.credentials import Credentials  # type: ignore[import-not-found]
from botocore.eventstream import EventStreamBuffer, ParserError  # type: ignore[import-not-found]

COUNT = 300
chance = random.Random(20261121)  # noqa: S311  # repeatable, not secret
UNUSUAL = string.ascii_letters + string.digits + "-_.:/~ +%éß東😄"


def text(letters: str, longest: int) -> str:
    """Random letters, at least one."""
    return "".join(chance.choices(letters, k=chance.randint(1, longest)))


def signed() -> dict[str, Any]:
    """One request and the headers that botocore gives it."""
    region = chance.choice(["us-east-1", "eu-central-1", "ap-southeast-2", "us-gov-west-1"])
    port = chance.choice(["", "", ":443", ":8443"])
    model, verb = quote(text(UNUSUAL, 40), safe=""), chance.choice(["converse", "converse-stream"])
    url = f"https://bedrock-runtime.{region}.amazonaws.com{port}/model/{model}/{verb}"
    headers = {"content-type": "application/json"} | {f"x-{text('abcXYZ', 6)}": text("ab  1:;,", 12)}
    keys = [text(string.ascii_uppercase, 20), text(string.ascii_letters + "/+=", 40)]
    token = chance.choice([None, text(string.ascii_letters + "/+=", 60)])
    body, moment = text(UNUSUAL, 80), dt.datetime.fromtimestamp(chance.randint(10**9, 2 * 10**9), dt.UTC)
    auth.get_current_datetime = lambda **_: moment.replace(tzinfo=None)
    request = AWSRequest("POST", url, headers=dict(headers), data=body.encode())
    auth.SigV4Auth(Credentials(*keys, token), "bedrock", region).add_auth(request)
    given = {"url": url, "headers": headers, "body": body, "keys": [*keys, token], "region": region}
    return given | {"moment": moment.timestamp(), "signed": {k.lower(): v for k, v in request.headers.items()}}


def header() -> bytes:
    """One header of a random type."""
    kind = chance.randint(0, 9)
    sizes = {0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16}
    value = text(UNUSUAL, 20).encode() if kind == 7 else chance.randbytes(sizes.get(kind, chance.randint(0, 20)))  # noqa: PLR2004
    counted = struct.pack(">H", len(value)) + value if kind in {6, 7} else value
    name = text(":abc-", 4).encode()
    return bytes([len(name)]) + name + bytes([kind]) + counted


def frame() -> bytes:
    """One frame, one in three damaged."""
    headers, payload = b"".join(header() for _ in range(chance.randint(0, 4))), chance.randbytes(chance.randint(0, 40))
    prelude = struct.pack(">II", len(headers) + len(payload) + 16, len(headers))
    whole = prelude + struct.pack(">I", zlib.crc32(prelude)) + headers + payload
    whole += struct.pack(">I", zlib.crc32(whole))
    if chance.random() > 1 / 3:
        return whole
    at = chance.randrange(len(whole))
    return whole[:at] + bytes([whole[at] ^ chance.randint(1, 255)]) + whole[at + 1 :]


def read() -> dict[str, Any]:
    """One frame and what botocore reads in it."""
    whole = frame()
    told: dict[str, Any] = {"frame": whole.hex()}
    buffer = EventStreamBuffer()
    try:
        buffer.add_data(whole)
        messages = [(message.headers, message.payload.hex()) for message in buffer]
    except ParserError as error:
        return told | {"error": type(error).__name__}
    texts = [{k: v for k, v in headers.items() if isinstance(v, str)} for headers, _ in messages]
    return told | {"headers": texts, "payloads": [payload for _, payload in messages]}


if __name__ == "__main__":
    recorded = {"botocore": botocore.__version__, "signed": [signed() for _ in range(COUNT)]}
    print(json.dumps(recorded | {"frames": [read() for _ in range(COUNT)]}, indent=0, ensure_ascii=False))
