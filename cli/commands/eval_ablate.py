"""`openoutcry eval ablate`: a generated experiment with one arm for each part of a desk that is left out."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from ...app.settings import home, load_settings
from ...evals.ablation import write_ablation
from ..console.exit_codes import ExitCode
from ..console.tables import print_notice
from .eval_run import EvalRunOptions, run_file


def ablate_command(options: EvalRunOptions, base: str, flags: Mapping[str, object]) -> ExitCode:
    """Write the ablation of the desk `options.experiment` and run or estimate it; a dry run stores nothing."""
    settings = load_settings(flags)
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        if not options.dry_run:
            folder = home(settings) / "experiments" / "ablations" / Path(options.experiment).stem
        ablation = write_ablation(options.experiment, base, folder, settings)
        for sentence in ablation.left_out:
            print_notice(sentence)
        return run_file(ablation.file, settings, options)
