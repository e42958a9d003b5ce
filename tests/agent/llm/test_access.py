"""Keys go to the provider they are for, and to no other."""

from __future__ import annotations

from typing import Any

from agent.llm.access import Access, accesses
from agent.llm.assembly import open_llm_planner
from base.settings import Settings
from base.testing import ManualClock


def settings(**fields: Any) -> Settings:
    return Settings(_env_file=None, **fields)


def test_the_key_and_address_of_the_settings_are_for_the_models_provider_alone() -> None:
    given = settings(
        model="openai/one", model_key="sk-mine", model_url="http://127.0.0.1:1/v1",
        model_fallbacks="openai/two,anthropic/three",
    )  # fmt: skip
    environment = {"OPENAI_API_KEY": "sk-env", "ANTHROPIC_API_KEY": "sk-other"}
    mine = Access("http://127.0.0.1:1/v1", "sk-mine")
    assert accesses(given, environment) == {"openai/one": mine, "openai/two": mine, "anthropic/three": Access(None, "sk-other")}


def test_without_a_key_the_providers_own_variable_is_taken() -> None:
    assert accesses(settings(model="groq/x"), {"GROQ_API_KEY": "k"}) == {"groq/x": Access(None, "k")}
    assert accesses(settings(model="gpt-4o-mini"), {"OPENAI_API_KEY": "k"}) == {"gpt-4o-mini": Access(None, "k")}
    assert accesses(settings(model="together_ai/x"), {"TOGETHERAI_API_KEY": "k"}) == {"together_ai/x": Access(None, "k")}


def test_a_local_server_needs_no_key() -> None:
    assert accesses(settings(model="openai/x", model_url="http://127.0.0.1:1"), {})["openai/x"].key
    assert accesses(settings(), {}) == {}


def test_a_key_is_not_in_the_representation() -> None:
    assert "sk-mine" not in repr(Access(None, "sk-mine"))


async def test_a_planner_opens_from_settings_without_importing_anything_slow(clock: ManualClock) -> None:
    async with open_llm_planner(settings(model="openai/one"), {}, clock) as planner:
        assert planner.name == "llm"
