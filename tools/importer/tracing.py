"""From a graph that runs to a tool that can be set: ports, parameters, and the graph with a `$name` wherever one binds.

Everything is found by following links and reading types, never by titles: what a node is called says nothing about
what reaches it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from tools.errors import BadWorkflow, LinkCycle, WorkflowTooLarge
from tools.graph import Graph
from tools.importer import music, parameters, sampling, shaping
from tools.importer.canvas import Canvas, find_canvas
from tools.importer.length import Length, find_length, find_seconds
from tools.importer.media import MediaPort, find_media, split_masks
from tools.importer.numbers import ways
from tools.importer.outputs import PREFIX, Output, find_outputs, media_kind
from tools.importer.pruning import loose_links, optional_ports
from tools.importer.settling import choices, settled
from tools.importer.texts import Words, find_texts
from tools.importer.wiring import Place, Wiring
from tools.model import MediaKind, Parameter, Port


@dataclass(frozen=True)
class Traced:
    """What a person sets in a graph, and the graph that takes it (see tools.graph for `$names`)."""

    inputs: Mapping[str, Port]
    outputs: Mapping[str, Port]
    params: Mapping[str, Parameter]
    derive: str | None
    graph: Graph = field(repr=False)
    output_nodes: Mapping[str, str]
    loose_links: tuple[tuple[str, str], ...]
    samples: Mapping[str, str]
    """The template's own texts by parameter, to show as examples."""
    generative: bool
    """A sampler makes it."""
    notes: tuple[str, ...]
    """What a person would expect and the graph does not let one set."""


def trace(graph: Graph, info: Mapping[str, Any]) -> Traced:
    """Find ports and parameters of an API graph by this `/object_info`.

    Raises BadWorkflow when nothing comes out, LinkCycle or WorkflowTooLarge when its links have no end that is near.
    """
    hold_shape(graph, info)
    bare, quick = settled(graph, info)
    outputs = find_outputs(bare, info)
    if not outputs:
        raise BadWorkflow("Nothing in this workflow is saved or shown.")
    above = Wiring(bare, info).ancestors(*(output.node for output in outputs))
    bare = {node: body for node, body in bare.items() if node in above}
    split_masks(bare, info)
    lists = {node: choices(graph, node) for node in bare if node in graph}
    return _Tracing(Wiring(bare, info), outputs, quick, lists).traced()


def hold_shape(graph: Graph, info: Mapping[str, Any]) -> None:
    """Whether following its links comes to an end soon. Raises LinkCycle, WorkflowTooLarge."""
    whole = Wiring(graph, info)
    depth = whole.depth()
    if depth is None:
        raise LinkCycle
    if depth > _DEEPEST or ways(whole) > _MOST_WAYS:
        raise WorkflowTooLarge


class _Tracing:
    """Collects parameters and where they bind; the graph itself is written last."""

    def __init__(
        self,
        wiring: Wiring,
        outputs: list[Output],
        quick: tuple[Place, ...],
        lists: Mapping[str, list[str]],
    ) -> None:
        self.lists = {node: options for node, options in lists.items() if options}
        self.wiring = wiring
        self.outputs = outputs
        self.main = outputs[0]
        self.quick = [place for place in quick if place.node in wiring.graph]
        self.nodes = set(wiring.graph)
        self.stages = self._stages()
        self.params: dict[str, Parameter] = {}
        self.samples: dict[str, str] = {}
        self.written: dict[Place, str] = {}
        self.rules: list[str] = []
        self.notes: list[str] = []
        self.brings_pictures = False
        self.whole = sampling.steps(wiring, self.stages)
        total = wiring.value(self.whole[0]) if self.whole else 0
        self.split = sampling.split_steps(wiring, self.stages, total)

    def _stages(self) -> list[sampling.Stage]:
        """Of all outputs, those of the main one last: its first sampler is the one that counts where they differ."""
        every = [sampling.stages(self.wiring, output.node) for output in reversed(self.outputs)]
        main = every.pop()
        return [stage for stages in every for stage in stages if stage not in main] + main

    def traced(self) -> Traced:
        ports = find_media(self.wiring, self.outputs)
        self.brings_pictures = any(port.kind is MediaKind.IMAGE for port in ports)
        self._texts(find_texts(self.wiring, (output.node for output in self.outputs)))
        self._variant()
        self._canvas(find_canvas(self.wiring, self.main.node), ports)
        self._length()
        self._music()
        self._sampling()
        for port in ports:
            self._bind(port.places, port.port)
        loose = loose_links(self.wiring)
        ends = [output.node for output in self.outputs]
        optional = optional_ports(self.wiring.graph, ports, loose, ends, self.main.kind is MediaKind.TEXT)
        return Traced(
            inputs={
                port.port: Port(
                    kind=port.kind, description=port.said, count=(int(port.port not in optional), 1)
                )
                for port in ports
            },
            outputs={output.port: Port(kind=output.kind) for output in self.outputs},
            params={name: self._narrowed(name) for name in _in_order(self.params)},
            derive=self._rule(ports),
            graph=self._graph(),
            output_nodes={output.port: output.node for output in self.outputs},
            loose_links=loose if optional else (),
            samples=self.samples,
            generative=bool(self.stages),
            notes=tuple(self.notes),
        )

    def _texts(self, texts: list[Words]) -> None:
        """One parameter for each different text of a role."""
        for role in dict.fromkeys(words.role for words in texts):
            if role == "negative" and not self._guided():
                continue
            found = self._told([words for words in texts if words.role == role])
            for number, group in enumerate(found, 1):
                name = role if number == 1 else f"{role}_{number}"
                sample = max((words.text.strip() for words in group), key=len)
                fixed = len(found) > _MOST_PROMPTS or self._refines()
                self.params[name] = parameters.words(role, sample, self._about(group), fixed, self._quick())
                self.samples[name] = sample
                self._bind([words.place for words in group], name)

    def _told(self, texts: list[Words]) -> list[list[Words]]:
        """Texts that are one to a person: the same words, words of one reader, or words along one schedule. An empty
        one beside others is none that anybody misses."""
        said = [words for words in texts if words.text.strip()] or texts
        if self.split:
            return [texts]
        groups: list[list[Words]] = []
        for words in said:
            same = next((group for group in groups if _are_one(group[0], words)), None)
            if same is None:
                groups.append([words])
            else:
                same.append(words)
        return groups

    def _about(self, group: list[Words]) -> str:
        """Words that are read beside a picture, or that steer away from one, are an instruction."""
        beside = any(
            media_kind(self.wiring, link) is not None
            for words in group
            for _, link in self.wiring.linked(words.reader)
        )
        away = any(self.wiring.class_of(node) == "ReferenceLatent" for node in self.nodes)
        instructs = self.brings_pictures and (beside or away) and self.main.kind is MediaKind.IMAGE
        return parameters.prompt_of(self.main.kind, instructs, not self.stages)

    def _refines(self) -> bool:
        """Whether so little is painted anew that the words only help: then they need not be the person's."""
        repainted = sampling.denoising(self.wiring, self.stages)
        return any(self.wiring.value(place) < _LITTLE for place in repainted) and self.brings_pictures

    def _guided(self) -> bool:
        """Without guidance a negative prompt does nothing."""
        scales = sampling.guidance(self.wiring, self.stages, set())
        return bool(scales) or not self.stages

    def _variant(self) -> None:
        """The one list of choices whose chosen word is used; a choice that only its place tells is fixed by now."""
        if len(self.lists) == 1:
            ((node, options),) = self.lists.items()
            place = Place(node, "choice")
            self.params["variant"] = parameters.variant(str(self.wiring.value(place)), options)
            self._bind([place], "variant")

    def _canvas(self, canvas: Canvas, ports: list[MediaPort]) -> None:
        factor = sampling.enlargements(self.wiring, self.main.node)
        if self.main.kind in _HAS_SIDES:
            self._number("scale", factor, parameters.factor)
        for name, place in shaping.borders(self.wiring, self.nodes).items():
            self._number(name, [place], partial(parameters.border, name))
        if not canvas.width or not canvas.height or self.main.kind not in _HAS_SIDES:
            sized = self.main.kind in _HAS_SIDES
            self.rules.append(_begun(canvas, "scale" in self.params) if sized else shaping.UNSIZED)
            return
        if canvas.resized:
            self.rules.append(shaping.UNSIZED)
        fitted = _shapes(ports)
        size = []
        for name, written in (("width", canvas.width), ("height", canvas.height)):
            size.append(int(next(iter(written.values()))))
            self.params[name] = parameters.side(size[-1], canvas.multiple, fitted)
            self._bind(written, f"canvas_{name}")
        shape = f"fit:{canvas.multiple}:{size[0]}:{size[1]}"
        self.rules.append(shape if fitted else f"sides:{canvas.multiple}")
        if canvas.batches and self.main.kind is MediaKind.IMAGE:
            self._number("count", list(canvas.batches), parameters.count)

    def _length(self) -> None:
        if self.main.kind is MediaKind.AUDIO:
            places = find_seconds(self.wiring, self.nodes)
            if places:
                value = self.wiring.value(places[0])
                self.params["duration"] = parameters.duration(value, self._whole(places), 240.0)
                self._bind(places, "duration")
            return
        length = find_length(self.wiring, self.main.node) if self.main.kind is MediaKind.VIDEO else None
        if length is not None:
            self._film(length)

    def _music(self) -> None:
        """Tempo, key and language of a song, where they are written plainly: else each song would have the sample's."""
        for node in sorted(self.nodes):
            for name, given in music.plain(self.wiring, node).items():
                self.params.setdefault(name, given.parameter)
                self._bind([given.place], name)

    def _film(self, length: Length) -> None:
        if length.rate:
            whole = self._whole(length.rate) or float(length.fps).is_integer()
            self.params["fps"] = parameters.rate(length.fps, whole)
            self._bind(length.rate, "fps")
        if length.seconds:
            self.params["duration"] = parameters.duration(length.duration, self._whole(length.seconds), 10.0)
            self._bind(length.seconds, "duration")
        elif length.frames:
            self.params["duration"] = parameters.duration(length.duration, False, 10.0, length.pieces)
            self._bind(length.frames, "frames")
            self.rules.append(f"frames:{length.step}:{length.fps:g}")

    def _sampling(self) -> None:
        self._number("seed", sampling.seeds(self.wiring, self.nodes), parameters.seed)
        quick = self._quick()
        if self.whole and (self.wiring.value(self.whole[0]) > 1 or "prompt" in self.params):
            self._number("steps", self.whole, lambda value: parameters.steps(value, quick))
            self._schedule(self.wiring.value(self.whole[0]))
        scales = sampling.guidance(self.wiring, self.stages, self.nodes)
        self._number("cfg", scales, lambda value: parameters.guidance(value, quick))
        repainted = sampling.denoising(self.wiring, self.stages)
        self._number("strength", repainted, parameters.repainting)
        if not repainted:
            self._number("strength", sampling.control(self.wiring, self.nodes), parameters.control)
        for place in self.quick:
            self.params["turbo"] = parameters.turbo(bool(self.wiring.value(place)))
            self._bind([place], "turbo")

    def _quick(self) -> bool | None:
        """How the switch between quick and fine stands; None without one."""
        return bool(self.wiring.value(self.quick[0])) if self.quick else None

    def _schedule(self, whole: float) -> None:
        self._bind(sampling.ends_of_schedule(self.wiring, self.stages, whole), "steps")
        if len({self.wiring.value(place) for place in self.split}) == 1:
            self._bind(self.split, "split_step")
            self.rules.append(f"split:{self.wiring.value(self.split[0]) / whole:g}")

    def _number(self, name: str, places: list[Place], make: Any) -> None:
        free = [place for place in places if place not in self.written]
        if free:
            self.params[name] = make(self.wiring.value(free[0]))
            self._bind(free, name)

    def _whole(self, places: Iterable[Place]) -> bool:
        """Whether one of the places takes whole numbers only."""
        specs = (self.wiring.spec(place) for place in places)
        return any(spec is not None and spec.type == "INT" for spec in specs)

    def _narrowed(self, name: str) -> Parameter:
        """The parameter within what every input that it is written to takes."""
        parameter = self.params[name]
        if parameter.minimum is None or parameter.maximum is None:
            return parameter
        wanted = {name, f"canvas_{name}"}
        specs = [self.wiring.spec(place) for place, written in self.written.items() if written in wanted]
        lows = [spec.options["min"] for spec in specs if spec and "min" in spec.options]
        highs = [spec.options["max"] for spec in specs if spec and "max" in spec.options]
        update = {"minimum": max([parameter.minimum, *lows]), "maximum": min([parameter.maximum, *highs])}
        return parameter.model_copy(update=update)

    def _bind(self, places: Iterable[Place], name: str) -> None:
        for place in places:
            self.written.setdefault(place, name)

    def _rule(self, ports: list[MediaPort]) -> str | None:
        """The rules joined, the one that knows the size first. A picture that is not known to keep its size says so."""
        sized = any(rule.split(">")[-1].split(":")[0] in _SIZED for rule in self.rules)
        keeps = any(port.port == MediaKind.IMAGE.value for port in ports)
        rules = (
            self.rules
            if sized or (keeps and self.rules)
            else [*([] if keeps else [shaping.UNSIZED]), *self.rules]
        )
        return "+".join(rules) or None

    def _graph(self) -> Graph:
        graph = {
            node: {
                "class_type": body["class_type"],
                "inputs": {name: _escaped(value) for name, value in body["inputs"].items()},
            }
            for node, body in self.wiring.graph.items()
        }
        for place, name in self.written.items():
            graph[place.node]["inputs"][place.input] = f"${name}"
        for output in self.outputs:
            if "filename_prefix" in graph[output.node]["inputs"]:
                graph[output.node]["inputs"]["filename_prefix"] = PREFIX
        return graph


_MOST_WAYS = 1_000
"""Through sums within sums; the official templates have two at most."""
_HAS_SIDES = (MediaKind.IMAGE, MediaKind.VIDEO, MediaKind.MASK)
_GIVES_SHAPE = {"start_image", "end_image", "control"}
"""Pictures whose shape the result should have, rather than be cut to the template's."""
_DEEPEST = 300
"""Links from an output to what it begins with: ten times what any official template has."""
_SIZED = ("fit", "sides", "kept", "scaled", "unsized")
_MOST_PROMPTS = 3
"""More different prompts than this are the tool's own presets."""
_LITTLE = 0.5
_ORDER = (
    "prompt", "negative", "lyrics", "text", "subject", "variant", "width", "height", "left", "top",
    "right", "bottom", "count", "duration", "fps", "bpm", "key", "language",
    "scale", "strength", "turbo", "steps", "cfg", "seed",
)  # fmt: skip


def _shapes(ports: list[MediaPort]) -> bool:
    """Whether the first picture decides the shape: it is a frame, an outline, or what a mask lies on. Without a picture a
    film that is brought does."""
    kinds = {port.kind for port in ports}
    first = next((port for port in ports if port.kind is MediaKind.IMAGE), None)
    if first is None:
        return MediaKind.VIDEO in kinds
    return MediaKind.MASK in kinds or first.role in _GIVES_SHAPE


def _begun(canvas: Canvas, scaled: bool) -> str:
    """The rule where nobody sets the size."""
    return "scaled" if scaled else canvas.rule or shaping.UNSIZED


def _are_one(first: Words, second: Words) -> bool:
    return first.text.strip() == second.text.strip() or first.reader == second.reader


def _in_order(names: Iterable[str]) -> list[str]:
    """As a person would want to read them."""
    rank = {name: position for position, name in enumerate(_ORDER)}
    return sorted(names, key=lambda name: (rank.get(name.rstrip("_0123456789"), len(rank)), name))


def _escaped(value: Any) -> Any:
    return f"${value}" if isinstance(value, str) and value.startswith("$") and value != PREFIX else value
