"""The rows of the operator table, a file for each family; `rules.operators` puts them in order."""
