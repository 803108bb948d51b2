"""Multi-level dynamic resource prioritization (paper, section 2.2)."""

from custom.prioritization.detection_kpis import MeanAbsoluteErrorKpi, RootMeanSquareErrorKpi
from custom.prioritization.gradient_weighting import GradNorm, PCGrad
from custom.prioritization.handler import KpiHandler
from custom.prioritization.kpis import DiceKpi, IouKpi, Kpi, LossKpi
from custom.prioritization.loss_weighting import DynamicWeightAverage, Famo, UncertaintyWeighting
from custom.prioritization.recorder import KpiRecorder
from custom.prioritization.sampler import PrioritySampler
from custom.prioritization.selection import (
    FixedShare,
    HardAssignment,
    NoSelection,
    SampleSelection,
    SelfPaced,
    SoftAssignment,
    TopKHard,
    TopKJoint,
    TopKSoft,
)
from custom.prioritization.state import PriorityState
from custom.prioritization.weighting import ConstantWeights, DynamicTaskPrioritization, InverseKpi, TaskWeighting

__all__ = [
    "ConstantWeights",
    "DiceKpi",
    "DynamicTaskPrioritization",
    "DynamicWeightAverage",
    "Famo",
    "FixedShare",
    "GradNorm",
    "HardAssignment",
    "InverseKpi",
    "IouKpi",
    "Kpi",
    "KpiHandler",
    "KpiRecorder",
    "LossKpi",
    "MeanAbsoluteErrorKpi",
    "NoSelection",
    "PCGrad",
    "PrioritySampler",
    "PriorityState",
    "RootMeanSquareErrorKpi",
    "SampleSelection",
    "SelfPaced",
    "SoftAssignment",
    "TaskWeighting",
    "TopKHard",
    "TopKJoint",
    "TopKSoft",
    "UncertaintyWeighting",
]
