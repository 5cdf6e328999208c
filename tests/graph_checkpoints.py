"""A checkpointer that keeps every step, to resume from any of them."""

from langgraph.checkpoint.memory import InMemorySaver
from openoutcry.graph.serializer import StateSerializer


class SlowSaver(InMemorySaver):
    """A disk that has written nothing yet when the run is over; `until` writes what it would have by some step."""

    def __init__(self):
        super().__init__(serde=StateSerializer())
        self.steps, self.writes = [], []

    async def aput(self, config, checkpoint, metadata, new_versions):
        self.steps.append((config, checkpoint, metadata, new_versions))
        return {"configurable": {**config["configurable"], "checkpoint_id": checkpoint["id"]}}

    async def aput_writes(self, config, writes, task_id, task_path=""):
        self.writes.append((config, writes, task_id, task_path))

    def until(self, step):
        """Return a checkpointer that has written the steps up to `step`."""
        written = InMemorySaver(serde=self.serde)
        for each in self.steps[: step + 1]:
            written.put(*each)
        for each in self.writes:
            written.put_writes(*each)
        return written
