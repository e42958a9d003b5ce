"""What the application carries from its start to each request."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import Depends, Request

from agent.protocols import Studio
from web.metrics import Metrics


def studio_of(request: Request) -> Studio:
    """The studio that the lifespan opened."""
    return cast(Studio, request.app.state.studio)


def metrics_of(request: Request) -> Metrics:
    return cast(Metrics, request.app.state.metrics)


StudioNow = Annotated[Studio, Depends(studio_of)]
