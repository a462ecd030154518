"""The tables' page with the font beside it, as the product serves it."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

import streamlit as st
from starlette.responses import FileResponse
from starlette.routing import Route

from segcore.ui.style import INTER_ADDRESS, inter_font_file

app = st.App(
    Path(__file__).with_name("tables_page.py"),
    routes=[Route(INTER_ADDRESS, lambda _: FileResponse(inter_font_file(), media_type="font/ttf"))],
)
