"""The client's parts, against what real servers were seen to say."""

from __future__ import annotations

import base64
import io
import json
import struct
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from executor.comfy.capabilities import choices, read_capabilities
from executor.comfy.faults import Faulted
from executor.comfy.http import ComfyHttp, FileGone, FileRef, host_port
from executor.comfy.meter import Meter
from executor.comfy.previews import Preview, parse_frame, shrink
from executor.comfy.socket import Switchboard
from executor.comfy.verdict import Ending, read_verdict
from executor.model import FaultKind
from executor.providers.static import instance_id
from executor.testing import FaultyComfy, picture

FACTS = Path(__file__).resolve().parents[2] / "tools" / "reference"


# --- what an instance can run


@pytest.mark.parametrize("file", sorted(FACTS.glob("object_info-*.json")), ids=lambda f: f.stem)
def test_real_servers_are_read_with_both_ways_of_writing_choices(file: Path) -> None:
    info = json.loads(file.read_text(encoding="utf-8"))
    known = read_capabilities(info, sketch=False, samplers=True)
    assert {"KSampler", "LoadImage", "SaveImage", "ImageScale"} <= known.nodes
    assert {"checkpoints", "loras", "vae", "upscale_models", "diffusion_models", "text_encoders"} <= known.models.keys()
    plain = read_capabilities(info, sketch=True, samplers=False)
    assert {"LoadImage", "ImageScale"} <= plain.nodes
    assert not {"KSampler", "CheckpointLoaderSimple", "UpscaleModelLoader", "SamplerCustomAdvanced"} & plain.nodes
    assert plain.models == {}


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ([["a", "b"], {"tooltip": "x"}], ["a", "b"]),
        ([["a"]], ["a"]),
        (["COMBO", {"multiselect": False, "options": ["x.pth"]}], ["x.pth"]),
        (["COMBO", {"remote": {"route": "/x"}}], []),
        (["STRING", {}], []),
        (None, []),
        ("nonsense", []),
    ],
)
def test_choices_old_and_new(field: Any, values: list[str]) -> None:
    assert choices({"input": {"required": {"n": field}}}, "n") == values
    assert choices({"input": {"optional": {"n": field}}}, "n") == values


@pytest.mark.parametrize("node", [None, [], {}, {"input": None}, {"input": {"required": []}}])
def test_a_node_without_inputs_has_no_choices(node: Any) -> None:
    assert choices(node, "n") == []


# --- how a job ended


def _entry(last: str, data: dict[str, Any] | None = None, outputs: Any = None) -> dict[str, Any]:
    messages = [["execution_start", {"timestamp": 1_000}], [last, {"timestamp": 3_500, **(data or {})}]]
    status = {"status_str": "success" if last.endswith("success") else "error", "messages": messages}
    return {"outputs": outputs or {}, "status": status}


def test_the_last_message_is_the_verdict() -> None:
    outputs = {"9": {"images": [{"filename": "a", "subfolder": "b", "type": "output"}]}}
    done = read_verdict(_entry("execution_success", outputs=outputs))
    assert (done.ending, done.seconds, done.files) == (Ending.SUCCESS, 2.5, {"9": [FileRef("a", "b")]})
    assert read_verdict(_entry("execution_interrupted")).ending is Ending.INTERRUPTED
    failed = read_verdict(_entry("execution_error", {"exception_type": "MemoryError", "exception_message": "x"}))
    assert failed.fault is not None
    assert failed.fault.code == "out_of_memory"


def test_outputs_under_any_key_count() -> None:
    outputs = {"1": {"audio": [{"filename": "a.flac"}], "text": ["words"]}, "2": {"animated": [True]}, "3": None}
    assert read_verdict(_entry("execution_success", outputs=outputs)).files == {"1": [FileRef("a.flac")]}


@pytest.mark.parametrize("entry", [{}, {"status": None}, {"status": {"messages": [1, ["x"], ["y", 2]]}, "outputs": []}])
def test_a_strange_entry_is_no_crash(entry: dict[str, Any]) -> None:
    assert read_verdict(entry).files == {}


# --- previews and messages


def test_previews_of_both_formats_are_read() -> None:
    head = json.dumps({"prompt_id": "p"}).encode()
    assert parse_frame(struct.pack(">II", 1, 1) + b"jpeg") == Preview(None, b"jpeg")
    assert parse_frame(struct.pack(">II", 4, len(head)) + head + b"jpeg") == Preview("p", b"jpeg")
    assert parse_frame(struct.pack(">II", 3, 1) + b"a") is None


@given(st.binary(max_size=64))
def test_any_binary_frame_is_read_or_dropped(frame: bytes) -> None:
    Switchboard().hear(frame)
    parse_frame(frame)


@given(st.text() | st.recursive(st.none() | st.text(), lambda c: st.dictionaries(st.text(), c)).map(json.dumps))
def test_any_text_frame_is_read_or_dropped(frame: str) -> None:
    Switchboard().hear(frame)


def test_a_preview_is_made_small() -> None:
    url = shrink(picture((1024, 512), format="PNG"))
    assert url is not None
    with Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))) as image:
        assert image.size == (256, 128)
    assert shrink(b"nonsense") is None


async def test_messages_reach_only_the_job_they_are_about() -> None:
    board = Switchboard()

    def say(kind: str, **data: Any) -> None:
        board.hear(json.dumps({"type": kind, "data": data}))

    with board.channel("mine") as mine:
        say("executing", node="1", prompt_id="stranger")
        board.hear(struct.pack(">II", 1, 1) + b"not mine")
        say("progress_state", prompt_id="mine", nodes={})
        say("executing", node="3")  # told on connecting, without an id
        say("executing", node="3", prompt_id="mine")
        board.hear(struct.pack(">II", 1, 1) + b"mine")
        say("executing", node=None, prompt_id="mine")
        board.disconnected()
        heard = [await mine.next(0.01) for _ in range(5)]
    started, ended = ("executing", {"node": "3"}), ("executing", {"node": None})
    assert heard == [started, Preview(None, b"mine"), ended, ("disconnected", {}), None]


async def test_two_may_listen_to_one_job_and_either_may_leave_first() -> None:
    """A worker that was stopped longer than its lease takes its own job over, and lets go of it only then."""
    board = Switchboard()
    with ExitStack() as old, board.channel("mine") as new:
        old.enter_context(board.channel("mine"))
        old.close()
        board.hear(json.dumps({"type": "executing", "data": {"prompt_id": "mine", "node": "3"}}))
        assert await new.next(0.01) == ("executing", {"node": "3"})
    with board.channel("mine") as old_one:
        with board.channel("mine"):
            pass
        board.disconnected()
        assert await old_one.next(0.01) == ("disconnected", {})


async def test_a_slow_reader_loses_the_oldest_news_only() -> None:
    board = Switchboard()
    with board.channel("mine") as mine:
        for value in range(1000):
            board.hear(json.dumps({"type": "progress", "data": {"prompt_id": "mine", "value": value}}))
        first = await mine.next(0.01)
    assert first == ("progress", {"value": 1000 - 256})


# --- progress

GRAPH = {"1": {"class_type": "CheckpointLoaderSimple"}, "2": {"class_type": "KSampler"}, "3": {"class_type": "SaveImage"}}


def test_progress_counts_samplers_for_what_they_are() -> None:
    meter = Meter(GRAPH)
    loading = meter.hear("executing", {"node": "1"})
    sampling = meter.hear("executing", {"node": "2"}) and meter.hear("progress", {"value": 5, "max": 10})
    saving = meter.hear("executing", {"node": "3"})
    assert loading is not None
    assert sampling is not None
    assert saving is not None
    assert [loading.message, sampling.message, saving.message] == ["Loading the model", "Step 5 of 10", "Saving"]
    assert (sampling.current_step, sampling.total_steps) == (5, 10)
    assert loading.fraction < 0.01 < 0.4 < sampling.fraction < 0.6 < saving.fraction < 1
    assert meter.hear("status", {}) is None


MESSAGES = st.one_of(
    st.tuples(st.just("executing"), st.fixed_dictionaries({"node": st.none() | st.sampled_from("1234")})),
    st.tuples(st.just("progress"), st.fixed_dictionaries({"value": st.integers(-5, 50), "max": st.integers(-5, 50)})),
    st.tuples(st.just("execution_cached"), st.fixed_dictionaries({"nodes": st.lists(st.sampled_from("1234"))})),
)


@given(st.lists(MESSAGES))
def test_progress_never_goes_back_or_out_of_range(messages: list[tuple[str, dict[str, Any]]]) -> None:
    meter, last = Meter(GRAPH), 0.0
    for kind, data in messages:
        reading = meter.hear(kind, data)
        if reading is not None:
            assert last <= reading.fraction <= 1
            last = reading.fraction


# --- HTTP


@pytest.mark.parametrize("mood", [{"html": True}, {"status": 429}, {"status": 500}, {"status": 418}])
async def test_every_answer_that_is_none_is_a_connection_fault(comfy: FaultyComfy, mood: dict[str, Any], tmp_path: Path) -> None:
    http = ComfyHttp(comfy.url, 1.0)
    vars(comfy).update(mood)
    (tmp_path / "x").write_bytes(b"x")
    calls = [
        http.system_stats(), http.object_info(), http.history("x"), http.is_queued("x"), http.submit({}, "x", None, {}),
        http.upload(tmp_path / "x", "x.png"),
    ]  # fmt: skip
    for call in calls:
        with pytest.raises(Faulted) as fault:
            await call
        assert fault.value.fault.kind is FaultKind.CONNECTION
    await http.close()


async def test_a_refused_connection_is_a_connection_fault(comfy: FaultyComfy, tmp_path: Path) -> None:
    await comfy.die()
    http = ComfyHttp(comfy.url, 1.0)
    for call in (http.system_stats(), http.fetch(FileRef("x"), tmp_path / "x"), http.cancel("x")):
        with pytest.raises(Faulted) as fault:
            await call
        assert fault.value.fault.kind is FaultKind.CONNECTION
    await http.close()


async def test_a_file_that_is_gone_is_told_apart(comfy: FaultyComfy, tmp_path: Path) -> None:
    comfy.gone = 1
    http = ComfyHttp(comfy.url)
    with pytest.raises(FileGone):
        await http.fetch(FileRef("x"), tmp_path / "x")
    assert await http.fetch(FileRef("x"), tmp_path / "x") == "image/png"
    await http.close()


async def test_a_picture_that_is_too_large_for_the_server_is_the_jobs_fault(comfy: FaultyComfy, tmp_path: Path) -> None:
    comfy.status = 413
    (tmp_path / "x").write_bytes(b"x")
    http = ComfyHttp(comfy.url)
    with pytest.raises(Faulted) as fault:
        await http.upload(tmp_path / "x", "x.png")
    assert fault.value.fault.kind is FaultKind.JOB
    await http.close()


def test_urls_are_shown_without_their_secrets() -> None:
    assert host_port("https://user:pw@gpu.example:8443/comfy") == "gpu.example:8443"
    assert instance_id("http://user:pw@h:1/") == instance_id("http://h:1")
    assert instance_id("http://h:1") != instance_id("http://h:2")
