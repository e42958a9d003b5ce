"""`python -m web.openapi > web/openapi.json` writes the API's description; the page's types are made from that file."""

from __future__ import annotations

import json
import sys
from typing import Any

from web.app import create_app


def text() -> str:
    """The document of the whole application, stable to the byte."""
    return json.dumps(create_app(_no_studio).openapi(), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _no_studio() -> Any:
    raise AssertionError("describing the application opens no studio")


if __name__ == "__main__":
    sys.stdout.write(text())
