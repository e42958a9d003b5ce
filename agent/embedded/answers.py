"""Replies that need no run: what can be done, what it costs, how things stand. Pure text from values."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.embedded import media
from agent.embedded.binding import find
from agent.embedded.naming import named_generator, paints
from agent.embedded.reading import Reading
from agent.model import PlanningRequest
from tools.model import Estimate, SourceKind
from tools.protocols import Found

_SPOKEN = {
    "video": r"\b(?:videos?|clips?|movies?|animations?|animate)\b",
    "audio": r"\b(?:audio|sounds?|music|songs?|voices?)\b",
    "model3d": r"\b(?:3d|mesh(?:es)?)\b",
}


def discover(reading: Reading, request: PlanningRequest) -> str:
    """Tools with a sentence each and an example to say, those that can run now first."""
    text = reading.clause.lower()
    kind = next((kind for kind, spoken in _SPOKEN.items() if re.search(spoken, text)), None)
    if kind is not None:
        return ways(kind, reading, request)
    with_image = re.search(
        r"\b(?:with|to|on) (?:an?|the|my|this|that|it)?\s*(?:image|picture|photo|it|this|that|upload|A\d)",
        text,
    )
    listed = [f for f in request.found if not with_image or "image" in f.tool.inputs]
    ready = [f for f in listed if f.availability.available]
    away = [f for f in listed if not f.availability.available]
    head = "With a picture you can:" if with_image else "Here is what I can do:"
    lines = [head, *(_line(f) for f in ready if f.tool.source.kind is not SourceKind.TEMPLATE)]
    lines += by_family([f for f in ready if f.tool.source.kind is SourceKind.TEMPLATE])
    if away:
        lines += ["", *_away(away, request)]
    lines += ["", "Say it in your own words, several steps at once if you like."]
    return "\n".join(lines)


def cost(request: PlanningRequest) -> str:
    """The last plan's price, or what to expect."""
    if request.last_plan is not None:
        return f'"{request.last_plan.summary}": {price(request.last_plan.estimate)}.'
    if any(c.sketch for c in request.capabilities):
        return "Nothing: sketches and picture operations on the embedded renderer are free."
    return "Plain picture operations are free. A render is priced by GPU seconds, and you see the price with the plan before it starts."


def duration(request: PlanningRequest) -> str:
    if request.last_plan is None:
        return "A sketch or a picture operation takes a few seconds here; you see the time with every plan."
    low, high = request.last_plan.estimate.seconds
    return f'"{request.last_plan.summary}" takes about {low:g} to {high:g} seconds once it starts.'


def status(request: PlanningRequest) -> str:
    if request.waiting:
        return "One run waits for your yes."
    if not request.running:
        return "Nothing is running; everything you asked for is done."
    return f"{len(request.running)} run{'s are' if len(request.running) > 1 else ' is'} still at work; the result appears here by itself."


def parameters(reading: Reading, request: PlanningRequest) -> str:
    """How a picture was made."""
    item = find(request, reading.binding.refs[0]) if reading.binding.refs else None
    if item is None:
        return "There is no picture here yet."
    name = item.handle or "The picture being made"
    size = f"{item.size.width} × {item.size.height} pixels" if item.size else "size not known yet"
    if item.origin == "upload":
        return f"{name} is your upload, {size}."
    told = [f"- {key}: {value}" for key, value in item.params.items() if value not in ("", None)]
    return "\n".join([f"{name} was made by {item.tool}, {size}.", *told])


def compare(reading: Reading, request: PlanningRequest) -> str:
    """How pictures were made differently, since nobody here can look at them."""
    items = [item for ref in reading.binding.refs if (item := find(request, ref)) is not None]
    items = items if len(items) > 1 else list(request.shown[-2:])
    if len(items) < 2:
        return "There are no two pictures here to compare yet."
    lines = ["I cannot see pictures without a language model, but I know how they were made:"]
    for item in items:
        size = f"{item.size.width} × {item.size.height} pixels" if item.size else "size not known yet"
        made = "your upload" if item.origin == "upload" else f"made by {item.tool}"
        changed = ", ".join(
            f"{key} {value}"
            for key, value in item.params.items()
            if any(o.params.get(key) != value for o in items)
        )
        lines.append(
            f"- **{item.handle or 'the one being made'}**: {made}, {size}{f' ({changed})' if changed else ''}"
        )
    sizes = {item.handle: item.size.width * item.size.height for item in items if item.size and item.handle}
    if len(set(sizes.values())) > 1:
        lines.append(f"{max(sizes, key=lambda handle: sizes[handle])} is the biggest.")
    return "\n".join(lines)


def name(reading: Reading, request: PlanningRequest) -> str:
    """What a picture is called here."""
    item = find(request, reading.binding.refs[0]) if reading.binding.refs else None
    return f"It is called {item.handle}." if item and item.handle else "It has no name until it is made."


def kept(request: PlanningRequest) -> str:
    """Nothing is overwritten."""
    first = next((item.handle for item in request.shown if item.origin == "upload"), None)
    known = f" Your upload is {first}; say “go back to {first}” to work on it again." if first else ""
    return f"Yes: every picture stays in this conversation, and a change always makes a new one.{known}"


def why(reading: Reading, request: PlanningRequest) -> str:
    """What can be said of a result without looking at it: how it was made."""
    if re.search(r"\bsketch", reading.clause, re.I):
        return "No GPU is connected, so pictures are painted as sketches without a model. Connect a ComfyUI (STATIONTHIS_COMFY_URLS) for real renders."
    made = f"\n\n{parameters(reading, request)}" if reading.binding.refs else ""
    return f'I cannot see pictures without a language model, so I cannot say why. Tell me what to change, such as "make it brighter".{made}'


def ways(kind: str, reading: Reading, request: PlanningRequest) -> str:
    """Whether that kind of media can be made here or worked on, with which models; else what it would take."""
    shown = [item.kind for item in request.shown if item.ref in reading.binding.refs]
    with_it = kind in shown or re.search(r"\b(?:do|done) (?:with|to|on)\b", reading.clause, re.I)
    fitting = [f for f in request.found if (_takes(f, kind) if with_it else media.gives(f, kind))]
    ready = [f for f in fitting if f.availability.available]
    if ready:
        head = f"With {'a video' if kind == 'video' else media.NAMES[kind]} you can:" if with_it else f"Yes, I can make {media.NAMES[kind]}:"
        return "\n".join([head, *by_family(ready), "", "Say it in your own words."])
    return no_media(kind) if not fitting else needs(kind, min(fitting, key=distance), len(fitting))


def _takes(found: Found, kind: str) -> bool:
    return any(port.kind.value == kind for port in found.tool.inputs.values())


def by_family(found: Sequence[Found]) -> list[str]:
    """A line a family, with the models that can do it."""
    families: dict[str, list[str]] = {}
    for each in found:
        families.setdefault(each.tool.family, []).append(each.tool.title)
    return [f"- **{name[0].upper()}{name[1:]}**: {_some(titles)}" for name, titles in sorted(families.items())]


def _some(titles: Sequence[str]) -> str:
    more = len(titles) - TITLES
    return ", ".join(titles[:TITLES]) + (f" and {more} more" if more > 0 else "")


TITLES = 6


def distance(found: Found) -> tuple[bool, bool, float, float]:
    """How far a tool is from running: another ComfyUI, nodes, then how long it takes to prepare."""
    gap = found.availability.gap
    if gap is None:
        return False, False, 0.0, -found.tool.popularity
    takes = gap.prepare_s[1] if gap.prepare_s else 0.0
    unknown = not gap.files and gap.vram_gb is None  # nobody knows what it would take
    return gap.min_comfyui is not None or unknown, bool(gap.nodes), takes, -found.tool.popularity


def needs(kind: str, nearest: Found, many: int) -> str:
    """Nothing connected can do it; what the nearest tool would take."""
    others = f", the nearest of {many}," if many > 1 else ""
    reason = nearest.availability.reason or ""
    verb = "" if reason.startswith("needs") else "cannot run: "
    return f"Nothing that is connected can make {media.NAMES[kind]} like that now. **{nearest.tool.title}**{others} {verb}{reason}."


def no_media(kind: str) -> str:
    """A kind of media that nothing connected makes."""
    return f'Nothing that makes {media.NAMES[kind]} is connected yet. With pictures I can do a lot: ask "what can I do with an image?"'


def pictures_only(kind: str) -> str:
    """What was named is no picture."""
    name = {"audio": "sound recording", "model3d": "3D model"}.get(kind, kind)
    return f"That is a {name}, and I only work on pictures so far. I could change one of the pictures, or make a new one."


def cannot(what: str, tool: str, request: PlanningRequest) -> str:
    """Why a change cannot be made now, and what would mend it."""
    found = next((f for f in request.found if f.tool.name == tool), None)
    lack = f" {found.tool.title}: {found.availability.reason}." if found else ""
    return f"No connected render server can {what}.{lack}"


def not_painted(request: PlanningRequest) -> str:
    """Why a picture cannot be painted again with other settings."""
    wanted = named_generator(request.text, request)
    if wanted is not None and not wanted.availability.available:
        return f"{wanted.tool.title} cannot run now: {wanted.availability.reason}. What is connected can paint the same words instead."
    return (
        "That picture was not painted from words here, so it has no seed, steps or size to paint it with again. "
        "I can repaint it toward words, or adjust, crop and resize it."
    )


def price(estimate: Estimate) -> str:
    """`free, about 1 to 3 s` or `2 to 5 credits, about 10 to 20 s`."""
    low, high = estimate.credits
    seconds = f"about {estimate.seconds[0]:g} to {estimate.seconds[1]:g} s"
    return f"free, {seconds}" if high == 0 else f"{low:g} to {high:g} credits, {seconds}"


HELLO = "Hello! Describe a picture and I make it, or drop one here and say what to change."
LEAVE = "All right, I leave it as it is."
THANKS = "Glad you like it. Say what to change, or rate it so that I learn."
OTHER = (
    "I make and edit pictures; small talk is beyond me without a language model. Describe what you want to see, "
    'or ask "what can I do with an image?"'
)
SAVED = (
    "Every picture stays in this conversation, as a PNG; its download button keeps a copy on your machine."
)
UPLOAD = (
    "Drop a picture here, paste it, or use the button beside the text field. Then say what to do with it."
)
FORGET = (
    "I delete nothing on a word alone. A picture is deleted with the bin below it, a conversation in the list of "
    "conversations; a program sends DELETE /api/v1/assets/{id}."
)
NOTHING_RUNS = "Nothing is running, so there is nothing to cancel."
NOTHING_WAITS = "Nothing waits for a yes. Say what you would like to see."
NOTHING_WAITS_NO = "All right. Say what you would like instead."
NOTHING_AFTER = "There is no later version to go forward to."
NOTHING_BEFORE = "There is no earlier version to go back to."
NOT_READY = "That picture is still being made. Say what to change, and it is done as soon as it is there."
NO_PICTURE = "There is no picture here yet. Drop one here, or describe one and I make it."


NEAREST = 4


def nothing_generates(found: tuple[Found, ...]) -> str:
    """Which files are missing and where they go."""
    lacking = sorted((f for f in found if paints(f.tool)), key=distance)[:NEAREST]
    lines = ["No connected render server can generate pictures yet. Any one of these mends it:"]
    return "\n".join([*lines, *(f"- **{f.tool.title}**: {f.availability.reason}" for f in lacking)])


def _line(found: Found) -> str:
    example = f' — try "{found.tool.examples[0].text}"' if found.tool.examples else ""
    first = found.tool.description.split(". ")[0].rstrip(".")
    sketch = " (as a sketch)" if found.availability.sketch else ""
    return f"- **{found.tool.title}**{sketch}: {first}{example}"


def _away(away: list[Found], request: PlanningRequest) -> list[str]:
    """What more there could be: in one line where no ComfyUI is connected at all, else with what each one lacks."""
    own = [f for f in away if f.tool.source.kind is not SourceKind.TEMPLATE]
    families = dict.fromkeys(f.tool.family for f in away if f not in own)
    more = [f"And from templates: {', '.join(families)}."] if families else []
    if all(instance.sketch for instance in request.capabilities):
        return [f"With a ComfyUI server connected also: {', '.join(f.tool.title for f in own)}.", *more]
    nearest = sorted(own or away, key=distance)[:NEAREST]
    return [
        "With more models on the render server:",
        *(f"- **{f.tool.title}**: {f.availability.reason}" for f in nearest),
        *more,
    ]
