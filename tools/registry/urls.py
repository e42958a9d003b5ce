"""Addresses of weight files: which are taken, and the one form in which they are kept. Pure: nothing is asked of a network."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from tools.registry.errors import BadModelUrl

_SECRETS = frozenset(
    {"token", "key", "api_key", "apikey", "access_token", "auth", "signature", "x-amz-signature", "sig"}
)
_NOISE = frozenset({"download"})
_LOCAL_ENDINGS = (".local", ".internal", ".localhost", ".lan", ".home", ".home.arpa", ".intranet", ".corp", ".onion")
WEIGHTS = (".safetensors", ".sft", ".gguf", ".pth", ".pt", ".ckpt", ".bin", ".onnx")
_HOST = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")


def normalised(url: str) -> str:
    """The address as we keep it: https, a public host by name, no credentials, the file itself rather than its page.

    Hugging Face's `blob` becomes `resolve`; a Civitai page that names a version becomes its download. Raises BadModelUrl.
    """
    if len(url) > 2000 or any(ord(c) <= 32 or ord(c) > 126 or c == "\\" for c in url.strip()):
        raise BadModelUrl("The address holds blanks or signs that no address has.")
    try:
        parts = urlsplit(url.strip())
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        raise BadModelUrl from None
    if parts.scheme.lower() != "https":
        raise BadModelUrl("Only https addresses are taken.")
    if parts.username is not None or parts.password is not None:
        raise BadModelUrl("An address must not hold a name or password.")
    if port not in (None, 443):
        raise BadModelUrl("Only the usual port of https is taken.")
    _check_public(host)
    query = [(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if k.lower() not in _NOISE]
    if any(name.lower() in _SECRETS for name, _ in query):
        raise BadModelUrl("The address holds a token. Leave it out; tokens are set apart.")
    path, query = _the_file(host, parts.path, query)
    return urlunsplit(("https", host, path, urlencode(query), ""))


def is_public_name(host: str) -> bool:
    """Whether a host is a name that the whole world resolves, and no address of a network nearby."""
    host = host.lower()
    if host.endswith(_LOCAL_ENDINGS) or "." not in host:
        return False
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return _HOST.fullmatch(host) is not None
    return False


def file_name(url: str) -> str | None:
    """The weight file that the path names, None where it names none (Civitai's downloads)."""
    name = unquote(urlsplit(url).path.rpartition("/")[2])
    return name if name.lower().endswith(WEIGHTS) else None


def publisher(url: str) -> str | None:
    """`owner/repository` on Hugging Face, else the host."""
    parts = urlsplit(url)
    if parts.hostname == "huggingface.co":
        names = parts.path.strip("/").split("/")
        return "/".join(names[:2]) if len(names) > 2 else None
    return parts.hostname


def _check_public(host: str) -> None:
    if not is_public_name(host):
        raise BadModelUrl("The address must name a public host.")


def _the_file(host: str, path: str, query: list[tuple[str, str]]) -> tuple[str, list[tuple[str, str]]]:
    if host in ("huggingface.co", "www.huggingface.co", "hf.co"):
        names = path.strip("/").split("/")
        if len(names) < 5 or names[2] not in ("blob", "resolve", "raw"):
            raise BadModelUrl("That is a page. Name one file of the repository.")
        return "/" + "/".join([*names[:2], "resolve", *names[3:]]), []
    if host in ("civitai.com", "www.civitai.com") and re.match(r"/models/\d+", path):
        version = dict(query).get("modelVersionId", "")
        if not version.isdigit():
            raise BadModelUrl("That is a page of several versions. Use the address of one version's download.")
        return f"/api/download/models/{version}", []
    return path, query
