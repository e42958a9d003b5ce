"""The errors of the model registry.

Problem
├── ModelNotFound       no registered model has that id
├── ModelExists         the same file is registered already
├── NotRegistered       there is no such entry, or it is not yours
├── NotWaiting          the entry waits for no decision
├── TooManyOwn          one account keeps as many entries as it may
├── BadModelUrl         an address that is not taken
├── BadModelEntry       a registry file that cannot be read, or an entry that makes no sense
├── NothingToDownload   an entry without an address
├── FileExists          a file lies there that is not the one that is wanted
├── DownloadBusy        another process fetches the same file
├── DiskFull            not enough room where the file shall go
├── GpuTooSmall         the graphics card of this machine has too little memory
├── SourceGated         the source asks for an account before it gives the file
├── SourceGone          the source has no such file (any more)
├── SourceFailed        the source did not give the file, though it was asked again
└── WrongHash           what came is not the file that was promised
"""

from __future__ import annotations

from base.errors import InvalidInput, NotFound, Problem


class ModelNotFound(NotFound):
    """There is no such model in the registry."""

    code = "model_not_found"
    action = "See `stationthis models list`."


class ModelExists(Problem):
    """This file is registered already."""

    code = "model_exists"
    status = 409
    title = "Already registered"
    action = "Use the entry that is there, or give this one another file name."


class NotRegistered(NotFound):
    """There is no such entry, or it is not yours."""

    code = "not_registered"


class NotWaiting(Problem):
    """This entry waits for no decision."""

    code = "not_waiting"
    status = 409
    title = "Not waiting"
    action = "Look at what is proposed."


class TooManyOwn(Problem):
    """You keep as many entries as one account may."""

    code = "too_many_own"
    status = 409
    title = "Shelf full"
    action = "Remove what you no longer use."


class BadModelUrl(InvalidInput):
    """That is no address of a weight file."""

    code = "bad_model_url"
    action = "Give the https address of one file, such as https://huggingface.co/OWNER/REPOSITORY/resolve/main/FILE.safetensors."


class BadModelEntry(InvalidInput):
    """This entry of the registry makes no sense."""

    code = "bad_model_entry"
    action = "Correct the named entry; `stationthis models check` tells what is wrong."


class NothingToDownload(Problem):
    """The registry does not know where this file comes from."""

    code = "nothing_to_download"
    status = 409
    title = "No address"
    action = "Get the file yourself and put it into the folder."


class FileExists(Problem):
    """A file of that name lies there already, and it is not the one that is wanted."""

    code = "file_exists"
    status = 409
    title = "File exists"
    action = "Move it away, or say --replace."


class DownloadBusy(Problem):
    """Another process is fetching this file."""

    code = "download_busy"
    status = 409
    title = "At work already"
    action = "Wait for it to end."


class DiskFull(Problem):
    """There is not enough room for the file."""

    code = "disk_full"
    status = 507
    title = "Disk full"
    action = "Make room, or choose another folder with --to."


class GpuTooSmall(Problem):
    """The graphics card of this machine has too little memory for this model."""

    code = "gpu_too_small"
    status = 409
    title = "Card too small"
    action = "Choose a smaller variant, or leave out --check-gpu."


class SourceGated(Problem):
    """The source asks for an account before it gives this file."""

    code = "source_gated"
    status = 403
    title = "Account needed"
    action = "Accept the terms on the source's page, then set STATIONTHIS_DOWNLOAD_TOKENS for its host."


class SourceGone(Problem):
    """The source has no such file."""

    code = "source_gone"
    status = 404
    title = "File gone"
    action = "Look for the file's new address and correct the registry."


class SourceFailed(Problem):
    """The source did not give the file."""

    code = "source_failed"
    status = 502
    title = "Source does not answer"
    action = "Try again later; what came so far is kept and the download goes on from there."


class WrongHash(Problem):
    """What came is not the file that was promised."""

    code = "wrong_hash"
    status = 502
    title = "Wrong file"
    action = "It was thrown away. Try again; if it stays, the source or the registry's hash is wrong."
