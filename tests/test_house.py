"""The rules of the house, held by tests: floors, public modules, sizes, names, packaging, the README's facts."""

from __future__ import annotations

import ast
import importlib
import os
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from base.settings import Limits, Settings

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("base", "accounts", "tools", "executor", "agent", "bots", "web", "evals", "migrations")
PUBLIC = {"model", "rules", "protocols", "service", "errors", "assembly", "commands"}
"""What other rooms may import of a room. `base` is public as a whole: it is what everything stands on."""
ALSO_PUBLIC = {
    "executor": {"deciding", "waiting"},
    "agent": {"offering", "planning", "recipes", "shown", "taskplan"},
    "tools": {"derive", "loras", "registry", "shelf", "spells", "workflows"},
}  # fmt: skip
"""Protocols and pure rules that have a file of their own."""
MAX_FILE, MAX_FUNCTION = 400, 50
NOT_OURS = {"client", "static", "__pycache__", "node_modules", "versions"}
NAMES_OF_NOTHING = {"utils", "util", "helpers", "helper", "common", "misc", "manager"}


def sources(*rooms: str) -> Iterator[Path]:
    for room in rooms or ROOMS:
        for folder, folders, files in os.walk(ROOT / room):
            folders[:] = [name for name in folders if name not in NOT_OURS]
            yield from (Path(folder, name) for name in files if name.endswith(".py"))


def module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(tree: ast.Module) -> Iterator[str]:
    """Every module that is imported: `from a import b` gives `a.b`, which may be a module or a name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_the_import_contracts_hold(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    from importlinter.cli import lint_imports

    monkeypatch.chdir(ROOT)
    code = lint_imports(config_filename=str(ROOT / "pyproject.toml"), cache_dir=None)

    assert code == 0, capsys.readouterr().out


@pytest.mark.parametrize("room", ROOMS)
def test_other_rooms_are_entered_by_their_public_modules_only(room: str) -> None:
    paths = (path for path in sources(room) if path.name != "assembly.py")  # that is where real parts are picked
    found = ((module(path), name) for path in paths for name in imports(parsed(path)))

    assert [f"{importer} imports {name}" for importer, name in found if not may(room, name)] == []


def may(room: str, imported: str) -> bool:
    """Whether a module of `room` may import this."""
    other, *rest = imported.split(".")
    if other not in ROOMS or other in (room, "base") or not rest:
        return True
    special = {"migrations": {"tables"}, "evals": {"testing"}}.get(room, set())
    return rest[0] in PUBLIC | ALSO_PUBLIC.get(other, set()) | special


def functions() -> Iterator[tuple[str, int]]:
    """Every function with its length in lines."""
    for path in sources():
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
                yield f"{module(path)}.{node.name}", node.end_lineno - node.lineno + 1


def test_functions_fit_on_a_screen_and_most_are_small() -> None:
    lengths = dict(functions())

    assert {name: length for name, length in lengths.items() if length > MAX_FUNCTION} == {}
    assert sorted(lengths.values())[len(lengths) // 2] < 10


def test_files_stay_short() -> None:
    lengths = {module(path): len(path.read_text(encoding="utf-8").splitlines()) for path in sources()}

    assert {name: length for name, length in lengths.items() if length >= MAX_FILE} == {}


def test_modules_are_named_after_something_and_say_what_it_is() -> None:
    paths = list(sources())

    assert [module(path) for path in paths if NAMES_OF_NOTHING & set(module(path).split("."))] == []
    assert [module(path) for path in paths if not ast.get_docstring(parsed(path))] == []


def test_a_rooms_entrance_holds_only_its_docstring() -> None:
    entrances = [path for path in sources() if path.name == "__init__.py" and "renderer" not in path.parts]

    assert [module(path) for path in entrances if len(parsed(path).body) > 1] == []


def test_broad_excepts_stand_only_at_the_three_rims() -> None:
    rims = re.compile(r"#\s*noqa: BLE001\s+\S")
    for path in sources():
        for line in path.read_text(encoding="utf-8").splitlines():
            if re.search(r"except( Base)?Exception\b|except:", line.replace("except (", "except ")):
                assert rims.search(line) or "BaseException" in line, f"{module(path)}: {line.strip()} (say why)"


def test_clients_of_http_are_made_in_one_place() -> None:
    makers = [module(path) for path in sources() if "httpx.AsyncClient(" in path.read_text(encoding="utf-8")]

    assert makers == ["base.http"]


@pytest.mark.parametrize("room", [room for room in ROOMS if room != "migrations"])
def test_every_room_has_a_short_readme(room: str) -> None:
    lines = (ROOT / room / "README.md").read_text(encoding="utf-8").splitlines()

    assert lines[0] == f"# {room}"
    assert len(lines) <= 30


@pytest.mark.parametrize("room", [room for room in ROOMS if room not in ("migrations", "bots")])
def test_a_room_draws_its_errors_as_a_tree(room: str) -> None:
    errors = importlib.import_module(f"{room}.errors")
    own = [name for name, kind in vars(errors).items() if isinstance(kind, type) and kind.__module__ == errors.__name__]

    assert [name for name in own if name not in (errors.__doc__ or "")] == []


@pytest.mark.parametrize("room", ROOMS)
def test_what_is_imported_lies_in_this_repository(room: str) -> None:
    """Names like `tools` are generic: a dependency may bring a stray package of that name."""
    assert Path(str(importlib.import_module(room).__file__)).is_relative_to(ROOT)


def test_every_package_is_packaged() -> None:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    listed = {pattern.rstrip("*.") for pattern in config["tool"]["setuptools"]["packages"]["find"]["include"]}

    assert set(ROOMS) <= listed
    assert set(config["tool"]["importlinter"]["root_packages"]) == set(ROOMS)


def test_tests_mirror_their_rooms_without_hiding_them() -> None:
    folders = {path.parent for path in (ROOT / "tests").rglob("*.py")}

    assert [str(path) for path in folders if not (path / "__init__.py").exists()] == []


def test_nobody_patches_what_they_could_fake() -> None:
    tests = [path for path in (ROOT / "tests").rglob("*.py") if path != Path(__file__)]

    assert [str(path) for path in tests if "unittest.mock" in path.read_text(encoding="utf-8")] == []


def test_every_setting_is_in_the_readme() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    names = [f"STATIONTHIS_{name.upper()}" for name in Settings.model_fields if name not in ("limits", "host", "port")]
    names += [f"STATIONTHIS_LIMITS__{name.upper()}" for name in Limits.model_fields]

    assert [name for name in [*names, "HOST", "PORT"] if f"`{name}`" not in text] == []


def test_the_readme_names_no_setting_that_is_not_there() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    known = {f"STATIONTHIS_{name.upper()}" for name in Settings.model_fields}
    known |= {f"STATIONTHIS_LIMITS__{name.upper()}" for name in Limits.model_fields}

    assert set(re.findall(r"STATIONTHIS_[A-Z0-9_]*[A-Z0-9]", text)) <= known
