"""The settings: agents, workspace and log for admins, one's own profile for everybody."""

import streamlit as st

from segcore.access import Verb, may
from segcore.ui import frame, settings_agents, settings_log, settings_profile, settings_workspace

VIEWS = {"agents": "Agents", "workspace": "Workspace", "log": "Log", "profile": "Profile"}


def show() -> None:
    """The view that the address names; who may not change the settings has his profile, whatever it names."""
    if not may(frame.agent(), Verb.SETTINGS):
        with frame.head("Settings", "Your profile in this workspace"):
            pass
        with st.container(key="settings"):
            settings_profile.show()
        return
    subtitle = "Who signs in, what holds for everybody, and who did what"
    actions = frame.head("Settings", subtitle)
    view = frame.views(VIEWS)
    with st.container(key="settings"):
        match view:
            case "workspace":
                settings_workspace.show()
            case "log":
                settings_log.show(actions)
            case "profile":
                settings_profile.show()
            case _:
                settings_agents.show(actions)
