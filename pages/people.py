"""Filter everyone, see the count move, save the filter as a segment."""

from segcore.attributes import Entity
from segcore.ui import explorer, frame

frame.enter("people")
explorer.show(Entity.PERSON)
