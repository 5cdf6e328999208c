"""What a desk learns before the decisions of a session."""

from ..graph.learning_section import InstructionsLearning
from ..llm.scope import decision_scope
from ..market.view import MarketView
from ..market.view_memo import ViewMemo
from .decision import Desk
from .instructed import rewritten_role
from .learning.instructions.learning import learn_instructions
from .learning.instructions.window import SessionStart


async def learn_before_session(desk: Desk, start: SessionStart) -> None:
    """Take the step that is due by the desk's kind of learning, if one is; a step that was taken is not repeated."""
    spec = desk.file.learning
    if desk.learned is None or not isinstance(spec, InstructionsLearning):
        return
    view = MarketView(desk.source, start.as_of, desk.memo or ViewMemo())
    with decision_scope(start.symbols[0], desk.time_limit_s, start.as_of.isoformat()):
        await learn_instructions(desk.learned, spec, desk.team, rewritten_role(desk.file), view, start)
