"""Serves the builder's page together with the route of values, as app.py does."""

import json
from typing import Any

import streamlit as st
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from segcore.ui import style

COUNTRIES = {"United States": 14827, "Ireland": 3390, "Spain": 2911, "France": 2544, "Japan": 1200, "Irlanda": 2}
KNOWN = {
    "country": COUNTRIES,
    "plan": {"Free trial": 20112, "Pro": 11340, "Starter": 9102, "Business": 5727, "Prospect": 12},
    "tags": {"vip": 311, "beta": 290, "newsletter": 120},
    "name": {"<b>Bob</b>": 1, "<img src=x onerror=\"document.title='run'\">": 1, "مها الشريف": 1, "x" * 200: 1},
    "category": {"Home": 2100, "Garden": 1900, "Toys": 500},
    "campaign": {"Spring offer": 800, "Welcome": 1200},
    "industry": {"Retail": 120, "Software": 90},
    "many": {f"value {n}": 10_000 - n for n in range(10_000)},
}


MIDDLES = {"Dublin": (53.34, -6.26), "Cork": (51.9, -8.47)}


def values(request: Request) -> JSONResponse:
    """The commonest values that contain what was typed."""
    known = KNOWN.get(request.query_params["attribute"], {})
    if request.query_params["attribute"] == "place":
        known = {"Dublin": 4100, "Cork": 900}
    typed = request.query_params.get("q", "").casefold()
    found: list[dict[str, object]] = [
        {"value": value, "count": n} for value, n in known.items() if typed in value.casefold()
    ]
    for each in found if known.get("Dublin") else ():
        each["latitude"], each["longitude"] = MIDDLES[each["value"]]
    return JSONResponse({"distinct": len(found), "missing": 214, "values": found[:50]})


async def curve(request: Request) -> Response:
    """Made-up counts at other thresholds, as the product gives them: fewer people the higher it is, more the longer ago."""
    asked = json.loads(await request.body())
    if asked["part"] == "window" and "fail" in str(asked["rule"]):
        return Response(status_code=500)
    at, node = asked["path"], asked["rule"]
    for step in at.replace("]", "").split("."):
        word, _, index = step.partition("[")
        node = node[word][int(index)] if index else node[word]
    value = node["within"]["last"] if asked["part"] == "window" else node["value"]
    if isinstance(value, dict) and "integer" not in value:
        (value,) = value.values()
    if isinstance(value, list):
        value = value[asked["part"] == "high"]
    if isinstance(value, str):
        known: list[Any] = [f"2026-{month:02}-01" for month in range(1, 12)]
    else:
        known = [1, 2, 3] if node.get("people") is not None else [0, 1, 5, 10, 20, 40, 60, 80, 100, 200, 500]
    known = sorted({*known, value}) if not isinstance(value, dict) else [*known, value]
    steps = [{"value": each, "count": 1000 - 10 * n} for n, each in enumerate(known)]
    told = {
        "part": asked["part"],
        "steps": steps,
        "current": known.index(value),
        "every": len(steps) < 12,
        "total": 48210,
    }
    return JSONResponse({**told, "asked": asked})


def font(_: Request) -> FileResponse:
    """The font that the theme names."""
    return FileResponse(style.inter_font_file())


app = st.App(
    "rule_builder_page.py",
    routes=[Route("/values", values), Route("/curve", curve, methods=["POST"]), Route(style.INTER_ADDRESS, font)],
)
