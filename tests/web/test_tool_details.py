"""What a tool's own page tells of it: models with their terms, and what else does the same."""

from __future__ import annotations

from tests.server import Server


def test_a_tool_tells_its_models_with_their_terms_and_its_variants(server: Server) -> None:
    server.wait_until_ready()
    with server.client() as client:
        free = client.get("/api/v1/tools/flux_schnell").json()
        bound = client.get("/api/v1/tools/flux_dev").json()
        assert {model["commercial"] for model in free["models"]} == {"yes"}
        assert bound["models"][0]["commercial"] in ("no", "limited")
        assert (bound["base"], bound["vram_gb"] > 8) == ("flux1", True)
        grouped = [
            tool
            for tool in client.get("/api/v1/tools?limit=500").json()["items"]
            if tool["family"] == "upscale"
        ]
        details = [client.get(f"/api/v1/tools/{tool['name']}").json() for tool in grouped]
        for tool in details:
            assert tool["name"] not in [other["name"] for other in tool["variants"]]
            runs = [other["available"] for other in tool["variants"]]
            assert runs == sorted(runs, reverse=True)
        assert any(tool["variants"] for tool in details)
