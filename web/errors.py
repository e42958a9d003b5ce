"""The errors of the web.

Problem
├── InvalidJson             the body is not JSON
├── InvalidCursor           a cursor that we never gave
│   └── InvalidEventNumber  an event number that we never gave
├── InvalidUpload           a body that is no multipart upload of one file
├── UnsupportedBody         a content type that the call does not take
├── BodyTooLarge            more JSON than any call needs
├── RangeNotSatisfiable     a byte range beyond the end
├── AdminOnly               the admin API without its key
│   └── WrongAdminKey       the admin API with another key
├── OperatorLane            a run of high priority without the admin key
├── NotReady                models, schema or pool are not there yet
├── CannotListen            the address or port of `serve` cannot be had
└── Internal                a fault of ours, told without details
"""

from __future__ import annotations

from base.errors import InvalidInput, Problem


class InvalidJson(Problem):
    """The body of the request is not JSON."""

    code = "invalid_json"
    status = 400
    title = "Not JSON"
    action = "Send a JSON object in UTF-8 with `Content-Type: application/json`."


class InvalidCursor(InvalidInput):
    """This cursor was not given by this list."""

    code = "invalid_cursor"
    action = "Start again without the cursor, and pass on `next` exactly as it was given."


class InvalidEventNumber(InvalidCursor):
    """An event stream begins after an event's number: 0, 1, 2, ..."""

    action = "Send as `Last-Event-ID`, or as `after`, the `id` of the last event that you have; leave both out to hear all."


class InvalidUpload(Problem):
    """The body is not a multipart upload of one file."""

    code = "invalid_upload"
    status = 422
    title = "Upload not understood"
    action = "Send multipart/form-data with exactly one part, the file, named `file`."


class UnsupportedBody(Problem):
    """This call does not take a body of that content type."""

    code = "unsupported_media_type"
    status = 415
    title = "Content type not taken"
    action = "Send application/json, or multipart/form-data for an upload."


class BodyTooLarge(Problem):
    """The body of the request is larger than any call needs."""

    code = "too_large"
    status = 413
    title = "Too large"
    action = "Send less at once; pictures go to POST /api/v1/assets."


class RangeNotSatisfiable(Problem):
    """The requested bytes are beyond the end of the file."""

    code = "range_not_satisfiable"
    status = 416
    title = "Beyond the end"
    action = "Ask for a range within the size that Content-Range names."


class AdminOnly(Problem):
    """This needs the admin key."""

    code = "admin_only"
    status = 401
    title = "Admin only"
    action = "Send `Authorization: Bearer <STATIONTHIS_ADMIN_KEY>`."


class WrongAdminKey(AdminOnly):
    """This is not the admin key."""

    status = 403


class OperatorLane(Problem):
    """Runs of high priority are the operator's."""

    code = "operator_lane"
    status = 403
    title = "Operator only"
    action = "Send it with the lane `normal`, or the admin key as `X-Admin-Key`."


class NotReady(Problem):
    """The studio is alive but cannot answer everything yet."""

    code = "not_ready"
    status = 503
    title = "Not ready"
    action = "Ask again in a few seconds; messages sent now are kept and answered then."


class Internal(Problem):
    """Something failed on our side; nothing about it is shown here."""

    code = "internal"
    status = 500
    title = "Our fault"
    action = "Try again; if it stays, report the correlation id."


class CannotListen(Problem):
    """The server cannot listen where it was told to."""

    code = "cannot_listen"
    title = "Cannot listen"
    action = "Stop what uses the port, or choose another with PORT (0 takes a free one) and HOST."
