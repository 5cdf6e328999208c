"""How many variants were ever tried on the window and data of a run."""

from .run_folder import StoredExperiment, stored_runs


def trials_of(run: StoredExperiment) -> int:
    """Return the number of arms with different content in all runs of the same folder on the same window and data."""
    window = run.experiment.window
    contents = {
        track.content
        for other in stored_runs(run.folder.parent)
        for track in other.facts.tracks
        if track.is_arm and other.facts.fingerprint == run.facts.fingerprint and other.experiment.window == window
    }
    return max(1, len(contents))
