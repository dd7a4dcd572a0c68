"""What each dialect sends."""

import json
from dataclasses import fields
from typing import Any

import pytest

from app.llm.connecting import READY, dialect_named
from app.llm.types import Options, Prompt, Turn
from app.llm.wire.dialect import Endpoint, Request

PROMPT = Prompt("Be brief.", (Turn("user", "Hi"), Turn("assistant", "Hello."), Turn("user", "Why?")))
ENDPOINT = Endpoint("some-model", "https://provider.example/v1", "a-key", 500)
TURNS = [
    {"role": "user", "content": "Hi"},
    {"role": "assistant", "content": "Hello."},
    {"role": "user", "content": "Why?"},
]
PLAIN = Options()
SCHEMA = {"type": "object"}
ASKED = Options(temperature=0.2, top_p=0.9, stop_sequences=("END",), seed=7, json_schema=SCHEMA, effort="low")


def request(
    name: str, options: Options = PLAIN, *, stream: bool = True, api: str = "chat", endpoint: Endpoint = ENDPOINT
) -> Request:
    return dialect_named(name, api).request(endpoint, PROMPT, options, stream=stream)


def body(name: str, options: Options = PLAIN, *, stream: bool = True, api: str = "chat") -> dict[str, Any]:
    value: dict[str, Any] = json.loads(request(name, options, stream=stream, api=api).body)
    return value


@pytest.mark.parametrize(
    ("name", "api", "url", "shown"),
    [
        ("openai-chat", "chat", "/chat/completions", ("authorization", "Bearer a-key")),
        ("openai-compatible", "chat", "/chat/completions", ("authorization", "Bearer a-key")),
        ("openai-responses", "chat", "/responses", ("authorization", "Bearer a-key")),
        ("azure-openai", "chat", "/chat/completions", ("api-key", "a-key")),
        ("azure-openai", "responses", "/responses", ("api-key", "a-key")),
        ("anthropic", "chat", "/v1/messages", ("x-api-key", "a-key")),
        ("gemini", "chat", "/models/some-model:streamGenerateContent?alt=sse", ("x-goog-api-key", "a-key")),
        ("mistral", "chat", "/chat/completions", ("authorization", "Bearer a-key")),
        ("bedrock", "chat", "/model/some-model/converse-stream", ("authorization", "Bearer a-key")),
    ],
)
def test_each_provider_is_asked_at_its_own_door_with_its_own_key(
    name: str, api: str, url: str, shown: tuple[str, str]
) -> None:
    sent = request(name, api=api)
    assert sent.url == ENDPOINT.base_url + url
    assert dict(sent.headers) | dict([shown]) == dict(sent.headers)
    assert sent.headers["content-type"] == "application/json"


def test_prompts_that_begin_alike_say_so_where_the_provider_listens() -> None:
    options = Options(cache_key="w1:answer-3")
    for name in ("openai-chat", "openai-responses", "mistral"):
        assert body(name, options)["prompt_cache_key"] == "w1:answer-3"
        assert "prompt_cache_key" not in body(name)
    block = {"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}
    assert body("anthropic", options)["system"] == [block]
    assert body("anthropic")["system"] == "Be brief."
    assert body("openai-compatible", options) == body("openai-compatible")
    assert body("gemini", options) == body("gemini")


@pytest.mark.parametrize(("model", "can"), [("us.anthropic.claude-sonnet-5-5", True), ("meta.llama4", False)])
def test_bedrock_gets_a_cache_point_where_the_model_knows_one(model: str, can: bool) -> None:
    endpoint = Endpoint(model, "https://provider.example/v1", "a-key", 500)
    sent = json.loads(request("bedrock", Options(cache_key="w1"), endpoint=endpoint).body)
    assert sent["system"] == [{"text": "Be brief."}, *([{"cachePoint": {"type": "default"}}] if can else [])]


def test_openai_is_asked_for_usage_and_no_padding() -> None:
    assert body("openai-chat") == {
        "model": "some-model",
        "messages": [{"role": "system", "content": "Be brief."}, *TURNS],
        "max_completion_tokens": 500,
        "stream": True,
        "stream_options": {"include_usage": True, "include_obfuscation": False},
    }


def test_options_reach_openai_under_its_names() -> None:
    sent = body("openai-chat", ASKED, stream=False)
    assert (sent["temperature"], sent["top_p"], sent["stop"], sent["seed"]) == (0.2, 0.9, ["END"], 7)
    assert (sent["reasoning_effort"], sent["response_format"]["json_schema"]["schema"]) == ("low", SCHEMA)
    assert "stream_options" not in sent


def test_compatible_servers_and_mistral_have_names_of_their_own() -> None:
    compatible, mistral = body("openai-compatible", ASKED), body("mistral", ASKED)
    assert (compatible["max_tokens"], compatible["seed"]) == (500, 7)
    assert compatible["stream_options"] == {"include_usage": True}
    assert (mistral["max_tokens"], mistral["random_seed"], "stream_options" in mistral) == (500, 7, False)


def test_anthropic_takes_the_system_text_apart_and_always_a_limit() -> None:
    sent = body("anthropic", ASKED)
    assert (sent["system"], sent["messages"], sent["max_tokens"]) == ("Be brief.", TURNS, 500)
    assert sent["output_config"] == {"effort": "low", "format": {"type": "json_schema", "schema": SCHEMA}}
    assert (sent["stop_sequences"], "seed" in sent) == (["END"], False)


def test_responses_keeps_nothing_at_the_provider() -> None:
    sent = body("openai-responses", ASKED)
    assert (sent["store"], sent["instructions"], sent["input"]) == (False, "Be brief.", TURNS)
    assert (sent["max_output_tokens"], sent["reasoning"]) == (500, {"effort": "low"})
    assert sent["text"]["format"]["schema"] == SCHEMA


def test_gemini_calls_the_assistant_model_and_its_settings_otherwise() -> None:
    sent = body("gemini", ASKED)
    assert [turn["role"] for turn in sent["contents"]] == ["user", "model", "user"]
    assert sent["systemInstruction"] == {"parts": [{"text": "Be brief."}]}
    assert sent["generationConfig"] == {
        "maxOutputTokens": 500,
        "temperature": 0.2,
        "topP": 0.9,
        "stopSequences": ["END"],
        "seed": 7,
        "thinkingConfig": {"thinkingLevel": "low"},
        "responseMimeType": "application/json",
        "responseJsonSchema": SCHEMA,
    }
    assert request("gemini", stream=False).url.endswith(":generateContent")


def test_an_entra_token_is_borne_to_azure() -> None:
    token = Endpoint("some-model", "https://provider.example/v1", "eyJhbGciOi.some.token")
    sent = request("azure-openai", endpoint=token)
    assert sent.headers["authorization"] == "Bearer eyJhbGciOi.some.token"
    assert "api-key" not in sent.headers


@pytest.mark.parametrize("name", READY)
def test_the_options_limit_wins_over_the_models(name: str) -> None:
    assert "321" in request(name, Options(max_output_tokens=321)).body.decode()


@pytest.mark.parametrize("name", READY)
def test_what_was_not_asked_is_not_sent(name: str) -> None:
    assert b"null" not in request(name).body


def test_bedrock_takes_texts_in_blocks_and_its_settings_apart() -> None:
    sent = body("bedrock", ASKED)
    assert sent["messages"][0] == {"role": "user", "content": [{"text": "Hi"}]}
    assert sent["system"] == [{"text": "Be brief."}]
    assert sent["inferenceConfig"] == {"maxTokens": 500, "temperature": 0.2, "topP": 0.9, "stopSequences": ["END"]}
    form = {"type": "json_schema", "structure": {"jsonSchema": {"name": "answer", "schema": '{"type": "object"}'}}}
    assert sent["outputConfig"] == {"textFormat": form, "effort": "low"}


def test_the_name_of_a_bedrock_model_is_written_as_it_will_be_sent() -> None:
    nova = Endpoint("us.amazon.nova-2-lite-v1:0", "https://provider.example", "a-key")
    assert request("bedrock", endpoint=nova).url == (
        "https://provider.example/model/us.amazon.nova-2-lite-v1:0/converse-stream"
    )
    assert request("bedrock", endpoint=nova, stream=False).url.endswith("/converse")


WHERE: dict[str, dict[str, str]] = {
    "openai-chat": {
        "temperature": "temperature",
        "top_p": "top_p",
        "max_output_tokens": "max_completion_tokens",
        "stop_sequences": "stop",
        "seed": "seed",
        "json_schema": "response_format.json_schema.schema",
        "effort": "reasoning_effort",
    },
    "openai-responses": {
        "temperature": "temperature",
        "top_p": "top_p",
        "max_output_tokens": "max_output_tokens",
        "json_schema": "text.format.schema",
        "effort": "reasoning.effort",
    },
    "anthropic": {
        "temperature": "temperature",
        "top_p": "top_p",
        "max_output_tokens": "max_tokens",
        "stop_sequences": "stop_sequences",
        "json_schema": "output_config.format.schema",
        "effort": "output_config.effort",
    },
    "gemini": {
        "temperature": "generationConfig.temperature",
        "top_p": "generationConfig.topP",
        "max_output_tokens": "generationConfig.maxOutputTokens",
        "stop_sequences": "generationConfig.stopSequences",
        "seed": "generationConfig.seed",
        "json_schema": "generationConfig.responseJsonSchema",
        "effort": "generationConfig.thinkingConfig.thinkingLevel",
    },
    "bedrock": {
        "temperature": "inferenceConfig.temperature",
        "top_p": "inferenceConfig.topP",
        "max_output_tokens": "inferenceConfig.maxTokens",
        "stop_sequences": "inferenceConfig.stopSequences",
        "json_schema": "outputConfig.textFormat.structure.jsonSchema.schema",
        "effort": "outputConfig.effort",
    },
}
WHERE["openai-compatible"] = WHERE["openai-chat"] | {"max_output_tokens": "max_tokens"}
WHERE["mistral"] = WHERE["openai-compatible"] | {"seed": "random_seed"}
WHERE["azure-openai"] = WHERE["openai-chat"]
VALUES: dict[str, Any] = {
    "temperature": 0.25,
    "top_p": 0.75,
    "max_output_tokens": 321,
    "stop_sequences": ("END", "STOP"),
    "seed": 7,
    "json_schema": {"type": "object", "properties": {"a": {"type": "string"}}},
    "effort": "low",
}


@pytest.mark.parametrize("option", VALUES)
@pytest.mark.parametrize("name", READY)
def test_every_option_goes_where_the_provider_looks_for_it(name: str, option: str) -> None:
    asked = body(name, Options(**{option: VALUES[option]}), stream=False)
    place = WHERE[name].get(option)
    if place is None:
        assert asked == body(name, stream=False)  # the provider has no such setting
        return
    found: Any = asked
    for step in place.split("."):
        found = found[step]
    expected = list(VALUES[option]) if option == "stop_sequences" else VALUES[option]
    assert (json.loads(found) if name == "bedrock" and option == "json_schema" else found) == expected


def test_every_option_is_looked_at() -> None:
    ours = {field.name for field in fields(Options)} - {"timeout", "cache_key", "payer", "tally", "waits"}
    assert ours == set(VALUES)
    assert set(WHERE) == set(READY)
