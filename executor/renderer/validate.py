"""Is this graph one that can run? Pure but for the choices that the registry reads from disk.

Accepted literals are converted in place ("16" becomes 16), because the history shows the converted value.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .faults import trace, type_name
from .nodes.registry import Node, Registry

Fault = dict[str, Any]
_CONVERT: dict[str, type] = {"INT": int, "FLOAT": float, "STRING": str, "BOOLEAN": bool}
_LONG_LIST = 20


@dataclass
class Verdict:
    """`error` is None when at least one output can run; `faults` may hold something all the same."""

    outputs: list[str] = field(default_factory=list)
    error: Fault | None = None
    faults: dict[str, Any] = field(default_factory=dict)


@dataclass
class _State:
    graph: dict[str, Any]
    registry: Registry
    #: Node id to (valid, its own faults); a node that is being looked at counts as invalid, so that cycles end.
    seen: dict[str, tuple[bool, list[Fault]]] = field(default_factory=dict)


def validate(graph: dict[str, Any], registry: Registry, targets: list[str] | None = None) -> Verdict:
    """Check every class name, then everything upstream of each output node (or of the targets only)."""
    error = _unknown_class(graph, registry)
    if error:
        return Verdict(error=error)
    outputs = [
        node_id
        for node_id, node in graph.items()
        if (found := registry.get(node["class_type"]))
        and found.is_output
        and (targets is None or node_id in targets)
    ]
    if not outputs:
        return Verdict(error=fault("prompt_no_outputs", "Prompt has no outputs"))
    return _validate_outputs(_State(graph, registry), outputs)


def fault(kind: str, message: str, details: str = "", **extra: Any) -> Fault:
    return {"type": kind, "message": message, "details": details, "extra_info": extra}


def _unknown_class(graph: dict[str, Any], registry: Registry) -> Fault | None:
    for node_id, node in graph.items():
        if not isinstance(node, dict) or "class_type" not in node:
            message = "Cannot execute because a node is missing the class_type property."
            return fault("invalid_prompt", message, f"Node ID '#{node_id}'")
        if registry.get(node["class_type"]) is None:
            message = f"Cannot execute because node {node['class_type']} does not exist."
            return fault("invalid_prompt", message, f"Node ID '#{node_id}'")
    return None


def _validate_outputs(state: _State, outputs: list[str]) -> Verdict:
    verdict, told = Verdict(), []
    for output in outputs:
        valid, faults = _validate_output(state, output)
        if valid:
            verdict.outputs.append(output)
            continue
        told += [f"{item['message']}: {item['details']}" for item in faults]
        _note_faults(state, output, verdict.faults)
    if not verdict.outputs:
        verdict.error = fault(
            "prompt_outputs_failed_validation", "Prompt outputs failed validation", "\n".join(told)
        )
    return verdict


def _validate_output(state: _State, output: str) -> tuple[bool, list[Fault]]:
    try:
        return _validate_node(state, output)
    except Exception as error:  # noqa: BLE001  whatever a malformed graph provokes is the client's to read
        extra = {"exception_type": type_name(error), "traceback": trace(error.__traceback__)}
        found = fault("exception_during_validation", "Exception when validating node", str(error), **extra)
        state.seen[output] = (False, [found])
        return state.seen[output]


def _note_faults(state: _State, output: str, faults: dict[str, Any]) -> None:
    for node_id, (valid, own) in state.seen.items():
        if valid or not own:
            continue
        entry = {"errors": own, "dependent_outputs": [], "class_type": state.graph[node_id]["class_type"]}
        faults.setdefault(node_id, entry)["dependent_outputs"].append(output)


def _validate_node(state: _State, node_id: str) -> tuple[bool, list[Fault]]:
    if node_id in state.seen:
        return state.seen[node_id]
    state.seen[node_id] = (False, [])
    node = state.registry.get(state.graph[node_id]["class_type"])
    assert node is not None
    inputs = state.graph[node_id]["inputs"]
    valid, faults = True, []
    given = {name: config for name, config in node.optional.items() if name in inputs}
    for name, config in {**state.registry.required(node), **given}.items():
        good, found = _validate_input(state, node, inputs, name, config)
        valid = valid and good
        faults += found
    if valid and not faults and node.check is not None:
        faults += _custom(state, node, inputs)
    state.seen[node_id] = (valid and not faults, faults)
    return state.seen[node_id]


def _validate_input(
    state: _State, node: Node, inputs: dict[str, Any], name: str, config: list[Any]
) -> tuple[bool, list[Fault]]:
    if name not in inputs:
        return False, [fault("required_input_missing", "Required input is missing", name, input_name=name)]
    if isinstance(inputs[name], list):
        return _validate_link(state, inputs[name], name, config)
    found = _validate_literal(node, inputs, name, config)
    return found is None, [found] if found else []


def _validate_link(state: _State, link: list[Any], name: str, config: list[Any]) -> tuple[bool, list[Fault]]:
    if len(link) != 2:
        message = "Bad linked input, must be a length-2 list of [node_id, slot_index]"
        extra = {"input_name": name, "input_config": config, "received_value": link}
        return False, [fault("bad_linked_input", message, name, **extra)]
    source = state.registry.get(state.graph[link[0]]["class_type"])
    assert source is not None
    received = source.outputs[link[1]]
    if not _types_match(received, config[0]):
        details = f"{name}, received_type({received}) mismatch input_type({config[0]})"
        extra = {"input_name": name, "input_config": config, "received_type": received, "linked_node": link}
        return False, [
            fault("return_type_mismatch", "Return type mismatch between linked nodes", details, **extra)
        ]
    return _validate_upstream(state, link, name, config), []


def _validate_upstream(state: _State, link: list[Any], name: str, config: list[Any]) -> bool:
    try:
        return _validate_node(state, link[0])[0]
    except Exception as error:  # noqa: BLE001  as above: told to the client as a fault of the inner node
        extra = {
            "input_name": name,
            "input_config": config,
            "exception_message": str(error),
            "exception_type": type_name(error),
            "traceback": trace(error.__traceback__),
            "linked_node": link,
        }
        message = "Exception when validating inner node"
        found = fault("exception_during_inner_validation", message, str(error), **extra)
        state.seen[link[0]] = (False, [found])
        return False


def _types_match(received: str, wanted: Any) -> bool:
    if isinstance(wanted, list):
        return received == "COMBO"
    return received == "*" or wanted == "*" or bool(set(received.split(",")) & set(str(wanted).split(",")))


def _validate_literal(node: Node, inputs: dict[str, Any], name: str, config: list[Any]) -> Fault | None:
    kind, value = config[0], inputs[name]
    extra = {"input_name": name, "input_config": config}
    if isinstance(value, dict) and "__value__" in value:
        value = inputs[name] = value["__value__"]
    if isinstance(kind, str) and kind in _CONVERT:
        try:
            value = inputs[name] = _CONVERT[kind](value)
        except (TypeError, ValueError, OverflowError) as error:
            message = f"Failed to convert an input value to a {kind} value"
            extra |= {"received_value": value, "exception_message": str(error)}
            return fault("invalid_input_type", message, f"{name}, {value}, {error}", **extra)
    if name in node.checks:
        return None
    return _out_of_range(name, value, config) or _not_a_choice(name, value, config)


def _out_of_range(name: str, value: Any, config: list[Any]) -> Fault | None:
    options = config[1] if len(config) > 1 else {}
    extra = {"input_name": name, "input_config": config, "received_value": value}
    if "min" in options and value < options["min"]:
        return fault(
            "value_smaller_than_min", f"Value {value} smaller than min of {options['min']}", name, **extra
        )
    if "max" in options and value > options["max"]:
        return fault(
            "value_bigger_than_max", f"Value {value} bigger than max of {options['max']}", name, **extra
        )
    return None


def _not_a_choice(name: str, value: Any, config: list[Any]) -> Fault | None:
    if config[0] != "COMBO" and not isinstance(config[0], list):
        return None
    choices = config[0] if isinstance(config[0], list) else config[1].get("options", [])
    if value in choices:
        return None
    long = len(choices) > _LONG_LIST
    listed = f"(list of length {len(choices)})" if long else str(choices)
    extra = {"input_name": name, "input_config": None if long else config, "received_value": value}
    return fault("value_not_in_list", "Value not in list", f"{name}: '{value}' not in {listed}", **extra)


def _custom(state: _State, node: Node, inputs: dict[str, Any]) -> list[Fault]:
    answer = state.registry.accepts(node, inputs)
    if answer is True:
        return []
    words = f" - {answer}" if isinstance(answer, str) else ""
    message = "Custom validation failed for node"
    return [
        fault("custom_validation_failed", message, f"{name}{words}", input_name=name) for name in node.checks
    ]
