"""The errors of measuring.

Problem
├── SuiteNotFound      no suite of that name
├── CaseNotFound       no case of that name
├── SuiteBroken        a suite or a scene is not what evals/model.py describes
├── BenchmarkBroken    a file of a benchmark cannot be read
├── RunNotRecorded     no journal of that name
├── RunNameTaken       a run of that name is there, or its name is none
├── JournalBroken      a file is not the journal of a run
├── NothingToResume    no run was begun, or it is whole
├── ModelNotNamed      the language model's planner is to be measured, and none is named
├── NothingToPlanFor   no instance told what it can run
├── RunEnded           a plan was run, and no pictures came of it
├── TurnNotRecorded    no turn of that id that may become a case
└── TurnIsPrivate      an incognito turn never becomes a case
"""

from __future__ import annotations

from base.errors import InvalidInput, NotFound, Problem


class SuiteNotFound(NotFound):
    """There is no suite of that name."""

    code = "suite_not_found"
    action = "Name one of the files in evals/suites, without its ending."


class CaseNotFound(NotFound):
    """There is no case of that name."""

    code = "case_not_found"
    action = "Name a case as its suite does, or as suite/name."


class SuiteBroken(InvalidInput):
    """A case is not as cases are."""

    code = "suite_broken"
    action = "Correct the named case; evals/model.py describes one."


class BenchmarkBroken(InvalidInput):
    """A file of a benchmark is not as it should be."""

    code = "benchmark_broken"
    action = "Give the benchmark's own files: `stationthis eval taskbench --help` says what each line holds."


class RunNotRecorded(NotFound):
    """There is no journal of that name in evals/results."""

    code = "run_not_recorded"
    action = "Name a run, the path of its journal, or `latest`."


class RunNameTaken(InvalidInput):
    """A run of that name is recorded already, or the name is no name for a file."""

    code = "run_name_taken"
    action = "Choose another --name (letters, figures, dots, dashes), go on with --resume, or delete its journal first."


class JournalBroken(InvalidInput):
    """This file is not the journal of a run."""

    code = "journal_broken"
    action = "Run `stationthis eval run` again; only a torn last line can be mended."


class NothingToResume(NotFound):
    """There is no unfinished run to go on with."""

    code = "nothing_to_resume"
    action = "Begin one with `stationthis eval run`."


class ModelNotNamed(InvalidInput):
    """No language model is named, so its planner cannot be asked."""

    code = "model_not_named"
    action = "Set STATIONTHIS_MODEL, or add --scripted for a scripted server that answers as the cases expect."


class NothingToPlanFor(Problem):
    """No instance told in time what it can run, so nothing could be planned for it."""

    code = "nothing_to_plan_for"
    status = 503
    title = "No instance"
    action = "Start the ComfyUI named in STATIONTHIS_COMFY_URLS, or leave it out to use the embedded renderer."


class RunEnded(Problem):
    """The run ended without a result."""

    code = "run_ended"
    title = "Run ended"
    action = "Run the plan in a conversation to see its error."


class TurnNotRecorded(NotFound):
    """There is no turn of that id whose understanding is on record."""

    code = "turn_not_recorded"
    action = "Take the id of a turn that is over, from the data folder that STATIONTHIS_DATA names."


class TurnIsPrivate(Problem):
    """This turn is incognito: it never becomes a case."""

    code = "turn_is_private"
    status = 403
    title = "Incognito"
    action = "Say it again in a standard conversation, if you may."
