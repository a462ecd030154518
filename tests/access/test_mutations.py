"""The matrix notices when the asking agent is forgotten in any one query: it is run over every such mutant."""

import subprocess
import sys

import pytest

from tests.access import mutation


def test_there_are_queries_to_take_the_agent_out_of() -> None:
    sites = mutation.sites()
    assert len(sites) > 60
    assert {site.split("/")[1].split(".")[0] for site in sites} >= {"store", "services", "ui", "api"}
    assert any("store/segments.py" in site for site in sites)


@pytest.mark.long
def test_the_matrix_goes_red_without_the_predicate_in_any_one_query() -> None:
    command = [sys.executable, "-m", "tests.access.mutants", "segcore/store", "segcore/services"]
    done = subprocess.run(command, cwd=mutation.ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
