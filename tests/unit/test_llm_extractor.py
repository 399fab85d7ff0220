"""The extractor that asks a language model, with the real client against a real server that behaves and misbehaves."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from openai_server import Answer, completion, fact, openai_server, refuses, says

from extraction import ExtractionContext, ExtractionError, LLMExtractor, Turn, Usage

SAID = "I moved to Porto in May and I love tea."
PORTO = fact("LIVES_IN", "Porto", "Place", "I moved to Porto in May", valid_from="2024-05")
TEA = fact("LIKES", "tea", "Thing", "I love tea")
GOOD = says({"facts": [PORTO, TEA]})
NOTHING = says({"facts": []})


def extractor(server, **settings):
    return LLMExtractor("model-x", server.base_url, "sk-private", **{"timeout": 10.0, "backoff": 0.01, **settings})


async def read(reader, text=SAID, **more):
    try:
        return await reader.extract([Turn("user", text, **more)])
    finally:
        await reader.aclose()


def names(extraction):
    return [(f.predicate, f.object.name) for f in extraction.facts]


BOTH = [("LIVES_IN", "Porto"), ("LIKES", "tea")]


async def test_one_request_with_a_strict_schema_at_temperature_0():
    with openai_server(GOOD) as server:
        extraction = await read(extractor(server), at=datetime(2024, 6, 20, tzinfo=UTC))
    (request,) = server.requests
    assert server.paths == ["/v1/chat/completions"]
    assert server.keys == ["Bearer sk-private"]
    assert (request["model"], request["temperature"]) == ("model-x", 0)
    form = request["response_format"]
    assert (form["type"], form["json_schema"]["strict"]) == ("json_schema", True)
    assert set(request) == {"model", "temperature", "response_format", "messages"}
    assert [m["role"] for m in request["messages"]] == ["system", "user"]
    assert json.loads(request["messages"][1]["content"])["turns"] == [
        {"turn": 0, "role": "user", "speaker": "User", "at": "Thursday 2024-06-20T00:00+00:00", "text": SAID}
    ]
    assert names(extraction) == BOTH
    assert [f.evidence for f in extraction.facts] == ["I moved to Porto in May", "I love tea"]
    assert [e.name for e in extraction.entities] == ["Porto", "tea"]
    assert extraction.facts[0].valid_from == "2024-05"
    assert extraction.usage == Usage(1, 100, 20)


async def test_nothing_a_user_said_is_no_request():
    with openai_server(GOOD) as server:
        reader = extractor(server)
        assert (await reader.extract([Turn("assistant", "I live in Porto"), Turn("user", "  ")])).facts == ()
        assert (await reader.extract([])).facts == ()
        await reader.aclose()
    assert server.requests == []


@pytest.mark.parametrize("status", [429, 500, 502, 503, 408])
async def test_a_passing_failure_is_tried_again(status):
    with openai_server(refuses(status), refuses(status), GOOD) as server:
        assert names(await read(extractor(server))) == BOTH
    assert len(server.requests) == 3


async def test_a_connection_that_breaks_is_tried_again():
    with openai_server(Answer(hang_up=True), GOOD) as server:
        assert names(await read(extractor(server))) == BOTH


async def test_the_wait_that_a_server_asks_for_is_kept():
    with openai_server(refuses(429, retry_after="0.3"), GOOD) as server:
        loop = asyncio.get_running_loop()
        start = loop.time()
        assert names(await read(extractor(server, backoff=0.0))) == BOTH
        assert loop.time() - start >= 0.3


async def test_a_server_that_asks_for_no_wait_is_not_flooded():
    with openai_server(refuses(429, retry_after="0")) as server, pytest.raises(ExtractionError, match="429"):
        await read(extractor(server, backoff=0.1, timeout=0.5))
    assert len(server.requests) <= 4


@pytest.mark.parametrize(
    "told", ["3600", format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)], ids=["seconds", "date"]
)
async def test_a_wait_longer_than_the_time_left_fails_at_once(told):
    with (
        openai_server(refuses(429, retry_after=told)) as server,
        pytest.raises(ExtractionError, match=r"takes no more requests for now \(429\)"),
    ):
        await read(extractor(server))
    assert len(server.requests) == 1


async def test_a_server_that_never_answers_fails_after_the_timeout():
    with (
        openai_server(Answer(hang=True)) as server,
        pytest.raises(ExtractionError, match=r"127\.0\.0\.1:\d+ did not answer within 0\.3 seconds"),
    ):
        await read(extractor(server, timeout=0.3))


async def test_a_server_that_stays_down_fails_when_the_time_is_up():
    with (
        openai_server(refuses(503)) as server,
        pytest.raises(ExtractionError, match=r"^127\.0\.0\.1:\d+ answered 503$"),
    ):
        await read(extractor(server, timeout=0.4))
    assert len(server.requests) > 1


async def test_no_server_at_all():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/v1"
        with pytest.raises(ExtractionError, match=r"cannot be reached \(ConnectError\)"):
            await read(LLMExtractor("m", url, "k", timeout=0.3, backoff=0.01))


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (refuses(401), "refused the API key (401); check api_key or OPENAI_API_KEY"),
        (refuses(403), "does not allow this key to use 'model-x' (403)"),
        (refuses(404), "knows no model 'model-x'"),
        (refuses(400, "context_length_exceeded"), "refused the request with 400 (context_length_exceeded)"),
        (refuses(429, "insufficient_quota"), "is out of credit (insufficient_quota)"),
    ],
)
async def test_what_does_not_pass_fails_at_once_and_says_what_to_do(answer, told):
    with openai_server(answer) as server, pytest.raises(ExtractionError) as caught:
        await read(extractor(server))
    assert told in str(caught.value)
    assert len(server.requests) == 1


@pytest.mark.parametrize("answer", [refuses(s, code="sk-private is no key") for s in (400, 401, 403, 404, 418, 500)])
async def test_a_cause_is_one_line_without_key_and_users_words(answer):
    with openai_server(answer) as server, pytest.raises(ExtractionError) as caught:
        await read(extractor(server, timeout=0.3))
    cause = str(caught.value)
    assert "\n" not in cause
    assert not any(secret in cause for secret in ("sk-private", "secret words", "Porto"))


BROKEN = {
    "truncated": says('{"facts": [{"quote": "I moved', finish_reason="length"),
    "no JSON": says("I am sorry, there is nothing to say."),
    "half of JSON": says('{"facts": [{"quote": "I mo'),
    "another shape": says({"memories": ["Porto"]}),
    "a fact without a quotation": says({"facts": [{**PORTO, "quote": None}]}),
    "an entity without a name": says({"facts": [{**PORTO, "object": {"label": "Place"}}]}),
    "empty": says(""),
    "no content": says(None),
    "no choices": completion([]),
    "choices that are null": completion(None),
    "refusal": says(None, refusal="I cannot help with that"),
    "content filter": says("", finish_reason="content_filter"),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN.keys())
async def test_an_answer_that_cannot_be_used_is_asked_for_once_more(broken):
    with openai_server(broken, GOOD) as server:
        reader = extractor(server)
        extraction = await read(reader)
    assert names(extraction) == BOTH
    first, second = (request["messages"] for request in server.requests)
    assert second[:2] == first
    assert second[-1]["role"] == "user"
    assert second[-1]["content"].startswith("That answer cannot be used: ")
    assert extraction.usage == reader.usage == Usage(2, 200, 40)


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN.keys())
async def test_a_second_answer_that_cannot_be_used_either_fails(broken):
    with openai_server(broken) as server, pytest.raises(ExtractionError, match="gave no usable answer, not even when"):
        await read(extractor(server))
    assert len(server.requests) == 2


async def test_what_is_no_completion_at_all_fails_and_says_so():
    with (
        openai_server(Answer(body="<html>Welcome</html>")) as server,
        pytest.raises(ExtractionError, match="no choices"),
    ):
        await read(extractor(server))


async def test_a_body_that_is_no_json_is_an_endpoint_that_is_none():
    broken = Answer(body="{not json", headers={"Content-Type": "application/json"})
    with openai_server(broken) as server, pytest.raises(ExtractionError, match="gave no chat completion; check"):
        await read(extractor(server, timeout=0.3))


async def test_an_endpoint_without_schemas_is_noticed_once_and_served_by_json_mode(caplog):
    def script(request):
        form = request.get("response_format", {}).get("type")
        return refuses(400, None, "response_format") if form == "json_schema" else GOOD

    with openai_server(script=script) as server, caplog.at_level(logging.WARNING):
        reader = extractor(server)
        for _ in range(3):
            assert names(await reader.extract([Turn("user", SAID)])) == BOTH
        await reader.aclose()
    forms = [request["response_format"]["type"] for request in server.requests]
    assert forms == ["json_schema", "json_object", "json_object", "json_object"]
    assert '"additionalProperties":false' in server.requests[1]["messages"][0]["content"]
    assert "JSON" in server.requests[1]["messages"][0]["content"]
    assert [r.message for r in caplog.records if "does not take a JSON schema" in r.message] == [
        f"127.0.0.1:{server.port} does not take a JSON schema; model-x is asked in JSON mode from now on"
    ]


async def test_an_endpoint_without_json_mode_is_served_by_the_prompt_alone():
    def script(request):
        return (
            refuses(400)
            if "response_format" in request
            else says(f"Sure!\n```json\n{json.dumps({'facts': [TEA]})}\n```\nDone.")
        )

    with openai_server(script=script) as server:
        reader = extractor(server)
        for _ in range(2):
            assert names(await reader.extract([Turn("user", SAID)])) == [("LIKES", "tea")]
        await reader.aclose()
    assert ["response_format" in request for request in server.requests] == [True, True, False, False]


async def test_a_model_that_takes_no_temperature_is_asked_without():
    def script(request):
        return refuses(400, "unsupported_value", "temperature") if "temperature" in request else GOOD

    with openai_server(script=script) as server:
        reader = extractor(server)
        for _ in range(2):
            assert names(await reader.extract([Turn("user", SAID)])) == BOTH
        await reader.aclose()
    assert ["temperature" in request for request in server.requests] == [True, False, False]
    assert all(request["response_format"]["type"] == "json_schema" for request in server.requests)


async def test_a_refusal_for_another_reason_costs_no_format():
    """Every format is refused, so the format is not the reason; the next call asks with the schema again."""
    broken = True

    def script(request):
        return refuses(400, "some_other_reason") if broken else GOOD

    with openai_server(script=script) as server:
        reader = extractor(server)
        with pytest.raises(ExtractionError, match=r"400 \(some_other_reason\)"):
            await reader.extract([Turn("user", SAID)])
        broken = False
        assert names(await reader.extract([Turn("user", SAID)])) == BOTH
        await reader.aclose()
    assert server.requests[-1]["response_format"]["type"] == "json_schema"


async def test_only_so_many_calls_are_under_way_at_a_time():
    with openai_server(GOOD) as server:
        reader = extractor(server, concurrency=2)
        found = await asyncio.gather(*(reader.extract([Turn("user", SAID)]) for _ in range(12)))
        await reader.aclose()
    assert len(found) == len(server.requests) == 12
    assert server.most_under_way <= 2
    assert reader.usage == Usage(12, 1200, 240)


async def test_requests_are_spread_over_the_minute_and_the_wait_is_not_counted_against_the_timeout():
    with openai_server(NOTHING) as server:
        reader = extractor(server, requests_per_minute=600, timeout=0.25)
        loop = asyncio.get_running_loop()
        start = loop.time()
        await asyncio.gather(*(reader.extract([Turn("user", SAID)]) for _ in range(6)))
        assert loop.time() - start >= 0.5
        await reader.aclose()
    assert len(server.requests) == 6


def test_one_extractor_serves_one_event_loop_after_another():
    with openai_server(GOOD) as server:
        reader = extractor(server)
        for _ in range(2):
            assert names(asyncio.run(read(reader))) == BOTH
        for _ in range(2):
            assert names(asyncio.run(reader.extract([Turn("user", SAID)]))) == BOTH


async def test_a_server_of_ones_own_needs_no_key(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY")
    with openai_server(GOOD) as server:
        assert names(await read(LLMExtractor("m", server.base_url))) == BOTH


async def test_without_a_key_and_an_endpoint_nothing_can_be_asked(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY")
    monkeypatch.delenv("OPENAI_BASE_URL")
    with pytest.raises(ExtractionError, match="there is no API key; set api_key or OPENAI_API_KEY"):
        await read(LLMExtractor("m"))


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"model": " "}, "model is empty"),
        ({"base_url": "localhost:8000"}, "base_url is not valid"),
        ({"timeout": 0}, "timeout=0 is not valid"),
        ({"timeout": float("inf")}, "timeout=inf is not valid"),
        ({"concurrency": 0}, "concurrency=0 is not valid"),
        ({"requests_per_minute": 0}, "requests_per_minute=0 is not valid"),
        ({"backoff": -1}, "backoff=-1 is not valid"),
    ],
)
def test_settings_are_checked(settings, told):
    with pytest.raises(ValueError, match=told):
        LLMExtractor(**{"model": "m", **settings})


async def test_what_came_before_and_what_is_known_goes_with_the_request():
    from extraction import EntityMention

    context = ExtractionContext(
        history=(Turn("user", "My sister Ana is here"), Turn("assistant", "Lovely")),
        known=(EntityMention("Ana", "Person", ("sister",)),),
    )
    with openai_server(NOTHING) as server:
        reader = extractor(server)
        await reader.extract([Turn("user", "She lives in Porto")], context)
        await reader.aclose()
    sent = json.loads(server.requests[0]["messages"][1]["content"])
    assert [turn["text"] for turn in sent["history"]] == ["My sister Ana is here", "Lovely"]
    assert sent["known"] == [{"name": "Ana", "label": "Person", "aliases": ["sister"]}]
