"""Agents, the workspace and the log for admins; one's own profile for everybody."""

from segcore.ui import frame, settings_page

frame.enter("settings")
settings_page.show()
