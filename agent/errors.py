"""The errors of the agent.

Problem
├── ConversationNotFound   no such conversation, or not yours
├── TurnNotFound           no such turn, or not yours
├── TextTooLong            a message above the limit
├── EmptyMessage           neither text nor attachment nor choice
├── UnknownChoice          a button that the conversation did not offer
├── HandleNotFound         a conversation has no medium of that name
├── StaysIncognito         what was said in an incognito conversation was to be kept
├── TurnNotOver            a turn at work was retried
├── Interrupted            a turn was cut off while it was answering
├── PlannerFailed          no planner could make a plan
└── ModelProblem           the language model gave nothing usable
    ├── ModelUnreachable   connection refused, cut or timed out
    ├── ModelRefused       the model declined
    ├── ModelOverloaded    429 or 5xx after waiting
    ├── ModelLacksJson     its server knows no way to ask for JSON
    ├── ModelMisbehaved    not the JSON that was asked for, also after repairs
    └── ModelBudgetSpent   what a message or a conversation may cost is used up
"""

from __future__ import annotations

from base.errors import InvalidInput, NotFound, Problem


class ConversationNotFound(NotFound):
    """There is no such conversation, or it is not yours."""

    code = "conversation_not_found"


class TurnNotFound(NotFound):
    """There is no such turn, or it is not yours."""

    code = "turn_not_found"


class TextTooLong(InvalidInput):
    """The message is longer than a message may be."""

    code = "text_too_long"
    title = "Text too long"
    action = "Shorten the message and send it again."


class EmptyMessage(InvalidInput):
    """The message has neither text nor a picture."""

    code = "empty_message"
    title = "Nothing to do"
    action = "Write what you want, or attach a picture."


class UnknownChoice(InvalidInput):
    """This conversation did not offer that choice."""

    code = "unknown_choice"
    title = "Unknown choice"
    action = "Click one of the buttons of the last question, or write what you want."


class HandleNotFound(NotFound):
    """The conversation has no picture of that name."""

    code = "handle_not_found"


class StaysIncognito(Problem):
    """This was made in an incognito conversation, and a spell stays when that is forgotten."""

    code = "stays_incognito"
    status = 409
    title = "Incognito"
    action = "Say that it may leave the conversation, if that is what you want."


class TurnNotOver(Problem):
    """This turn is still at work."""

    code = "turn_not_over"
    status = 409
    title = "Still at work"
    action = "Wait for its end, or cancel it first."


class Interrupted(Problem):
    """The answer was cut off by a restart."""

    code = "interrupted"
    title = "Cut off"
    action = "Retry the turn."


class PlannerFailed(Problem):
    """This could not be turned into a plan."""

    code = "planner_failed"
    title = "Not understood"
    action = "Say it in other words."


class ModelProblem(Problem):
    """The language model gave nothing usable."""

    code = "model_failed"
    status = 502
    title = "Language model failed"
    action = "Retry; check STATIONTHIS_MODEL and its key."

    retry_after_s: float | None = None


class ModelUnreachable(ModelProblem):
    """The language model cannot be reached."""

    code = "model_unreachable"
    title = "Language model unreachable"
    action = "Check STATIONTHIS_MODEL_URL and the network, then retry."


class ModelRefused(ModelProblem):
    """The language model declined this request."""

    code = "model_refused"
    title = "Language model declined"
    action = "Ask in another way."


class ModelOverloaded(ModelProblem):
    """The language model has too much to do."""

    code = "model_overloaded"
    title = "Language model overloaded"
    action = "Wait a moment, then retry."


class ModelLacksJson(ModelProblem):
    """This language model cannot be asked for JSON."""

    code = "model_lacks_json"
    title = "Language model lacks JSON"
    action = "Choose another model with STATIONTHIS_MODEL."


class ModelMisbehaved(ModelProblem):
    """The language model did not answer in the form it was asked for."""

    code = "model_misbehaved"
    title = "Language model misbehaved"
    action = "Retry, or choose another model with STATIONTHIS_MODEL."


class ModelBudgetSpent(ModelProblem):
    """What may be spent on the language model is used up."""

    code = "model_budget_spent"
    status = 402
    title = "Language model budget used up"
    action = "Start a new conversation, or go on without the language model."
