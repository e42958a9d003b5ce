"""The errors of the executor.

Problem
├── RunNotFound            no such run, or not yours
├── WorkerNotFound         no living worker has such an id, or several have
├── NotAdmitted            the line takes no more of this now
│   ├── TooManyWaiting     of this person
│   └── LineFull           of anybody, of low priority first
├── DeadLetterNotFound     no job that was given up has such an id, or several have
├── NotWaiting             a run that waits for no answer was confirmed
├── AlreadyEnded           a run that is over was cancelled
├── AssetNotFound          no such asset, or not yours
├── LinkOver               a signed link that has run out or is not whole
├── TooLarge               an upload above the limit of bytes or pixels
├── NotAnImage             bytes that are not a picture we can read
├── ImageTooComplex        decoding took too long or too much memory
├── UnreadableMedia        bytes that are nothing we know, or that end too early
├── MediaTooComplex        taking a video, sound or model apart took too long or too much memory
├── StorageAway            where the bytes lie does not answer
│   ├── BucketMissing      the bucket of the settings does not exist
│   └── NoRoom             our own disk takes no more
├── FolderNotShared        a process that would keep media in another folder than the others
├── RulesMissing           the bucket has not the lifecycle rules by which things expire
├── BytesGone              stored bytes were swept before anything was made of them
├── NoThumbnail            an asset that has no picture of itself
└── JobProblem             a job ended without a result (the code travels in `run.failed`): each class says why
    ├── job: GraphRefused, NodeFailed, InputUnreadable, InputFailed, InputTooLarge, OutOfMemory, TooSlow, OutputLost, NoOutput
    ├── model: ModelMissing, ModelBroken, NodeMissing, NotANumber
    └── server: InstanceAway, NotTaken, HostLost, GpuFailed, NoProgress, DiskFull, Interrupted, HostFailed
"""

from __future__ import annotations

from base.errors import NotFound, Problem
from tools.errors import FileTooLarge


class RunNotFound(NotFound):
    """There is no such run, or it is not yours."""

    code = "run_not_found"


class WorkerNotFound(NotFound):
    """No worker, or more than one, has an id that begins so."""

    code = "worker_not_found"
    action = "See `stationthis worker status`."


class NotAdmitted(Problem):
    """The line takes no more of this now."""

    code = "not_admitted"
    status = 429
    title = "Not now"
    action = "Try again later."


class TooManyWaiting(NotAdmitted):
    """As many of your jobs wait already as may."""

    code = "too_many_waiting"
    title = "Enough waits already"


class LineFull(NotAdmitted):
    """So much waits already that this would take too long to start."""

    code = "line_full"
    title = "The line is full"


class DeadLetterNotFound(NotFound):
    """No dead letter, or more than one, has an id that begins so."""

    code = "dead_letter_not_found"
    action = "See `stationthis worker dead list`; it may have been retried or dropped meanwhile."


class NotWaiting(Problem):
    """This run does not wait for an answer."""

    code = "not_waiting"
    status = 409
    title = "Nothing to confirm"
    action = "Look at the run's status; it may have started, ended or expired already."


class AlreadyEnded(Problem):
    """This run is already over."""

    code = "already_ended"
    status = 409
    title = "The run is over"
    action = "Start it again to have it done anew."


class AssetNotFound(NotFound):
    """There is no such asset, or it is not yours."""

    code = "asset_not_found"


class LinkOver(Problem):
    """This link has run out, or is not whole."""

    code = "link_over"
    status = 410
    title = "Link over"
    action = "Ask whoever gave it for a new one (`GET /api/v1/assets/{id}/link`), and copy all of it."


class TooLarge(Problem):
    """This file is larger than an upload may be."""

    code = "too_large"
    status = 413
    title = "Too large"
    action = "Send a picture of at most 50 MB and 100 megapixels, a text of at most 1 MB, or another file of at most 2 GB."


class NotAnImage(Problem):
    """This file is not a picture that can be read here."""

    code = "not_an_image"
    status = 422
    title = "Not a picture"
    action = "Send a PNG, JPEG, WebP, GIF, BMP or TIFF file that opens in an image viewer."


class ImageTooComplex(Problem):
    """This picture takes too much time or memory to decode."""

    code = "image_too_complex"
    status = 422
    title = "Cannot decode"
    action = "Save the picture again in a smaller size and send that."


class UnreadableMedia(Problem):
    """This file is no picture, video, sound, 3D model or text that can be read here."""

    code = "unreadable_media"
    status = 422
    title = "Cannot be read"
    action = "Send a file that plays or opens elsewhere: MP4, MOV, WebM, WAV, MP3, FLAC, OGG, GLB, OBJ, PLY, STL or plain text."


class MediaTooComplex(Problem):
    """This file takes too much time or memory to take apart."""

    code = "media_too_complex"
    status = 422
    title = "Cannot decode"
    action = "Save it again, shorter or simpler, and send that."


class StorageAway(Problem):
    """The storage of media does not answer."""

    code = "storage_away"
    status = 503
    title = "Storage away"
    action = "Try again; an operator should look at STATIONTHIS_S3_ENDPOINT and its keys."


class BucketMissing(StorageAway):
    """The bucket that STATIONTHIS_S3_BUCKET names does not exist."""

    code = "bucket_missing"
    title = "No bucket"
    action = "An operator must create it at the storage, or correct STATIONTHIS_S3_BUCKET; nothing can be kept until then."


class FolderNotShared(Problem):
    """This process would keep pictures and films in another folder than the others: nobody would find them."""

    code = "folder_not_shared"
    title = "Another data folder"
    action = (
        "Share the data folder of the others (STATIONTHIS_DATA) with this machine, or set STATIONTHIS_S3_* for all. When this is "
        "their folder, moved or restored: `stationthis assets adopt-folder`."
    )


class NoRoom(StorageAway):
    """The disk of the machine that keeps or carries this is full."""

    code = "no_room"
    title = "No room"
    action = "Try again later; an operator must make room where STATIONTHIS_DATA lies."


class RulesMissing(Problem):
    """The bucket does not have every lifecycle rule: what shall expire would stay."""

    code = "bucket_rules_missing"
    title = "Lifecycle rules missing"
    action = "Run `stationthis assets lifecycle`, with keys that may change the bucket's rules."


class BytesGone(Problem):
    """This took so long that its file was cleared away in between."""

    code = "bytes_gone"
    status = 503
    title = "File cleared away"
    action = "Send it again."


class NoThumbnail(NotFound):
    """There is no picture of this."""

    code = "no_thumbnail"


class JobProblem(Problem):
    """A job ended without a result."""

    code = "job_failed"
    status = 500
    title = "The render failed"
    action = "Retry; if it fails again, change the request."


class InstanceAway(JobProblem):
    """No render server that can do this answered in time."""

    code = "instance_away"
    status = 503
    title = "Render server away"
    action = "Start the ComfyUI server named in STATIONTHIS_COMFY_URLS, then retry."


class GraphRefused(JobProblem):
    """The render server refused the workflow."""

    code = "graph_refused"
    title = "Workflow refused"
    action = "Retry with other parameters; an operator finds the refused input in the job's record."


class NodeFailed(JobProblem):
    """A step of the workflow failed on the render server."""

    code = "node_failed"


class InputUnreadable(JobProblem):
    """The render server could not read a file that this builds on."""

    code, title = "input_unreadable", "Input unreadable"
    action = "Save the file anew with another program, attach it again, then retry."


class OutOfMemory(JobProblem):
    """The render server ran out of memory."""

    code = "out_of_memory"
    title = "Out of memory"
    action = "Ask for a smaller size, or for fewer at once, then retry."


class ModelMissing(JobProblem):
    """A model file that this needs is not on the render server."""

    code = "model_missing"
    title = "Model missing"
    action = "Put the file into ComfyUI's models (the tool's page names it and its folder), then retry."


class ModelBroken(JobProblem):
    """A model file on the render server is damaged, or holds another model than its name says."""

    code = "model_broken"
    title = "Model broken"
    action = "Have the operator fetch the model file again, then retry."


class NodeMissing(JobProblem):
    """The render server does not have a node that this needs."""

    code = "node_missing"
    title = "Node missing"
    action = "Update that ComfyUI or install the custom nodes, then retry."


class NotANumber(JobProblem):
    """The model's numbers overflowed on the render server: what came out is entirely black."""

    code = "not_a_number"
    title = "Nothing came out"
    action = "Retry with another seed or model. (If it shall be black, say so; the operator may try --fp32-vae.)"


class OutputLost(JobProblem):
    """The render server says it is done, but its file is gone."""

    code = "output_lost"
    title = "Output lost"


class NoOutput(JobProblem):
    """The render server finished without making anything."""

    code = "no_output"
    title = "No output"


class InputFailed(JobProblem):
    """What this builds on was not made, or is gone."""

    code = "input_failed"
    title = "Input missing"
    action = "Retry the earlier request first, or attach the picture again."


class InputTooLarge(JobProblem):
    """An input is larger than the render server takes; mostly that is seen before anything runs."""

    code, status = FileTooLarge.code, FileTooLarge.status
    title, action = FileTooLarge.title, FileTooLarge.action


class HostLost(JobProblem):
    """The render server died over this, more than once."""

    code = "host_lost"
    status = 503
    title = "Render server died"
    action = "Ask for something smaller, or retry later; an operator should look at the render server."


class GpuFailed(JobProblem):
    """The GPU of the render server failed over this."""

    code = "gpu_failed"
    status = 503
    title = "GPU failed"
    action = "Retry later; an operator should restart the render server."


class TooSlow(JobProblem):
    """This was rendered for as long as it may take, and was stopped."""

    code = "too_slow"
    title = "Took too long"
    action = "Ask for something smaller or shorter; an operator can give the tool another `deadline_s`."


class NoProgress(JobProblem):
    """The render server showed no sign of progress for too long."""

    code = "no_progress"
    status = 504
    title = "No progress"
    action = "Ask for something smaller, or retry later; an operator should look at the render server."


class DiskFull(JobProblem):
    """The disk of the render server is full."""

    code = "disk_full"
    status = 503
    title = "Disk full"
    action = "Retry later; an operator should make room on the render server."


class Interrupted(JobProblem):
    """Somebody stopped this on the render server."""

    code = "interrupted"
    status = 503
    title = "Stopped there"
    action = "Retry; an operator should see who else uses the render server."


class NotTaken(JobProblem):
    """The render server answers, but does not take jobs."""

    code = "not_taken"
    status = 503
    title = "Render server takes no jobs"
    action = "Retry later; an operator should look at the render server."


class HostFailed(JobProblem):
    """The render server failed several times while working on this."""

    code = "host_failed"
    status = 503
    title = "Render server failed"
    action = "Retry later; an operator should look at the render server."


def job_problem(code: str) -> type[JobProblem]:
    """The class with this code; JobProblem itself for codes of other rooms."""
    return next((cls for cls in JobProblem.__subclasses__() if cls.code == code), JobProblem)
