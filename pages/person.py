"""Who is this, what did they do, which segments are they in."""

from segcore.ui import frame, profile_page

frame.enter("person")
profile_page.show()
