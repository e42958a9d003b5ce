"""Which address and key a model is asked with. A key never goes to another provider than the one it is for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from base.settings import Settings

#: litellm's prefix -> the provider's own variable, where it is not PREFIX_API_KEY.
_VARIABLES = {"together_ai": "TOGETHERAI_API_KEY", "huggingface": "HF_TOKEN", "vercel_ai_gateway": "AI_GATEWAY_API_KEY"}
#: Servers that need no key still want the header.
_NO_KEY = "none"


@dataclass(frozen=True)
class Access:
    """Base URL and key; None leaves them to litellm's defaults for the provider."""

    url: str | None = None
    key: str | None = field(default=None, repr=False)


def accesses(settings: Settings, environment: Mapping[str, str]) -> dict[str, Access]:
    """Model name -> Access, in the order in which they are tried. `environment` holds the providers' own variables."""
    names = [settings.model, *settings.model_fallbacks] if settings.model else []
    return {name: _access(name, settings, environment) for name in names}


def _access(name: str, settings: Settings, environment: Mapping[str, str]) -> Access:
    own = environment.get(_VARIABLES.get(_provider(name), f"{_provider(name).upper()}_API_KEY"))
    if _provider(name) != _provider(settings.model or ""):
        return Access(None, own)
    key = settings.model_key.get_secret_value() if settings.model_key else own
    return Access(settings.model_url, key or (_NO_KEY if settings.model_url else None))


def _provider(name: str) -> str:
    """litellm takes a bare name of OpenAI's as OpenAI's; of others' bare names it is wiser to give the full one."""
    prefix, slash, _rest = name.partition("/")
    return prefix.lower() if slash else "openai"
