"""Operators on locations."""

from segcore.rules import columns, values
from segcore.rules.catalogue.row import LOCATION, Example, Operand, Operator

DUBLIN = {"latitude": 53.35, "longitude": -6.26}
BRAY = {"latitude": 53.2, "longitude": -6.1}  # 19.7 km away
CORK = {"latitude": 51.9, "longitude": -8.47}

LOCATIONS = (
    Operator(
        key="within_km",
        label="is within",
        kinds=LOCATION,
        operand=Operand.PLACE,
        sentence="is within {value}",
        expr=columns.within_km,
        holds=values.within_km,
        help="The great-circle distance, on a globe with a radius of 6371.0088 km, is at most so many kilometres.",
        examples=(
            Example(cell=BRAY, value={**DUBLIN, "km": 25}, verdict=True),
            Example(cell=BRAY, value={**DUBLIN, "km": 19}, verdict=False),
            Example(cell=CORK, value={**DUBLIN, "km": 100}, verdict=False),
            Example(cell=None, value={**DUBLIN, "km": 1_000_000}, verdict=False),
        ),
    ),
    Operator(
        key="outside_km",
        label="is not within",
        kinds=LOCATION,
        operand=Operand.PLACE,
        sentence="is not within {value}",
        complement_of="within_km",
        examples=(
            Example(cell=CORK, value={**DUBLIN, "km": 100}, verdict=True),
            Example(cell=DUBLIN, value={**DUBLIN, "km": 0.5}, verdict=False),
            Example(cell=None, value={**DUBLIN, "km": 25}, verdict=True),
        ),
    ),
)
