import numpy as np
from matplotlib.axes import Axes

from custom.experiments.difficulty_plot import plot_difficulty


def test_the_threshold_of_an_epoch_is_drawn_to_its_end(tmp_path, monkeypatch):
    """Two epochs of 6 and 5 iterations, their thresholds 3 and 4, two samples."""
    difficulty = np.array([[[2.0, 2.0], [5.0, 5.0]], [[1.0, 1.0], [4.0, 4.0]]])
    np.savez(tmp_path / "kpis.npz", iteration=[6, 11], difficulty=difficulty, threshold=[[3.0, 3.0], [4.0, 4.0]])
    steps = []
    monkeypatch.setattr(Axes, "step", lambda axis, x, y, **style: steps.append((list(x), list(y), style["where"])))
    plot_difficulty(tmp_path / "difficulty.png", [("ours", tmp_path / "kpis.npz")])
    assert steps == [([0, 6, 11], [3.0, 4.0, 4.0], "post")] * 2
