"""The segments that every new workspace has (RULES.md, section 4): name, what it is for, and its rule."""

PREDEFINED_FOLDER = "Predefined"

PREDEFINED: tuple[tuple[str, str, dict[str, object]], ...] = (
    (
        "New",
        "People who signed up within the last day.",
        {"attribute": "signed_up_at", "operator": "less_than_ago", "value": {"days": 1}},
    ),
    (
        "Active",
        "People who were seen within the last 30 days.",
        {"attribute": "last_seen_at", "operator": "less_than_ago", "value": {"days": 30}},
    ),
    (
        "Slipping away",
        "People who were seen before, but not within the last 30 days.",
        {"attribute": "last_seen_at", "operator": "at_least_ago", "value": {"days": 30}},
    ),
)
