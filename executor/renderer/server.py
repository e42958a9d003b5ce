"""Puts the parts together into one aiohttp application."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from ipaddress import ip_address
from urllib.parse import urlsplit

from aiohttp import web

from .api_files import FileRoutes
from .api_info import InfoRoutes, features
from .api_jobs import JobRoutes
from .config import Config
from .files import Folders
from .jobs import JobQueue
from .nodes.registry import Registry
from .nodes.table import all_nodes
from .worker import Worker
from .ws import Hub

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def build_app(config: Config) -> web.Application:
    """The whole server as an application; its worker thread lives from the app's start to its clean-up."""
    folders = Folders(config.data)
    registry = Registry(all_nodes(config), folders)
    hub = Hub(features(config))
    queue = JobQueue(hub.send_status)
    hub.remaining = queue.remaining
    worker = Worker(queue, registry, hub, config, folders)
    app = web.Application(
        middlewares=[cross_site_guard, plain_answers], client_max_size=config.max_upload_bytes
    )
    routes = [
        web.get("/ws", hub.serve),
        *JobRoutes(queue, registry, worker).table(),
        *InfoRoutes(config, registry).table(),
        *FileRoutes(folders).table(),
    ]
    app.add_routes(routes)
    app.add_routes([web.RouteDef(r.method, "/api" + r.path, r.handler, r.kwargs) for r in routes])
    app.cleanup_ctx.append(_lifespan(folders, hub, worker))

    async def drop_sockets(_: web.Application) -> None:
        await hub.close()

    app.on_shutdown.append(drop_sockets)
    return app


@asynccontextmanager
async def running(config: Config, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[int]:
    """Serve in this process; gives the port."""
    runner = web.AppRunner(build_app(config), access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


@web.middleware
async def cross_site_guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """403 for a page of another site that calls a server on this machine."""
    host, origin = request.headers.get("Host"), request.headers.get("Origin")
    if host and origin and _is_loopback(urlsplit(f"//{host}").hostname or ""):
        from_where = urlsplit(origin).netloc
        if from_where and from_where.lower() != host.lower():
            raise web.HTTPForbidden(text="")
    return await handler(request)


@web.middleware
async def plain_answers(request: web.Request, handler: Handler) -> web.StreamResponse:
    """404 without a body, and 200 for OPTIONS on any known path."""
    try:
        return await handler(request)
    except web.HTTPNotFound as error:
        raise web.HTTPNotFound(text="") from error
    except web.HTTPMethodNotAllowed:
        if request.method == "OPTIONS":
            return web.Response()
        raise


def _is_loopback(name: str) -> bool:
    if name == "localhost":
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def _lifespan(folders: Folders, hub: Hub, worker: Worker) -> Callable[[web.Application], AsyncIterator[None]]:
    async def span(_: web.Application) -> AsyncIterator[None]:
        folders.prepare()
        hub.attach(asyncio.get_running_loop())
        worker.start()
        yield
        await asyncio.to_thread(worker.stop, 1.0)

    return span
