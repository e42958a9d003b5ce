"""Hold the registry against what an entry must be. Pure: no network, only what the entries say."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from tools.registry.errors import BadModelUrl
from tools.registry.families import FAMILIES
from tools.registry.licences import licences
from tools.registry.model import FOLDERS, Finding, RegisteredModel
from tools.registry.urls import WEIGHTS, file_name, normalised

_SHA256 = re.compile(r"[0-9a-f]{64}")


def check(models: Iterable[RegisteredModel]) -> list[Finding]:
    """Everything wrong or missing, errors first, then by model."""
    listed = list(models)
    findings = [*_duplicates(listed), *(finding for model in listed for finding in of_one(model))]
    return sorted(findings, key=lambda finding: (finding.level, finding.model, finding.code))


def of_one(model: RegisteredModel) -> Iterator[Finding]:
    """What a single entry shows by itself."""
    if model.folder not in FOLDERS:
        yield _error(model, "folder", f"ComfyUI has no folder models/{model.folder}")
    if not is_plain_path(model.file):
        yield _error(model, "file", "the file name leads out of its folder or is no weight file")
    if model.sha256 is not None and not _SHA256.fullmatch(model.sha256):
        yield _error(model, "sha256", "a sha256 is 64 small hexadecimal digits")
    if model.base is not None and model.base not in FAMILIES:
        yield _error(model, "base", f"no family is called {model.base}")
    yield from _addresses(model)
    yield from _terms(model)


def is_plain_path(file: str) -> bool:
    """Whether a file stays beneath its folder on every system and is a kind of weight file."""
    path = PurePosixPath(file)
    plain = not path.is_absolute() and ".." not in path.parts and not re.search(r'[\\:*?"<>|\x00-\x1f]', file)
    return plain and str(path) == file and path.suffix.lower() in WEIGHTS


def _addresses(model: RegisteredModel) -> Iterator[Finding]:
    if model.url is None:
        yield _note(model, "no_url", "nothing says where it comes from")
        return
    for url in (model.url, *model.mirrors):
        try:
            kept = normalised(url)
        except BadModelUrl as problem:
            yield _error(model, "url", problem.detail)
            continue
        if kept != url:
            yield _error(model, "url", f"the address is not in its plain form: {kept}")
        named = file_name(url)
        if named is not None and named != PurePosixPath(model.file).name:
            yield _note(model, "other_name", f"its source calls it {named}")
    if any(len(urlsplit(url).query) > 200 for url in (model.url, *model.mirrors)):
        yield _note(model, "long_query", "the address carries a long query, which may be signed and lapse")


def _terms(model: RegisteredModel) -> Iterator[Finding]:
    if model.licence is None:
        yield _note(model, "no_licence", "its licence is not known")
    elif model.licence.lower() not in licences():
        yield _error(model, "licence", "no licence of that name is known")


def _duplicates(models: list[RegisteredModel]) -> Iterator[Finding]:
    for field in ("id", "place", "sha256"):
        counts = Counter(getattr(model, field) for model in models if getattr(model, field) is not None)
        for model in models:
            if counts[getattr(model, field)] > 1:
                level = _note if field == "sha256" else _error
                yield level(model, f"same_{field}", f"another entry has the same {field}")


def _error(model: RegisteredModel, code: str, message: str) -> Finding:
    return Finding(level="error", model=model.id, code=code, message=message)


def _note(model: RegisteredModel, code: str, message: str) -> Finding:
    return Finding(level="note", model=model.id, code=code, message=message)
