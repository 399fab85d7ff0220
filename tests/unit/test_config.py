"""A setting that cannot be is refused at once, with its name, its value and what would be accepted."""

from __future__ import annotations

import dataclasses

import pytest

from extraction import Catalogue, Relation
from graphmem import LLMConfig, MemLayerConfig
from graphmem.errors import ConfigError
from graphmem.extractors import catalogue_of, make_extractor


def test_the_defaults_are_an_embedded_store():
    config = MemLayerConfig()
    assert (config.provider, config.connection_url, config.extractor) == ("sqlite", None, "auto")
    assert (config.ttl, config.buffer_size, config.max_tokens) == (None, 8, 1000)
    with pytest.raises(dataclasses.FrozenInstanceError):
        config.ttl = 3  # type: ignore[misc]


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"provider": "redis"}, "provider='redis' is not valid: one of sqlite, neo4j"),
        ({"provider": "neo4j"}, "connection_url=None is not valid: a URL such as neo4j://localhost:7687"),
        ({"provider": "neo4j", "connection_url": "http://x"}, "connection_url='http://x'"),
        ({"provider": "sqlite", "connection_url": "bolt://x:7687"}, "set provider='neo4j'"),
        ({"auth": ("neo4j",)}, "auth="),
        ({"ttl": 0}, "ttl=0 is not valid"),
        ({"ttl": float("nan")}, "ttl=nan"),
        ({"ttl": True}, "ttl=True"),
        ({"buffer_size": -1}, "buffer_size=-1"),
        ({"buffer_size": 2.5}, "buffer_size=2.5"),
        ({"max_tokens": 0}, "max_tokens=0"),
        ({"extractor": "magic"}, "one of auto, local, rules, llm, hybrid, none"),
        ({"extractor": object()}, "async extract"),
        ({"extractor": "llm"}, "set llm=LLMConfig"),
    ],
)
def test_an_invalid_setting_names_itself_and_what_is_allowed(settings, says):
    with pytest.raises(ConfigError) as caught:
        MemLayerConfig(**settings)
    assert says in str(caught.value)
    assert caught.value.field in settings or caught.value.field == "connection_url"


@pytest.mark.parametrize("catalogue", ["DRIVES", "own relations:X", ":X", 7])
def test_a_catalogue_is_one_or_names_one(catalogue):
    with pytest.raises(ConfigError, match="MODULE:NAME of one or of an extractor"):
        MemLayerConfig(catalogue=catalogue)


@pytest.mark.parametrize("extractor", ["rules", "local", "llm", "hybrid"])
def test_the_extractors_that_graphmem_makes_know_the_catalogue(extractor):
    drives = Relation("DRIVES", "Vehicle", ("drives {o}", "drove {o}", "does not drive {o}"))
    catalogue = Catalogue().extended(drives)
    llm = LLMConfig("some-model", base_url="http://127.0.0.1:9/v1")
    config = MemLayerConfig(extractor=extractor, catalogue=catalogue, llm=llm)
    made, _ = make_extractor(config)
    assert made.catalogue is catalogue
    assert catalogue_of(config, made) is catalogue


def test_secrets_are_in_no_repr_and_no_error():
    config = MemLayerConfig(
        provider="neo4j",
        connection_url="bolt://h:1",
        auth=("neo4j", "hunter2"),
        llm=LLMConfig("m", api_key="sk-secret"),
    )
    assert "hunter2" not in repr(config)
    assert "sk-secret" not in repr(config)
    with pytest.raises(ConfigError) as caught:
        MemLayerConfig(auth=("neo4j", "hunter2", "x"))  # type: ignore[arg-type]
    assert "hunter2" not in str(caught.value)


def test_the_environment_gives_every_setting():
    config = MemLayerConfig.from_env(
        {
            "GRAPHMEM_URL": "neo4j://db:7687",
            "GRAPHMEM_USER": "bob",
            "GRAPHMEM_PASSWORD": "pw",
            "GRAPHMEM_DATABASE": "memories",
            "GRAPHMEM_TTL": "3600",
            "GRAPHMEM_TTL_FACTS": "yes",
            "GRAPHMEM_BUFFER_SIZE": "4",
            "GRAPHMEM_MAX_TOKENS": "500",
            "GRAPHMEM_EXTRACTOR": "rules",
            "GRAPHMEM_LLM_MODEL": "gpt",
            "OPENAI_API_KEY": "k",
            "OPENAI_BASE_URL": "http://localhost:1/v1",
        }
    )
    assert config == MemLayerConfig(
        provider="neo4j",
        connection_url="neo4j://db:7687",
        auth=("bob", "pw"),
        database="memories",
        ttl=3600.0,
        ttl_facts=True,
        buffer_size=4,
        max_tokens=500,
        extractor="rules",
        llm=LLMConfig("gpt", "http://localhost:1/v1", "k"),
    )


def test_an_empty_environment_is_the_defaults():
    assert MemLayerConfig.from_env({}) == MemLayerConfig()


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("GRAPHMEM_TTL", "soon", "GRAPHMEM_TTL='soon' is not valid: a number"),
        ("GRAPHMEM_BUFFER_SIZE", "2.5", "GRAPHMEM_BUFFER_SIZE='2.5'"),
        ("GRAPHMEM_TTL_FACTS", "perhaps", "true or false"),
        ("GRAPHMEM_PROVIDER", "redis", "one of sqlite, neo4j"),
    ],
)
def test_an_invalid_variable_is_named(variable, value, says):
    with pytest.raises(ConfigError) as caught:
        MemLayerConfig.from_env({variable: value})
    assert says in str(caught.value)
