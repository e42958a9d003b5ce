"""The table of faults against the shapes that ComfyUI really sends."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from executor.comfy.attribution import DEADLY, RAISED, TABLE, attribute, classes, row_of
from executor.errors import JobProblem
from executor.model import FaultKind


def _raised(kind: str, message: str = "") -> dict[str, Any]:
    """The data of `execution_error`; messages end in a newline."""
    return {
        "prompt_id": "p", "node_id": "3", "node_type": "KSampler", "executed": ["4"], "exception_message": f"{message}\n",
        "exception_type": kind, "traceback": ["  File ..."], "current_inputs": {"seed": [7]}, "timestamp": 3000,
    }  # fmt: skip


def _input(kind: str, node: str, name: str, details: str = "") -> dict[str, Any]:
    """A refusal of one input, as in a 400 or in the node errors of a 200."""
    error = {"type": kind, "message": "m", "details": details, "extra_info": {"input_name": name}}
    refusal = {"type": "prompt_outputs_failed_validation", "message": "Prompt outputs failed validation", "details": ""}
    return {"error": refusal, "node_errors": {"4": {"errors": [error], "dependent_outputs": ["9"], "class_type": node}}}


def _refused(kind: str, message: str, details: str = "") -> dict[str, Any]:
    return {"error": {"type": kind, "message": message, "details": details, "extra_info": {}}, "node_errors": {}}


TIP = "\nThis error means you ran out of memory on your GPU.\n\nTIPS: ... set the batch_size to a large number."
SHAPES = [
    (_raised("torch.OutOfMemoryError", f"Allocation on device 0 would exceed allowed memory.{TIP}"), "job", "out_of_memory"),
    (_raised("torch.cuda.OutOfMemoryError", "CUDA out of memory. Tried to allocate 2.00 GiB"), "job", "out_of_memory"),
    (_raised("RuntimeError", "[enforce fail at alloc_cpu.cpp:117] DefaultCPUAllocator: can't allocate memory"),
     "job", "out_of_memory"),
    (_raised("MemoryError"), "job", "out_of_memory"),
    (_raised("OSError", "[Errno 28] No space left on device: '/srv/output/x_00001_.png'"), "host", "disk_full"),
    (_raised("safetensors_rust.SafetensorError", "I/O error: No space left on device (os error 28)"), "host", "disk_full"),
    (_raised("comfy.model_management.InterruptProcessingException"), "host", "interrupted"),
    (_raised("RuntimeError", "CUDA error: an illegal memory access was encountered"), "host", "gpu_failed"),
    (_raised("torch.AcceleratorError", "CUDA error: device-side assert triggered"), "host", "gpu_failed"),
    (_raised("RuntimeError", "cuDNN error: CUDNN_STATUS_EXECUTION_FAILED"), "host", "gpu_failed"),
    (_raised("OSError", "[Errno 5] Input/output error"), "host", "host_failed"),
    (_raised("OSError", "[Errno 24] Too many open files"), "host", "host_failed"),
    (_raised("FileNotFoundError", "[Errno 2] No such file or directory: '/srv/comfy/input/a.png'"), "host", "host_failed"),
    (_raised("ValueError", "cannot convert float NaN to integer"), "model", "not_a_number"),
    (_raised("safetensors_rust.SafetensorError", "Error while deserializing header: HeaderTooLarge"), "model", "model_broken"),
    (_raised("safetensors_rust.SafetensorError", "Error while deserializing header: MetadataIncompleteBuffer"),
     "model", "model_broken"),
    (_raised("_pickle.UnpicklingError", "invalid load key, '<'."), "model", "model_broken"),
    (_raised("RuntimeError", "Error(s) in loading state_dict for UNetModel: size mismatch for x"), "model", "model_broken"),
    (_raised("FileNotFoundError", "Model in folder 'vae' with filename 'x.safetensors' not found."), "model", "model_missing"),
    (_raised("PIL.UnidentifiedImageError", "cannot identify image file '/srv/comfy/input/a.png'"), "job", "input_unreadable"),
    (_raised("OSError", "image file is truncated (5 bytes not processed)"), "job", "input_unreadable"),
    (_raised("av.error.InvalidDataError", "[Errno 1094995529] Invalid data found when processing input: 'a.mp4'"),
     "job", "input_unreadable"),
    (_raised("NotADirectoryError", "[Errno 20] Not a directory: '/srv/comfy/output/x'"), "host", "host_failed"),
    (_raised("PermissionError", "[Errno 13] Permission denied: '/srv/comfy/models/x'"), "host", "host_failed"),
    (_raised("FileNotFoundError", "[Errno 2] No such file or directory: '/srv/comfy/output/model_1.png'"), "host", "host_failed"),
    (_raised("FileNotFoundError", "[Errno 2] No such file or directory: '/proc/x'"), "host", "host_failed"),
    (_raised("FileNotFoundError", "[Errno 2] No such file or directory: '/srv/comfy/models/vae/x'"), "model", "model_missing"),
    (_raised("ConnectionRefusedError", "[Errno 111] Connection refused"), "host", "host_failed"),
    (_raised("OSError", "[Errno 30] Read-only file system: '/srv/comfy/output/x.png'"), "host", "host_failed"),
    (_raised("OSError", "[Errno 116] Stale file handle"), "host", "host_failed"),
    (_raised("OSError", "[Errno 95] Operation not supported"), "host", "host_failed"),
    (_raised("OSError", "encoder error -2 when writing image file"), "host", "host_failed"),
    (_raised("OSError"), "host", "host_failed"),
    (_raised("OSError", "cannot write mode RGBA as JPEG"), "job", "node_failed"),
    (_raised("AttributeError", "'str' object has no attribute 'shape'"), "job", "node_failed"),
    (_raised("Exception", "Save image outside the output folder is not allowed."), "job", "node_failed"),
    (_input("value_not_in_list", "CheckpointLoaderSimple", "ckpt_name", "ckpt_name: 'a' not in ['b']"), "model", "model_missing"),
    (_input("value_not_in_list", "LoraLoader", "lora_name", "lora_name: 'a' not in (list of length 31)"),
     "model", "model_missing"),
    (_input("value_not_in_list", "LTXAVTextEncoderLoader", "text_encoder"), "model", "model_missing"),
    (_input("value_not_in_list", "ModelPatchLoader", "name"), "model", "model_missing"),
    (_input("value_not_in_list", "SomebodysLoader", "vae_name"), "model", "model_missing"),
    (_input("value_not_in_list", "KSampler", "sampler_name"), "job", "graph_refused"),
    (_input("value_not_in_list", "SomebodysNode", "name"), "job", "graph_refused"),
    (_input("value_not_in_list", "Load3D", "model_file"), "host", "host_failed"),
    (_input("custom_validation_failed", "LoadImage", "image", "image - Invalid image file: a.png"), "host", "host_failed"),
    (_input("custom_validation_failed", "LoadAudio", "audio", "audio - Invalid audio file: a.flac"), "host", "host_failed"),
    (_input("required_input_missing", "SaveImage", "images", "images"), "job", "graph_refused"),
    (_input("return_type_mismatch", "SaveImage", "images", "images, received_type(MASK) mismatch input_type(IMAGE)"),
     "job", "graph_refused"),
    (_input("value_bigger_than_max", "KSampler", "steps", "steps"), "job", "graph_refused"),
    (_refused("invalid_prompt", "Cannot execute because node NoSuchNode does not exist.", "Node ID '#2'"),
     "model", "node_missing"),
    (_refused("missing_node_type", "Node 'NoSuchNode' not found. The custom node may not be installed."),
     "model", "node_missing"),
    (_refused("invalid_prompt", "Cannot execute because a node is missing the class_type property.", "Node ID '#1'"),
     "job", "graph_refused"),
    (_refused("prompt_no_outputs", "Prompt has no outputs"), "job", "graph_refused"),
    (_refused("prompt_outputs_failed_validation", "Prompt outputs failed validation"), "job", "graph_refused"),
    (_refused("no_prompt", "No prompt provided", "No prompt provided"), "job", "graph_refused"),
    ({}, "job", "graph_refused"),
]  # fmt: skip


@pytest.mark.parametrize(("error", "kind", "code"), SHAPES)
def test_faults_are_attributed(error: dict[str, Any], kind: str, code: str) -> None:
    fault = attribute(error)
    assert (fault.kind, fault.code) == (kind, code)


def test_every_row_of_the_table_has_its_shape() -> None:
    assert {row_of(error) for error, _, _ in SHAPES} == set(TABLE)


def test_every_code_of_the_table_is_a_problem_with_words_of_its_own() -> None:
    known = {problem.code: problem for problem in JobProblem.__subclasses__()}
    codes = {row.code for row in TABLE} | DEADLY | {"interrupted"}
    assert codes <= set(known)
    assert all(known[code]().detail and known[code]().next_step for code in codes)


def test_the_worst_news_of_several_decides() -> None:
    error = _input("value_bigger_than_max", "KSampler", "steps")
    error["node_errors"]["5"] = _input("value_not_in_list", "VAELoader", "vae_name")["node_errors"]["4"]
    assert attribute(error).code == "model_missing"


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3), max_leaves=6,
)  # fmt: skip
KEYS = st.sampled_from(["error", "node_errors", "exception_type", "exception_message", "node_type"])


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(KEYS, JSON))
def test_any_nonsense_is_a_fault_and_repeats_nobodys_words(error: dict[str, Any]) -> None:
    fault = attribute(error)
    assert fault.kind in FaultKind
    assert str(error) not in repr(fault)


def test_the_words_of_an_error_stay_in_the_record() -> None:
    fault = attribute({**_raised("ValueError", "a secret prompt"), "node_type": "a secret prompt"})
    assert "secret" not in f"{fault.detail} {fault!r}"
    assert fault.record["exception_message"] == "a secret prompt\n"
    named = attribute(_raised("ValueError", "a secret prompt"))
    assert named.detail == "The step KSampler failed on the render server."
    assert classes(attribute(_raised("PIL.UnidentifiedImageError", "secret"))) == ("KSampler", "PIL.UnidentifiedImageError")
    assert classes(attribute({**_raised("a secret"), "node_type": "a secret"})) == (None, None)
    assert classes(attribute({})) == (None, None)
    assert all(row.detail is None or "{" not in row.detail for row in TABLE if row.said == RAISED)
