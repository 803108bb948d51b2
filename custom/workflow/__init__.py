"""What the bundle's engines need beside MONAI's own parts."""

from custom.workflow.checkpoints import Checkpoints, load_network
from custom.workflow.early_stopping import StopWithoutImprovement
from custom.workflow.environment import bundle_root, check_device, check_output_dir, default_device, unique_run_name
from custom.workflow.epoch_report import EpochReport
from custom.workflow.error_report import find_user_error, print_user_error, report_errors
from custom.workflow.inferer import AutocastInferer
from custom.workflow.mlflow_tracking import CatheterMLFlowHandler
from custom.workflow.overrides import check_command_line, check_overrides
from custom.workflow.prepare_batch import PrepareCatheterBatch
from custom.workflow.reproducibility import EpochSeed
from custom.workflow.runs import evaluate, train

__all__ = [
    "AutocastInferer",
    "CatheterMLFlowHandler",
    "Checkpoints",
    "EpochReport",
    "EpochSeed",
    "PrepareCatheterBatch",
    "StopWithoutImprovement",
    "bundle_root",
    "check_command_line",
    "check_device",
    "check_output_dir",
    "check_overrides",
    "default_device",
    "evaluate",
    "find_user_error",
    "load_network",
    "print_user_error",
    "report_errors",
    "train",
    "unique_run_name",
]
