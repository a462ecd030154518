"""`import`: people, companies and events from files."""

COMMANDS = ()
