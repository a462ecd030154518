"""Understand one segment, change it, copy it, see who is in it."""

from segcore.ui import frame, segment_page

frame.enter("segment")
segment_page.show()
