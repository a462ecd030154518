"""One company: what is known of it, who belongs to it, which segments it is in."""

from segcore.ui import company_page, frame

frame.enter("company")
company_page.show()
