"""What the bundle's engines need beside MONAI's own parts."""

from custom.error_report import report_errors
from custom.torch_device import check_device
from custom.workflow.augmented_inferer import AugmentedInferer
from custom.workflow.catheter_sequence_report import CatheterSequenceReport, evaluate_geometry
from custom.workflow.checkpoints import Checkpoints
from custom.workflow.conversion import converted_datalist
from custom.workflow.early_stopping import StopWithoutImprovement
from custom.workflow.environment import (
    bundle_root,
    check_output_dir,
    default_device,
    mlflow_store,
    unique_run_name,
)
from custom.workflow.epoch_report import EpochReport
from custom.workflow.evaluation_report import EvaluationReport
from custom.workflow.feature_distance_fit import FeatureDistanceFit
from custom.workflow.finite_loss import StopAtNonFiniteLoss
from custom.workflow.group_report import GroupReport
from custom.workflow.inferer import AutocastInferer
from custom.workflow.mlflow_tracking import CatheterMLFlowHandler
from custom.workflow.monai_command_line import check_command_line
from custom.workflow.overrides import check_overrides
from custom.workflow.prepare_batch import PrepareCatheterBatch
from custom.workflow.processes import distributed_network, share_of_process, start_processes, stop_processes
from custom.workflow.reproducibility import EpochSeed
from custom.workflow.result_writer import ResultWriter
from custom.workflow.runs import evaluate, fit_feature_distance, infer, train
from custom.workflow.schedules import CosineDecay
from custom.workflow.weights_file import load_network

__all__ = [
    "AugmentedInferer",
    "AutocastInferer",
    "CatheterMLFlowHandler",
    "CatheterSequenceReport",
    "Checkpoints",
    "CosineDecay",
    "EpochReport",
    "EpochSeed",
    "EvaluationReport",
    "FeatureDistanceFit",
    "GroupReport",
    "PrepareCatheterBatch",
    "ResultWriter",
    "StopAtNonFiniteLoss",
    "StopWithoutImprovement",
    "bundle_root",
    "check_command_line",
    "check_device",
    "check_output_dir",
    "check_overrides",
    "converted_datalist",
    "default_device",
    "distributed_network",
    "evaluate",
    "evaluate_geometry",
    "fit_feature_distance",
    "infer",
    "load_network",
    "mlflow_store",
    "report_errors",
    "share_of_process",
    "start_processes",
    "stop_processes",
    "train",
    "unique_run_name",
]
