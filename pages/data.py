"""What the workspace knows: attributes, events, and the imports that brought them."""

from segcore.ui import data_page, frame

frame.enter("data")
data_page.show()
