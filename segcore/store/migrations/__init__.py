"""The schema's history; `Database.migrate` runs it."""

HEAD = "0002"
