"""`stationthis chat` as a person and a program use it, against the real server."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from base.errors import DataFolderLocked
from base.testing import held_port
from tests.builds import seed
from tests.comfy import running_comfy
from tests.patience import STARTING_S
from tests.server import Server, program_environment, running_server, traced_environment

CHAT = [sys.executable, "-m", "stationthis", "chat"]
SLOW = pytest.mark.xdist_group("page")
"""Who shares the slow house runs where the server is."""


def chat(server: Server, cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = traced_environment(cwd / "data", STATIONTHIS_URL=server.url)
    return subprocess.run(
        [*CHAT, *arguments], cwd=cwd, env=environment, capture_output=True, text=True, timeout=STARTING_S, check=False
    )


def events(run: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in run.stdout.splitlines()]


def conversation(run: subprocess.CompletedProcess[str]) -> str:
    match = re.search(r"--conversation (\S+)", run.stderr + run.stdout)
    assert match, run.stderr
    return match[1]


def test_one_sentence_saves_a_picture_and_tells_its_path(server: Server, tmp_path: Path) -> None:
    run = chat(server, tmp_path, "a", "lighthouse", "in", "the", "fog", "--out", "pictures", "--json")
    types = [event["type"] for event in events(run)]
    (output,) = [event for event in events(run) if event["type"] == "run.output"]

    assert run.returncode == 0, run.stderr
    assert types[0] == "turn.started"
    assert types[-1] == "turn.completed"
    assert output["path"] == "pictures/A1.png"
    with Image.open(tmp_path / output["path"]) as picture:
        assert picture.size == (output["asset"]["width"], output["asset"]["height"])


def test_a_conversation_goes_on_from_what_was_made_and_nothing_is_written_over(server: Server, tmp_path: Path) -> None:
    first = chat(server, tmp_path, "a red boat on a lake", "--out", ".", "--json")
    again = chat(server, tmp_path, "a red boat on a lake", "--out", ".", "--json")
    edited = chat(server, tmp_path, "make it more vibrant", "--out", ".", "--json", "--conversation", conversation(first))
    (intent,) = [event for event in events(edited) if event["type"] == "intent"]

    assert [first.returncode, again.returncode, edited.returncode] == [0, 0, 0]
    assert intent["intents"][0]["on"] == ["A1"]
    assert sorted(path.name for path in tmp_path.glob("*.png")) == ["A1-2.png", "A1.png", "A2.png"]


def test_a_picture_can_be_sent_along(server: Server, tmp_path: Path) -> None:
    Image.new("RGB", (64, 48), "orange").save(tmp_path / "photo.png")
    run = chat(server, tmp_path, "less saturated", "--attach", "photo.png", "--json")
    (output,) = [event for event in events(run) if event["type"] == "run.output"]

    assert run.returncode == 0, run.stderr
    assert (output["handle"], output["asset"]["width"], output["asset"]["height"]) == ("A2", 64, 48)
    assert (tmp_path / "data" / "pictures" / "A2.png").exists()


def test_asking_back_is_exit_code_two(server: Server, tmp_path: Path) -> None:
    run = chat(server, tmp_path, "make it brighter", "--json")

    assert run.returncode == 2, run.stdout
    assert events(run)[-1]["status"] == "asked"


def test_a_person_sees_plan_and_path(server: Server, tmp_path: Path) -> None:
    run = chat(server, tmp_path, "a fox in the snow", "--out", str(tmp_path / "out"))

    assert run.returncode == 0, run.stderr
    assert "→ making something new" in run.stdout
    assert "(text_to_image)" in run.stdout
    assert str(tmp_path / "out" / "A1.png").replace("/", "") in run.stdout.replace("\n", "").replace("/", "")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("hello", "--attach", "nothing.png"), "file_unreadable"),
        (("hello", "--conversation", "nobody"), "conversation_not_found"),
    ],
)
def test_an_error_is_problem_json_on_standard_error(server: Server, tmp_path: Path, arguments: list[str], code: str) -> None:
    run = chat(server, tmp_path, *arguments, "--json")

    assert run.returncode == 1
    assert run.stdout == ""
    assert json.loads(run.stderr.splitlines()[-1])["code"] == code


def test_a_refused_file_is_told_to_a_person_in_sentences(server: Server, tmp_path: Path) -> None:
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n but no picture")
    told = chat(server, tmp_path, "hello", "--attach", "broken.png")
    answered = json.loads(chat(server, tmp_path, "hello", "--attach", "broken.png", "--json").stderr.splitlines()[-1])

    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr.strip() == f"{answered['title']}: {answered['detail']} {answered['action']}"


def test_letters_that_no_font_has_are_told_once(server: Server, tmp_path: Path) -> None:
    Image.new("RGB", (64, 48), "orange").save(tmp_path / "photo.png")
    run = chat(server, tmp_path, 'write "日本" on it', "--attach", "photo.png")

    assert run.returncode == 1
    assert run.stdout.count("This font has no letters for 日, 本.") == 1


def test_talking_at_the_prompt(server: Server, tmp_path: Path) -> None:
    with Terminal(server, tmp_path) as terminal:
        assert "/help shows" in terminal.until_prompt()
        assert "more vibrant" in terminal.say("/help")
        assert "nothing to rate" in terminal.say("/up")
        assert "nothing to retry" in terminal.say("/retry")
        assert "nothing waits" in terminal.say("/yes")
        assert "no file" in terminal.say("/attach nothing.png")
        assert "not a command" in terminal.say("/dance")
        assert "A1.png" in terminal.say("a small boat")
        assert "thank you" in terminal.say("/up")
        assert "editing A1" in terminal.say("make it more vibrant")
        assert "A3.png" in terminal.say("/retry")
        assert terminal.quit() == 0


def test_a_choice_is_answered_by_its_number(server: Server, tmp_path: Path) -> None:
    Image.new("RGB", (64, 48), "orange").save(tmp_path / "photo.png")
    with Terminal(server, tmp_path) as terminal:
        terminal.until_prompt()
        assert "goes with the next message" in terminal.say(f"/attach {tmp_path / 'photo.png'}")
        asked = terminal.say("")
        assert "  1. " in asked
        assert terminal.say("1")
        assert terminal.quit() == 0


@SLOW
def test_ctrl_c_cancels_the_render_and_the_prompt_comes_back(slow_house: SlowHouse, tmp_path: Path) -> None:
    with Terminal(slow_house.server, tmp_path) as terminal:
        terminal.until_prompt()
        terminal.write("a castle in the clouds\n")
        terminal.until("step ")
        terminal.write("\x03")
        assert "cancelled" in terminal.until_prompt()
        assert terminal.quit() == 0


def test_where_nobody_answers_a_server_is_started_and_ended(tmp_path: Path) -> None:
    seed(tmp_path / "data")
    environment = program_environment(tmp_path / "data", STATIONTHIS_URL="http://127.0.0.1:9")
    run = subprocess.run(
        [*CHAT, "hello", "--json"], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=STARTING_S, check=False
    )

    assert run.returncode == 0, run.stderr
    assert events(run)[-1]["status"] == "answered"
    assert servers_of(tmp_path) == []


def test_a_killed_terminal_leaves_no_server(tmp_path: Path) -> None:
    seed(tmp_path / "data")
    environment = program_environment(tmp_path / "data", STATIONTHIS_URL="http://127.0.0.1:9")
    terminal = subprocess.Popen(CHAT, cwd=tmp_path, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with terminal:
        assert terminal.stdout is not None
        assert "conversation" in terminal.stdout.readline()
        assert servers_of(tmp_path) != []
        terminal.kill()
    wait_until(lambda: servers_of(tmp_path) == [])


def test_a_server_that_cannot_start_says_why(server: Server, tmp_path: Path) -> None:
    environment = program_environment(server.data, STATIONTHIS_URL="http://127.0.0.1:9")
    run = subprocess.run(
        [*CHAT, "hello"], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=STARTING_S, check=False
    )

    assert run.returncode == 1
    assert DataFolderLocked.title in run.stderr
    assert f"Process {server.process.pid} (stationthis serve)" in run.stderr
    assert DataFolderLocked.action in run.stderr
    assert "{" not in run.stderr.splitlines()[-1]


@SLOW
def test_a_chat_outlives_the_server_that_it_talks_to(slow_house: SlowHouse, tmp_path: Path) -> None:
    first = slow_house.server
    environment = program_environment(first.data, STATIONTHIS_URL=first.url)  # the same folder: it could take it
    talking = subprocess.Popen(
        [*CHAT, "a", "fox", "--out", ".", "--json"], cwd=tmp_path, env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert talking.stdout is not None
    line = next(line for line in talking.stdout if '"run.progress"' in line)
    assert json.loads(line)["type"] == "run.progress"
    first.process.kill()
    first.process.wait()
    assert talking.stderr is not None
    assert "away" in talking.stderr.readline()
    slow_house.start()
    told, notes = talking.communicate(timeout=STARTING_S)
    assert talking.returncode == 0, notes
    assert "The server is back." in notes
    assert '"status": "done"' in told.splitlines()[-1]
    assert (tmp_path / "A1.png").exists()


class SlowHouse:
    """A server in front of a ComfyUI that takes its time. It keeps its port and its folder when it is started again."""

    server: Server

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        comfy = stack.enter_context(running_comfy(folder / "comfy", step_delay=0.5))
        port = stack.enter_context(held_port())
        self._stack = stack
        self._serve = partial(running_server, folder / "data", "--port", str(port), STATIONTHIS_COMFY_URLS=comfy)
        self.start()

    def start(self) -> None:
        """Until it listens."""
        self.server = self._stack.enter_context(self._serve())


@pytest.fixture(scope="module")
def slow_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SlowHouse]:
    with ExitStack() as stack:
        house = SlowHouse(stack, tmp_path_factory.mktemp("slow"))
        house.server.wait_until_ready()
        yield house


class Terminal:
    """A pseudo-terminal with `stationthis chat` in it."""

    def __init__(self, server: Server, cwd: Path) -> None:
        environment = traced_environment(cwd / "data", STATIONTHIS_URL=server.url, TERM="xterm", COLUMNS="200")
        self.master, child = pty.openpty()
        self.process = subprocess.Popen(
            [*CHAT, "--out", str(cwd)], cwd=cwd, env=environment, stdin=child, stdout=child, stderr=child,
            start_new_session=True, preexec_fn=take_terminal,
        )  # fmt: skip
        os.close(child)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.master)

    def write(self, text: str) -> None:
        os.write(self.master, text.encode())

    def say(self, line: str) -> str:
        self.write(f"{line}\n")
        return self.until_prompt()

    def until_prompt(self) -> str:
        return self.until("\n> ", at_end=True)

    def until(self, marker: str, at_end: bool = False) -> str:
        """What is printed up to the marker, without colours and cursor movements."""
        seen, deadline = "", time.monotonic() + STARTING_S
        while time.monotonic() < deadline:
            if select.select([self.master], [], [], 1)[0]:
                seen += os.read(self.master, 65536).decode(errors="replace")
            plain = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]|\r", "", seen)
            if plain.endswith(marker) if at_end else marker in plain:
                return plain
        raise AssertionError(f"{marker!r} did not come:\n{seen}")

    def quit(self) -> int:
        self.write("/quit\n")
        while self.process.poll() is None:
            if select.select([self.master], [], [], 1)[0]:
                try:
                    os.read(self.master, 65536)
                except OSError:
                    break
        return self.process.wait(STARTING_S)


def take_terminal() -> None:
    """In the child: make the pseudo-terminal its own, so that Ctrl-C reaches it."""
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def servers_of(folder: Path) -> list[str]:
    """Processes that live on this data folder."""
    import psutil

    found = []
    for process in psutil.process_iter(["environ", "cmdline"]):
        environ = process.info["environ"] or {}
        if environ.get("STATIONTHIS_DATA") == str(folder / "data") and "chat" not in (process.info["cmdline"] or []):
            found.append(" ".join(process.info["cmdline"] or []))
    return found


def wait_until(condition: Any) -> None:
    deadline = time.monotonic() + STARTING_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)
