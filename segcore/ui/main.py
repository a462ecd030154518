"""The script behind `app.py`: puts the project on the path, then draws the sign-in or the page that the address names."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Only this script's own folder is on the path when Streamlit runs it.
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

import streamlit as st  # noqa: E402

from segcore.ui import frame, gate, nav  # noqa: E402

frame.begin()
seat = frame.guard()
if seat is None or gate.asked_for():
    st.navigation(nav.pages(), position="hidden")  # every address is known, so it stays while people sign in
    gate.show()
st.navigation(nav.pages(seat.agent)).run()
