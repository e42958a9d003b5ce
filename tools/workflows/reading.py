"""What a person brings, read: a JSON file, or a picture, sound or film in which ComfyUI left the workflow. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from tools.convert.files import read_json
from tools.errors import NotAWorkflow, WorkflowTooLarge
from tools.graph import Graph
from tools.nesting import is_deeper_than, is_finite
from tools.workflows.model import MAX_BYTES, Form

MAX_FILE = 32 * 2**20
"""Bytes of a picture or film that is looked through for its workflow."""
_DEEPEST = 64
_LARGEST = 2**64
"""The largest seed; no node takes more."""
_PNG = b"\x89PNG\r\n\x1a\n"
_MEDIA = (b"fLaC", b"RIFF", b"\x1aE\xdf\xa3", b"OggS", b"ID3")
_KEYS = re.compile(rb'(workflow|prompt)"?\s*[:=]?[^{]{0,64}(?=\{)')
"""Where a metadata block of any container names the JSON that follows."""
_TRIES = 40


def read_file(data: bytes) -> dict[str, Any]:
    """The workflow of a file. Raises NotAWorkflow, WorkflowTooLarge."""
    if data.startswith(_PNG):
        return _best(_in_png(data))
    if data.startswith(_MEDIA) or data[4:8] == b"ftyp":
        return _best(_anywhere(data))
    if len(data) > MAX_BYTES:
        raise WorkflowTooLarge(f"A workflow has at most {MAX_BYTES} bytes.", maximum=MAX_BYTES)
    return checked(read_json(data))


def checked(document: Any) -> dict[str, Any]:
    """JSON that may be a workflow, of sane size. Raises NotAWorkflow, WorkflowTooLarge."""
    if not isinstance(document, dict) or not document:
        raise NotAWorkflow
    if is_deeper_than(_DEEPEST, document) or not is_finite(document) or _has_huge_number(document):
        raise NotAWorkflow("It is nested too deeply, or holds a number that no node takes.")
    try:
        size = len(json.dumps(document, ensure_ascii=False).encode())
    except ValueError:  # half a surrogate pair
        raise NotAWorkflow("It holds something that is no text.") from None
    if size > MAX_BYTES:
        raise WorkflowTooLarge(f"A workflow has at most {MAX_BYTES} bytes.", maximum=MAX_BYTES)
    return document


def form_of(document: dict[str, Any]) -> tuple[Form, Any]:
    """Which form it has, and the workflow itself where it stands inside of a request or of both forms together.

    Raises NotAWorkflow.
    """
    if isinstance(document.get("nodes"), list):
        return Form.UI, document
    if _is_graph(document):
        return Form.API, document
    for key in ("workflow", "prompt", "output"):
        inner = document.get(key)
        if isinstance(inner, dict) and inner:
            if isinstance(inner.get("nodes"), list):
                return Form.UI, inner
            if _is_graph(inner):
                return Form.API, inner
    raise NotAWorkflow


def graph_of(document: dict[str, Any]) -> Graph:
    """An API graph with classes and inputs alone. Raises NotAWorkflow."""
    if not _is_graph(document):
        raise NotAWorkflow
    return {
        key: {"class_type": node["class_type"], "inputs": dict(node["inputs"])} for key, node in document.items()
    }


def _has_huge_number(document: Any) -> bool:
    waiting = [document]
    while waiting:
        value = waiting.pop()
        if isinstance(value, int | float) and abs(value) > _LARGEST:
            return True
        waiting.extend(value.values() if isinstance(value, dict) else value if isinstance(value, list) else ())
    return False


def _is_graph(document: dict[str, Any]) -> bool:
    return bool(document) and all(
        isinstance(node, dict) and isinstance(node.get("class_type"), str) and isinstance(node.get("inputs"), dict)
        for node in document.values()
    )


def _best(found: Iterator[tuple[str, Any]]) -> dict[str, Any]:
    """The page's own form first: it has the titles."""
    by_name = dict(reversed(list(found)))
    document = by_name.get("workflow") or by_name.get("prompt")
    if document is None:
        raise NotAWorkflow("The file carries no workflow. (Many sites take it out of pictures.)")
    return checked(document)


def _in_png(data: bytes) -> Iterator[tuple[str, Any]]:
    """The plain text chunks before the picture's end; compressed ones are not what ComfyUI writes."""
    at = len(_PNG)
    while at + 12 <= len(data):
        size, kind = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8]
        body = data[at + 8 : at + 8 + size]
        if kind in (b"tEXt", b"iTXt"):
            name, _, text = body.partition(b"\0")
            value = _parsed(text.lstrip(b"\0"))
            if name in (b"workflow", b"prompt") and value is not None:
                yield name.decode(), value
        at += size + 12


def _anywhere(data: bytes) -> Iterator[tuple[str, Any]]:
    """In WebP, FLAC, MP4, WebM and Ogg it stands as plain text behind its name."""
    for number, found in enumerate(_KEYS.finditer(data)):
        if number == _TRIES:
            return
        value = _parsed(data[found.end() : found.end() + MAX_BYTES])
        if value is not None:
            yield found[1].decode(), value


def _parsed(text: bytes) -> Any | None:
    """The JSON object at the beginning of a text; None where none is."""
    start = text.find(b"{")
    if start < 0 or start > 64:
        return None
    try:
        value, _ = json.JSONDecoder().raw_decode(text[start : start + MAX_BYTES].decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) and value else None
