"""Compare all segments at a glance and keep them in order."""

from segcore.ui import frame, overview

frame.enter("segments")
overview.show()
