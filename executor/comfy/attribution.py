"""Whose fault an error is: one table over ComfyUI's real error shapes. Pure.

What a server says is taken apart into complaints (an exception while rendering, the refusal of a graph, the refusal of
one input), and the first line of the table that fits one of them decides. One more fault is one more line, a class in
`errors.py` if its code is new, and a recorded shape in the test.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from executor.comfy.capabilities import SOURCES
from executor.comfy.faults import NODE_FAILED, NOT_TAKEN
from executor.model import Fault, FaultKind

RAISED, REFUSED, INPUT = "raised", "refused", "input"
#: Faults after which the server that had the job is taken for dead, or as good as dead.
DEADLY = frozenset({"host_lost", "gpu_failed", "no_progress"})
#: Faults that may be the job's as well as the server's: what happens elsewhere tells.
DOUBTFUL = frozenset({NODE_FAILED, NOT_TAKEN})


@dataclass(frozen=True)
class Complaint:
    """One thing that is wrong. `type` is ComfyUI's word for it, or the class of the exception; `place` is `class.input`."""

    said: str
    type: str
    text: str
    place: str = ""


@dataclass(frozen=True)
class Row:
    """One line of the table: patterns that are searched for, and the fault that they mean."""

    said: str
    kind: FaultKind
    code: str
    detail: str | None = None
    type: str = ""
    text: str = ""
    place: str = ""

    def fits(self, complaint: Complaint) -> bool:
        pairs = ((self.type, complaint.type), (self.text, complaint.text), (self.place, complaint.place))
        return self.said == complaint.said and all(re.search(sought, found, re.IGNORECASE) for sought, found in pairs)


_LOADS = "|".join(rf"^{node}\.{field}$" for node, field, _ in SOURCES)
_MODEL_PLACE = (
    rf"{_LOADS}|\.(ckpt|lora|vae|unet|clip|model|control_net|style_model|upscale_model|gligen|diffusion_model)_?name\d*$"
)
_FILE_PLACE = r"\.(image|mask|audio|video|file|model_file|mesh)$"
_LOST_INPUT = "The render server lost an input file."
#: What Python raises when the system refuses something, and no library by itself.
_OF_THE_SYSTEM = (
    r"^(builtins\.)?(NotADirectory|IsADirectory|Permission|FileExists|FileNotFound|BlockingIO|BrokenPipe|ChildProcess"
    r"|ProcessLookup|Interrupted|Connection\w*)Error$"
)
_PLAIN_OS = r"^(builtins\.)?(OS|IO|Environment)Error$"
_MODEL_FILE = r"\bmodels?\b|\.(safetensors|sft|ckpt|pth?|bin|gguf|onnx)\b"
_UNREADABLE = (
    r"UnidentifiedImage|cannot identify image|DecompressionBomb|image file is truncated|LibsndfileError|InvalidDataError"
    r"|Invalid data found when processing|(broken|unrecognized) (PNG|data stream)"
)

TABLE = (
    # while rendering
    Row(RAISED, FaultKind.JOB, "out_of_memory",
        text=r"OutOfMemory|out of memory|Allocation on device|MemoryError|can(no|')t allocate memory"),
    Row(RAISED, FaultKind.HOST, "disk_full", text=r"No space left|Errno 28\b|ENOSPC|quota exceeded"),
    Row(RAISED, FaultKind.HOST, "interrupted", "Somebody stopped the job on the render server.",
        type=r"InterruptProcessing"),
    Row(RAISED, FaultKind.HOST, "gpu_failed",
        text=r"CUDA error|cuDNN|CUBLAS|device-side assert|NCCL|driver|HIP error|illegal memory access"),
    Row(RAISED, FaultKind.HOST, "host_failed",
        text=r"Input/output error|Errno 5\b|Too many open files|Read-only file|Stale file handle"),
    Row(RAISED, FaultKind.MODEL, "not_a_number", text=r"\bNaNs?\b|non-?finite"),
    Row(RAISED, FaultKind.HOST, "host_failed", _LOST_INPUT, type=r"FileNotFound", text=r"[/\\]input[/\\]"),
    Row(RAISED, FaultKind.HOST, "host_failed", type=r"FileNotFound", text=r"[/\\](output|temp)[/\\]"),
    Row(RAISED, FaultKind.MODEL, "model_missing", "A model file is missing there.", type=r"FileNotFound", text=_MODEL_FILE),
    Row(RAISED, FaultKind.MODEL, "model_broken",
        text=r"safetensor|HeaderTooLarge|MetadataIncompleteBuffer|InvalidHeader|UnpicklingError"
             r"|loading state_dict|PytorchStreamReader"),
    Row(RAISED, FaultKind.JOB, "input_unreadable", text=_UNREADABLE),
    Row(RAISED, FaultKind.HOST, "host_failed", type=_OF_THE_SYSTEM),
    # libraries raise it too, without a number, about what they were given
    Row(RAISED, FaultKind.HOST, "host_failed", type=_PLAIN_OS, text=r"errno -?\d|os error \d|WinError|when writing|^\S+\s*$"),
    Row(RAISED, FaultKind.JOB, NODE_FAILED),
    # the graph, before rendering
    Row(INPUT, FaultKind.MODEL, "model_missing", "The render server does not have a model file that this asks for.",
        type=r"^value_not_in_list$", place=_MODEL_PLACE),
    Row(INPUT, FaultKind.HOST, "host_failed", _LOST_INPUT, type=r"^custom_validation_failed$", text=r"Invalid \w+ file"),
    Row(INPUT, FaultKind.HOST, "host_failed", _LOST_INPUT, type=r"^value_not_in_list$", place=_FILE_PLACE),
    Row(REFUSED, FaultKind.MODEL, "node_missing", "The render server does not know a node that this needs.",
        type=r"^(invalid_prompt|missing_node_type)$", text=r"does not exist|not found"),
    Row(INPUT, FaultKind.JOB, "graph_refused"),
    Row(REFUSED, FaultKind.JOB, "graph_refused"),
)  # fmt: skip
_UNKNOWN = TABLE[-1]


def attribute(error: Mapping[str, Any]) -> Fault:
    """ComfyUI's error to a fault: a refusal of /prompt (`error`, `node_errors`) or the data of `execution_error`.

    Its words stay in the record, which is content: a detail holds only words of ours and the class of a node.
    """
    record, row = dict(error), row_of(error)
    detail = _which_node(record) if row.code == NODE_FAILED else row.detail
    return Fault(row.kind, row.code, detail, record)


def row_of(error: Mapping[str, Any]) -> Row:
    """The line of the table that decides."""
    complaints = list(_complaints(error))
    return next((row for row in TABLE if any(row.fits(one) for one in complaints)), _UNKNOWN)


def _complaints(error: Mapping[str, Any]) -> Iterator[Complaint]:
    if "exception_type" in error or "exception_message" in error:
        kind = str(error.get("exception_type", ""))
        yield Complaint(RAISED, kind, f"{kind} {error.get('exception_message', '')}")
        return
    refusal = error.get("error")
    if isinstance(refusal, dict):
        yield Complaint(REFUSED, str(refusal.get("type")), f"{refusal.get('message')} {refusal.get('details')}")
    nodes = error.get("node_errors")
    for node in nodes.values() if isinstance(nodes, dict) else ():
        if isinstance(node, dict) and isinstance(node.get("errors"), list):
            yield from (_about_input(node, one) for one in node["errors"] if isinstance(one, dict))


def _about_input(node: Mapping[str, Any], error: Mapping[str, Any]) -> Complaint:
    extra = error.get("extra_info")
    name = extra.get("input_name") if isinstance(extra, dict) else None
    place = f"{node.get('class_type', '')}.{name or ''}"
    return Complaint(INPUT, str(error.get("type")), str(error.get("details")), place)


def classes(fault: Fault) -> tuple[str | None, str | None]:
    """The class of the node that raised it and of what it raised, which nobody who asks for pictures names; None where it
    says nothing that could be one."""
    node, raised = (str(fault.record.get(name, ""))[:80] for name in ("node_type", "exception_type"))
    return node if node.isidentifier() else None, raised if all(map(str.isidentifier, raised.split("."))) else None


def _which_node(record: Mapping[str, Any]) -> str | None:
    node = record.get("node_type")
    return f"The step {node} failed on the render server." if isinstance(node, str) and node.isidentifier() else None
