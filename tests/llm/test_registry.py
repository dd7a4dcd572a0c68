import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace

import httpx
import pytest

from app.errors import Misconfigured
from app.llm.connecting import ModelChoice, refuse_missing_keys
from app.llm.errors import ModelError
from app.llm.registry import RouteChoice, build_models, build_route, choices_from_keys, default_route
from app.llm.types import Model, Options, Part, Prompt, Stop, Text, Turn
from app.llm.wire.remote import KEYLESS, RemoteModel
from app.llm.wire.signing import Signed

KEYS = {"OPENAI_API_KEY": "a-key", "ANTHROPIC_API_KEY": "b-key"}
LUNA = ModelChoice("luna", "openai-chat", "gpt-6-luna")


class Local:
    name = "extractive"

    async def stream(self, prompt: Prompt, options: Options) -> AsyncIterator[Part]:
        yield Text("From the passages.")
        yield Stop("stop", model="extractive")


def built(*choices: ModelChoice, keys: Mapping[str, str] = KEYS) -> dict[str, Model]:
    client = httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(503)))
    models = build_models(choices, keys, client, Local())
    refuse_missing_keys(choices, keys)
    return models


async def test_without_any_model_the_extractive_one_answers() -> None:
    models = built()
    route = build_route("answer", RouteChoice(), models)
    parts = [part async for part in route.cheap.stream(Prompt("", ()), Options())]
    assert parts == [Text("From the passages."), Stop("stop", model="extractive")]


async def test_when_every_provider_fails_the_extractive_model_answers() -> None:
    dead = ModelChoice("dead", "openai-compatible", "x", "http://127.0.0.1:9/v1")
    models = built(dead)
    route = build_route("answer", RouteChoice(cheap=("dead",)), models)
    parts = [part async for part in route.strong.stream(Prompt("", ()), Options())]
    assert parts == [Text("From the passages."), Stop("stop", model="extractive")]


async def test_a_model_knows_its_address_key_and_id() -> None:
    luna = built(LUNA)["luna"]
    assert isinstance(luna, RemoteModel)
    assert (luna.endpoint.base_url, luna.endpoint.api_key, luna.endpoint.id) == (
        "https://api.openai.com/v1",
        "a-key",
        "gpt-6-luna",
    )


async def test_a_server_of_ones_own_needs_no_key() -> None:
    own = built(replace(LUNA, base_url="http://127.0.0.1:9/v1/"), keys={})["luna"]
    assert isinstance(own, RemoteModel)
    assert (own.endpoint.base_url, own.endpoint.api_key) == ("http://127.0.0.1:9/v1", None)


@pytest.mark.parametrize(
    ("choice", "says"),
    [
        (replace(LUNA, dialect="telegraph"), 'the dialect "telegraph" is unknown. Use one of these: openai-chat'),
        (replace(LUNA, dialect="bedrock"), "the environment variable AWS_REGION is not set"),
        (replace(LUNA, id=""), "id is missing"),
        (replace(LUNA, base_url="ftp://x/v1"), "is no web address"),
        (replace(LUNA, base_url="http://a b/v1"), "is no web address"),
        (replace(LUNA, dialect="openai-compatible"), "base_url is missing"),
        (replace(LUNA, api_key_env="NO_SUCH_KEY"), "the environment variable NO_SUCH_KEY is not set"),
        (replace(LUNA, api_key_env="ODD_KEY"), "holds characters that no key has"),
        (replace(LUNA, name="extractive"), "taken already"),
    ],
)
async def test_a_mistake_is_told_with_its_place_and_its_mend(choice: ModelChoice, says: str) -> None:
    with pytest.raises(Misconfigured) as refusal:
        built(choice, keys=KEYS | {"ODD_KEY": "schlüssel\n"})
    assert refusal.value.detail.startswith(f'[[model]] number 1, "{choice.name}": ')
    assert says in refusal.value.detail


async def test_a_missing_key_of_the_provider_is_told() -> None:
    with pytest.raises(Misconfigured, match="OPENAI_API_KEY is not set"):
        built(LUNA, keys={})


async def refused(key: str) -> AsyncIterator[bytes]:
    yield json.dumps({"error": {"message": f"No such key: {key}, or is it?"}}).encode()


async def test_a_key_that_may_be_given_later_is_looked_up_for_each_call_and_nobody_is_asked_without() -> None:
    keys: dict[str, str] = {}
    asked: list[str | None] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.headers.get("authorization"))
        return httpx.Response(401, content=refused(keys["OPENAI_API_KEY"]))

    client = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    luna = build_models((LUNA,), keys, client, Local())["luna"]
    refuse_missing_keys((LUNA,), keys, given_later={"OPENAI_API_KEY"})
    told = []
    for key in (None, "first-secret", "second-secret"):
        if key:
            keys["OPENAI_API_KEY"] = key
        with pytest.raises(ModelError) as refusal:
            [part async for part in luna.stream(Prompt("", (Turn("user", "Hello?"),)), Options())]
        told.append(refusal.value)
    assert asked == ["Bearer first-secret", "Bearer second-secret"]
    assert {error.kind for error in told} == {"auth"}
    assert told[0].message == KEYLESS
    assert [error.message for error in told[1:]] == ["No such key: [key], or is it?"] * 2


async def test_a_name_can_be_given_once() -> None:
    with pytest.raises(Misconfigured, match='number 2, "luna": this name is taken'):
        built(LUNA, LUNA)


async def test_a_route_that_names_no_model_is_told_with_those_there_are() -> None:
    with pytest.raises(Misconfigured) as refusal:
        build_route("answer", RouteChoice(cheap=("lunna",)), built(LUNA))
    assert refusal.value.detail == (
        '[route.answer] cheap names "lunna", which is no [[model]]. Name one of these: extractive, luna.'
    )


def test_a_key_in_the_environment_brings_a_small_and_a_large_model() -> None:
    models, route = choices_from_keys({"ANTHROPIC_API_KEY": "k"})
    assert [model.dialect for model in models] == ["anthropic", "anthropic"]
    assert (route.cheap, route.strong) == ((models[0].name,), (models[1].name,))


def test_without_keys_there_are_no_models() -> None:
    assert choices_from_keys({"OPENAI_API_KEY": ""}) == ((), RouteChoice())


def test_models_without_a_route_are_tried_as_they_stand() -> None:
    assert default_route((LUNA, replace(LUNA, name="other"))) == RouteChoice(("luna", "other"), ("luna", "other"))


def authorization(model: RemoteModel) -> str:
    request = model.dialect.request(model.endpoint, Prompt("", (Turn("user", "Hello?"),)), Options(), stream=True)
    return request.headers["authorization"]


AWS = {"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "s3cret"}
NOVA = ModelChoice("nova", "bedrock", "us.amazon.nova-2-lite-v1:0")


async def test_bedrock_is_asked_in_its_region_with_signed_requests() -> None:
    nova = built(NOVA, keys=AWS)["nova"]
    assert isinstance(nova, RemoteModel)
    assert isinstance(nova.dialect, Signed)
    assert nova.endpoint.base_url == "https://bedrock-runtime.eu-west-1.amazonaws.com"
    assert nova.endpoint.api_key is None


async def test_a_bedrock_key_wins_over_an_access_key_and_the_address_over_the_region() -> None:
    keys = AWS | {"AWS_BEARER_TOKEN_BEDROCK": "b-key"}
    nova = built(NOVA, keys=keys)["nova"]
    assert isinstance(nova, RemoteModel)
    assert authorization(nova) == "Bearer b-key"
    del keys["AWS_BEARER_TOKEN_BEDROCK"]  # as an admin may while the server runs
    assert authorization(nova).startswith("AWS4-HMAC-SHA256 Credential=AKIA/")
    door = "https://bedrock-runtime-fips.us-gov-west-1.amazonaws.com"
    there = built(replace(NOVA, base_url=door), keys=AWS)["nova"]
    assert isinstance(there, RemoteModel)
    assert isinstance(there.dialect, Signed)
    assert (there.endpoint.base_url, there.dialect.region) == (door, "us-gov-west-1")


async def test_bedrock_without_any_key_is_told() -> None:
    with pytest.raises(Misconfigured, match="AWS_BEARER_TOKEN_BEDROCK is not set"):
        built(NOVA, keys={"AWS_REGION": "eu-west-1"})


async def test_an_access_key_that_was_copied_badly_is_told() -> None:
    with pytest.raises(Misconfigured, match="the key in AWS_SECRET_ACCESS_KEY holds characters that no key has"):
        built(NOVA, keys=AWS | {"AWS_SECRET_ACCESS_KEY": "schlüssel"})
