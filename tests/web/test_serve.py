"""The whole studio as a process: real answers have the promised shapes, and its end is orderly."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import TypeAdapter

from tests.patience import PATIENCE_S
from tests.server import Server, program_environment, running_server
from web import events, run_shapes, shapes

EVENT: TypeAdapter[Any] = TypeAdapter(events.Event)


@pytest.fixture(scope="module")
def person(server: Server) -> Iterator[httpx.Client]:
    with server.client() as client:
        client.post("/api/v1/conversations").raise_for_status()
        yield client


@pytest.fixture
def conversation(person: httpx.Client) -> str:
    return str(person.post("/api/v1/conversations").json()["id"])


def frames(person: httpx.Client, conversation: str, after: int = 0) -> Iterator[dict[str, Any]]:
    """The data of the frames, checked against their header lines."""
    headers = {"Last-Event-ID": str(after)}
    with person.stream("GET", f"/api/v1/conversations/{conversation}/events", headers=headers) as response:
        fields: dict[str, str] = {}
        for line in response.iter_lines():
            name, _, value = line.partition(": ")
            if line:
                fields[name] = value
            elif "data" in fields:
                data = json.loads(fields.pop("data"))
                assert fields.pop("event") == data["type"]
                assert fields.pop("id", None) == (str(data["id"]) if "id" in data else None)
                yield data
            else:
                fields = {}


def turn(person: httpx.Client, conversation: str, text: str, after: int = 0) -> list[dict[str, Any]]:
    """Say something; the events of its turn."""
    sent = person.post(f"/api/v1/conversations/{conversation}/messages", json={"text": text})
    assert sent.status_code == 202, sent.text
    seen = []
    for data in frames(person, conversation, after):
        seen.append(data)
        if data["type"] == "turn.completed":
            break
    return seen


def test_every_answer_has_the_promised_shape(person: httpx.Client, conversation: str) -> None:
    seen = turn(person, conversation, "Generate a cyberpunk cityscape at night")
    for data in seen:
        EVENT.validate_python(data)
    assert [data["id"] for data in seen if "id" in data] == list(
        range(1, 1 + sum("id" in data for data in seen))
    )
    assert seen[-1]["status"] == "done"
    checks: list[tuple[str, Any]] = [
        ("info", shapes.Info), ("me", shapes.Me), ("me/credits", shapes.Credits),
        ("tools?q=bigger", shapes.Listed[shapes.ToolHead]),
        (f"conversations/{conversation}", shapes.Conversation), ("conversations", shapes.Listed[shapes.ConversationHead]),
        ("assets", shapes.Listed[shapes.Asset]), ("runs", shapes.Listed[run_shapes.Run]),
        ("me/tokens", shapes.Listed[shapes.TokenShape]),
    ]  # fmt: skip
    for path, shape in checks:
        answer = person.get(f"/api/v1/{path}")
        assert answer.status_code == 200, answer.text
        _fits(shape, answer.json())
    for tool in person.get("/api/v1/tools").json()["items"]:
        _fits(shapes.Tool, person.get(f"/api/v1/tools/{tool['name']}").json())


def test_an_edit_goes_on_from_the_picture(person: httpx.Client, conversation: str) -> None:
    first = turn(person, conversation, "a red fox in a forest")
    second = turn(person, conversation, "make it more vibrant", after=first[-1]["id"])
    output = next(data for data in second if data["type"] == "run.output")
    parent = next(data for data in first if data["type"] == "run.output")["asset"]["id"]
    assert output["handle"] == "A2"
    assert [link["asset_id"] for link in output["asset"]["parents"]] == [parent]
    content = person.get(f"/api/v1/assets/{output['asset']['id']}/content")
    assert content.headers["content-type"] == output["asset"]["media_type"]
    assert len(content.content) == output["asset"]["bytes"]
    run = person.get(f"/api/v1/runs/{output['run_id']}").json()
    assert [asset["id"] for asset in run["outputs"]] == [output["asset"]["id"]]
    assert run["outputs"][0]["handles"] == [{"conversation_id": conversation, "handle": "A2"}]


def test_a_stream_that_is_cut_again_and_again_is_read_once(person: httpx.Client, conversation: str) -> None:
    person.post(f"/api/v1/conversations/{conversation}/messages", json={"text": "a lighthouse at dusk"})
    seen: list[int] = []
    over = False
    while not over:
        for data in frames(person, conversation, after=seen[-1] if seen else 0):
            over = data["type"] == "turn.completed"
            if "id" in data:
                seen.append(data["id"])
                break
    assert seen == list(range(1, len(seen) + 1))


def test_a_photo_is_taken_in_cleaned_and_edited(
    person: httpx.Client, conversation: str, tmp_path: Path
) -> None:
    from PIL import Image

    Image.effect_noise((200, 100), 80).convert("RGB").save(tmp_path / "photo.jpg")
    with (tmp_path / "photo.jpg").open("rb") as file:
        uploaded = person.post("/api/v1/assets", files={"file": ("photo.jpg", file, "image/jpeg")})
    assert uploaded.status_code == 201, uploaded.text
    asset = uploaded.json()
    _fits(shapes.Asset, asset)
    assert (asset["width"], asset["height"]) == (200, 100)
    message = {"text": "scale it 2x", "attachments": [asset["id"]]}
    person.post(f"/api/v1/conversations/{conversation}/messages", json=message)
    seen = []
    for data in frames(person, conversation):
        seen.append(data)
        if data["type"] == "turn.completed":
            break
    assert seen[0]["attachments"] == [{"asset_id": asset["id"], "handle": "A1"}]
    output = next(data for data in seen if data["type"] == "run.output")["asset"]
    assert (output["width"], output["height"]) == (400, 200)


def test_a_turn_is_rated_and_retried(person: httpx.Client, conversation: str) -> None:
    seen = turn(person, conversation, "a blue teapot")
    url = f"/api/v1/turns/{seen[0]['turn_id']}"
    assert person.post(f"{url}/feedback", json={"rating": "up"}).status_code == 204
    again = person.post(f"{url}/retry")
    assert again.status_code == 202
    for data in frames(person, conversation, after=seen[-1]["id"]):
        if data["type"] == "turn.completed":
            assert data["turn_id"] == again.json()["turn_id"]
            break
    turns = person.get(f"/api/v1/conversations/{conversation}").json()["turns"]
    assert [each["feedback"] for each in turns] == ["up", None]
    run = person.post(f"/api/v1/runs/{seen[-1]['run_id']}/cancel")
    assert (run.status_code, run.json()["code"]) == (409, "already_ended")


def test_the_admin_key_of_the_data_folder_opens_the_status(server: Server) -> None:
    key = (server.data / "secrets" / "admin.key").read_text()
    with server.client(Authorization=f"Bearer {key}") as operator:
        status = operator.get("/api/v1/admin/status").json()
    _fits(shapes.AdminStatus, status)
    assert set(status["counts"]) == {"accounts", "conversations", "turns", "runs", "jobs"}


def test_the_end_is_orderly_and_a_restart_finds_everything(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with running_server(data) as server, server.client() as person:
        conversation = person.post("/api/v1/conversations").json()["id"]
        cookie = person.cookies["stationthis"]
        person.post(f"/api/v1/conversations/{conversation}/messages", json={"text": "hello"})
        seen = []
        for event in frames(person, conversation):
            seen.append(event["type"])
            if len(seen) == 1:
                server.process.terminate()  # the stream must now end whole, by the server's own doing
        assert seen[0] == "turn.started"
        assert server.process.wait(PATIENCE_S) == 0  # not asked again: that would end it at once
    with running_server(data) as server, server.client(Cookie=f"stationthis={cookie}") as person:
        found = person.get(f"/api/v1/conversations/{conversation}").json()
        assert [each["text"] for each in found["turns"]] == ["hello"]


def test_a_second_server_on_the_same_folder_says_why_not(server: Server, tmp_path: Path) -> None:
    assert _refused(server.data, "--port", "0", folder=tmp_path) == "data_folder_locked"


def test_a_taken_port_is_a_problem_with_a_way_out(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert (
            _refused(tmp_path / "data", "--port", str(taken.getsockname()[1]), folder=tmp_path)
            == "cannot_listen"
        )


def test_no_worker_alone_is_refused_where_nobody_else_could_work(tmp_path: Path) -> None:
    assert _refused(tmp_path / "data", "--no-worker", folder=tmp_path) == "settings"


def test_a_setting_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    assert _refused(tmp_path / "data", folder=tmp_path, STATIONTHIS_MASTER_KEY="short") == "settings"


def _refused(data: Path, *arguments: str, folder: Path, **environment: str) -> str:
    """The code of the problem on stderr of a `serve` that will not."""
    done = subprocess.run(
        [sys.executable, "-m", "stationthis", "serve", *arguments], cwd=folder, capture_output=True, text=True,
        env=program_environment(data, **environment), timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert done.stdout == ""
    return str(json.loads(done.stderr.splitlines()[-1])["code"])


def _fits(shape: Any, answer: Any) -> None:
    """Every field that is promised is there, and nothing that is not promised."""
    kept = TypeAdapter(shape).validate_python(answer)
    assert TypeAdapter(shape).dump_python(kept, mode="json", exclude_unset=True) == answer
