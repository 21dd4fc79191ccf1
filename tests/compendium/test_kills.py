"""Kill a cached step at random moments: `benchmarks/kills.py`, a few times."""

import os
import subprocess
import sys

from varstar import paths


def test_a_killed_step_ends_with_the_same_bytes() -> None:
    script = paths.project() / "benchmarks" / "kills.py"
    done = subprocess.run(
        [sys.executable, str(script), "--kills", "4", "--seed", "3", "--seconds", "60"],
        capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(paths.project())},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "of 3 tables: 0 differences" in done.stdout
