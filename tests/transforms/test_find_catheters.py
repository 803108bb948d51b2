import pytest
import torch

from custom.errors import InputError
from custom.transforms import FindCathetersd
from tests.postprocessing.drawing import draw, electrodes_on

LINE = [(100, 90), (170, 120), (239, 120)]


def sample(**changes):
    return {
        "pred": torch.as_tensor(draw(LINE)[None]).to(torch.uint8),
        "pred_electrodes": torch.as_tensor(electrodes_on(LINE, [1, 11, 27, 37]), dtype=torch.float32),
        "pixel_spacing_mm": torch.tensor([0.3, 0.3]),
        **changes,
    }


def test_electrodes_and_catheters():
    result = FindCathetersd()(sample())
    (catheter,) = result["catheters_found"]
    assert catheter.length_mm == pytest.approx(0.3 * catheter.length_px)
    assert [electrode.pole for electrode in result["electrodes_found"]] == [0, 1, 2, 3]


@pytest.mark.parametrize("spacing", [{"pixel_spacing_mm": torch.full((2,), torch.nan)}, {"pixel_spacing_mm": None}])
def test_unknown_spacing(spacing):
    assert FindCathetersd()(sample(**spacing))["catheters_found"][0].length_mm is None


def test_the_sample_stays_as_it_is():
    data = sample()
    FindCathetersd()(data)
    assert set(data) == {"pred", "pred_electrodes", "pixel_spacing_mm"}


def test_an_unlikely_mask_makes_an_unlikely_catheter():
    result = FindCathetersd()(sample(mask_probability=0.5 * sample()["pred"].float()))
    assert result["catheters_found"][0].confidence < FindCathetersd()(sample())["catheters_found"][0].confidence
    assert "mask_probability" not in result


def test_faulty_table_is_refused_at_once(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        FindCathetersd(types=tmp_path / "none.yaml")
