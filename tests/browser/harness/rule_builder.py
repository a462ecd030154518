"""Serves the builder's page together with the route of values, as app.py does."""

import streamlit as st
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse
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


def font(_: Request) -> FileResponse:
    """The font that the theme names."""
    return FileResponse(style.inter_font_file())


app = st.App("rule_builder_page.py", routes=[Route("/values", values), Route(style.INTER_ADDRESS, font)])
