"""Simulated fluoroscopy: frames with exact ground truth, rendered by the batch on CPU or CUDA."""
