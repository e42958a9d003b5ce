"""Films, sound, 3D and special work: which readings of a clause ask for it. Pure.

The grammar of pictures has read the clause already; here it is read again where the words ask for another kind of media,
for a job that a tool of its own does, or for a model by name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from agent.embedded import media, naming, prompts, words
from agent.embedded.binding import bind, find
from agent.embedded.reading import Reading, read
from agent.embedded.wishes import Wish, otherwise, wished
from agent.model import PlanningRequest

_WORK = frozenset({"operate", "edit", "create", "join", "unclear", "disliked", "retake", "vary"})
_CHANGES = frozenset({"operate", "edit", "unclear", "disliked"})


def reread(clause: str, reading: Reading | None, request: PlanningRequest, before: Sequence[Reading]) -> Reading | None:
    """The reading, or one with a wish where that is what the clause asks for."""
    act = None if reading is None else reading.act
    wanted = act.partition(".")[2] if act is not None and act.startswith("media.") else None
    if act is not None and wanted is None and act not in _WORK:
        return reading
    binding = bind(words.bare(clause), request) if reading is None or wanted or act == "create" else reading.binding
    text = words.bare(clause)
    kinds = _kinds(binding.refs, binding.named, request, before)
    about = kinds if wanted is None or _about_them(text, binding.named, request, before) else ()
    said = naming.heard(text, request.found)
    wish = wished(text, about, wanted) if wanted or act != "create" or binding.named else None
    if wish is None and act in _CHANGES and about[:1] not in ((), ("image",), ("mask",)):
        wish = otherwise(about)
    if wish is not None and not _known(wish, request):
        wish = None
    if wish is not None and act in _CHANGES and about[:1] == ("image",) and wish.makes == "image" and _plainer(wish, request):
        return reading
    if wish is None and said is not None and act != "retake":
        return _by_name(clause, text, said, reading, about, request)
    if wish is None:
        return reading
    binding = binding if about else replace(binding, refs=(), spoken=False, named=False, missing=None, candidates=())
    return Reading("studio", text, binding, confidence=0.9, wish=wish, about=bool(about))


def _by_name(
    clause: str, text: str, said: naming.Said, reading: Reading | None, about: tuple[str, ...], request: PlanningRequest
) -> Reading | None:
    """A model was named and the grammar knows no job for it: what the model does says what is wished."""
    named = [found for found in request.found if found.tool.name in said.tools]
    rest = naming.without(text, said)
    again = read(rest, request, continues=bool(about)) if reading is None or reading.act != "create" else reading
    act = None if again is None else again.act
    taking = [f for f in named if f.tool.inputs] if about and act != "create" else [f for f in named if not f.tool.inputs]
    if not taking:
        return reading
    tool = taking[0].tool
    if naming.paints(tool):
        return reading if reading is not None and reading.act == "create" else Reading("create", text)
    makes = next(iter(tool.outputs.values())).kind.value
    wish = Wish(makes, (tool.family,), look=act == "edit" and about[:1] == (makes,), told=act != "operate")
    binding = bind(words.bare(clause), request)
    if not about:
        binding = replace(binding, refs=(), spoken=False, named=False)
    return Reading("studio", text, binding, confidence=0.9, wish=wish, about=bool(about))


def _plainer(wish: Wish, request: PlanningRequest) -> bool:
    """No tool for that job can run, and an edit in words can do it too. A picture painted anew has a background again."""
    able = [f for f in request.found if f.availability.available]
    if wish.families[0] not in _EDITABLE or any(f.tool.family in wish.families for f in able):
        return False
    editors = [f for f in able if f.tool.name in _EDITORS]
    anew = all(f.availability.sketch for f in editors)
    gone = "background" in wish.families and not prompts.IN_ITS_PLACE.match(words.bare(request.text))
    return bool(editors) and not (gone and anew)


_EDITABLE = frozenset({"background", "outpaint", "relight", "style", "face", "reference"})
_EDITORS = frozenset({"edit_image", "image_to_image"})


def _known(wish: Wish, request: PlanningRequest) -> bool:
    """Whether there is any tool for it, be it one that cannot run now."""
    return any(media.gives(f, wish.makes) and f.tool.family in wish.families for f in request.found)


def _kinds(
    refs: Sequence[str], named: bool, request: PlanningRequest, before: Sequence[Reading]
) -> tuple[str, ...]:
    """The kinds of what a clause is about: what it names, else what was made before it in the message, else the focus."""
    if before and not named:
        made = next((reading for reading in reversed(before) if reading.makes is not None), None)
        if made is not None and made.makes is not None:
            return (made.makes,)
    return tuple(item.kind for ref in refs if (item := find(request, ref)) is not None)


def _about_them(text: str, named: bool, request: PlanningRequest, before: Sequence[Reading]) -> bool:
    """Whether something new of another kind shall be made from what is there, or from nothing."""
    there = bool(before) or request.focus is not None or bool(request.attached)
    return named or (there and (bool(request.attached) or media.MOVING.search(text) is not None))
