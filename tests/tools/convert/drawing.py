"""Draw small workflows in few words, as the editor would save them."""

from __future__ import annotations

from typing import Any

INFO: dict[str, Any] = {
    "Load": {"input": {"required": {"file": [["a.png", "b.png"], {"image_upload": True}]}}, "output": ["IMAGE", "MASK"]},
    "Blend": {
        "input": {
            "required": {"one": ["IMAGE", {}], "two": ["IMAGE", {}], "factor": ["FLOAT", {"default": 0.5}]},
            "optional": {"mask": ["MASK", {}]},
        },
        "output": ["IMAGE"],
    },
    "Sample": {
        "input": {
            "required": {
                "image": ["IMAGE", {}], "seed": ["INT", {"default": 0}], "steps": ["INT", {"default": 20}],
                "sampler": ["COMBO", {"options": ["euler", "heun"]}], "text": ["STRING", {"default": ""}],
            },
            "optional": {"extra": ["FLOAT", {"default": 1.0}], "hint": ["IMAGE", {}]},
        },
        "input_order": {"required": ["image", "seed", "steps", "sampler", "text"], "optional": ["extra", "hint"]},
        "output": ["IMAGE"],
    },
    "Resize": {
        "input": {
            "required": {
                "image": ["IMAGE", {}],
                "mode": [
                    "COMFY_DYNAMICCOMBO_V3",
                    {
                        "options": [
                            {"key": "size", "inputs": {"required": {"width": ["INT", {"default": 512}], "height": ["INT", {}]}}},
                            {"key": "noisy", "inputs": {"required": {"seed": ["INT", {}], "deep": [
                                "COMFY_DYNAMICCOMBO_V3",
                                {"options": [
                                    {"key": "no", "inputs": {}}, {"key": "yes", "inputs": {"required": {"x": ["FLOAT", {}]}}},
                                ]},
                            ]}}},
                            {"key": "match", "inputs": {"required": {"other": ["IMAGE", {}]}}},
                        ]
                    },
                ],
                "method": ["COMBO", {"options": ["area", "lanczos"]}],
            }
        },
        "output": ["IMAGE"],
    },
    "Batch": {
        "input": {"required": {"images": ["COMFY_AUTOGROW_V3", {"template": {
            "input": {"required": {"image": ["IMAGE", {}]}}, "prefix": "image", "min": 1, "max": 4}}]}},
        "output": ["IMAGE"],
    },
    "Switch": {
        "input": {"required": {
            "switch": ["BOOLEAN", {}],
            "off": ["COMFY_MATCHTYPE_V3", {"template": {"template_id": "t", "allowed_types": "IMAGE,MASK"}}],
            "on": ["COMFY_MATCHTYPE_V3", {"template": {"template_id": "t", "allowed_types": "IMAGE,MASK"}}],
        }},
        "output": ["COMFY_MATCHTYPE_V3"], "output_matchtypes": ["t"],
    },
    "Math": {"input": {"required": {"values": ["COMFY_AUTOGROW_V3", {"template": {
        "input": {"required": {"value": ["FLOAT,INT", {}]}}, "names": ["a", "b", "c"], "min": 1}}]}}, "output": ["FLOAT", "INT"]},
    "Palette": {"input": {"required": {"colors": ["COLORS", {"default": []}]}}, "output": ["STRING"]},
    "ImageCompare": {"input": {"required": {"view": ["IMAGECOMPARE", {}]}, "optional": {"a": ["IMAGE", {}]}}, "output": [],
                     "output_node": True},
    "CustomCombo": {"input": {"required": {"choice": ["COMBO", {"options": []}]}}, "output": ["STRING", "INT"]},
    "Save": {
        "input": {"required": {"image": ["IMAGE", {}], "prefix": ["STRING", {"default": "out"}]}},
        "output": [], "output_node": True, "display_name": "Save Image",
    },
}  # fmt: skip
"""An `/object_info` of a few made-up classes that have every form of input."""


class Sheet:
    """A graph that is being drawn; `inner` draws links as subgraphs store them."""

    def __init__(self, inner: bool = False) -> None:
        self.nodes: list[dict[str, Any]] = []
        self.links: list[Any] = []
        self._inner = inner

    def node(self, number: int, kind: str, values: Any = None, **more: Any) -> int:
        """`more`: mode, title, named, properties; `sockets` = {name: type}, `widgets` = names that store values, `outputs`."""
        widgets = more.pop("widgets", ())
        sockets = {**more.pop("sockets", {}), **dict.fromkeys(widgets, "INT")}
        inputs = [
            {"name": name, "type": kind, "link": None, **({"widget": {"name": name}} if name in widgets else {})}
            for name, kind in sockets.items()
        ]
        outputs = [{"name": kind, "type": kind} for kind in more.pop("outputs", ())]
        node = {"id": number, "type": kind, "mode": 0, "inputs": inputs, "outputs": outputs, **more}
        if values is not None:
            node["widgets_values"] = values
        self.nodes.append(node)
        return number

    def link(self, origin: int, slot: int, target: int, name: str | int) -> int:
        """Join an output to the input of that name (a number for what is no node: the border of a subgraph)."""
        number = len(self.links) + 1
        place = name if isinstance(name, int) else self._place(target, name, number)
        fields = (number, origin, slot, target, place)
        keys = ("id", "origin_id", "origin_slot", "target_id", "target_slot")
        self.links.append(dict(zip(keys, fields, strict=True)) if self._inner else [*fields, "*"])
        return number

    def _place(self, target: int, name: str, number: int) -> int:
        node = next(node for node in self.nodes if node["id"] == target)
        place = next(place for place, socket in enumerate(node["inputs"]) if socket["name"] == name)
        node["inputs"][place]["link"] = number
        return place

    def workflow(self, *definitions: dict[str, Any]) -> dict[str, Any]:
        return {"nodes": self.nodes, "links": self.links, "definitions": {"subgraphs": list(definitions)}}

    def definition(self, kind: str, inputs: dict[str, list[int]], outputs: int = 1) -> dict[str, Any]:
        """This sheet as a subgraph; `inputs` are names with the links that lead inward."""
        return {
            "id": kind, "nodes": self.nodes, "links": self.links,
            "inputs": [{"name": name, "type": "*", "linkIds": links} for name, links in inputs.items()],
            "outputs": [{"name": str(place), "type": "*"} for place in range(outputs)],
        }  # fmt: skip
