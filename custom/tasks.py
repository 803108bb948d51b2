"""The tasks of the network, in the order of every (..., T) tensor."""

DETECTION = "detection"
SEGMENTATION = "segmentation"
TASKS = (DETECTION, SEGMENTATION)
