"""Filter all companies, see the count move, save the filter as a company segment."""

from segcore.attributes import Entity
from segcore.ui import explorer, frame

frame.enter("companies")
explorer.show(Entity.COMPANY)
