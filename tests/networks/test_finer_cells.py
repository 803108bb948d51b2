import pytest
import torch

from custom.networks import lite_catheter_net
from custom.networks.finer_cells import with_finer_cells

CHANNELS = {4: 32, 2: 24}  # of the decoder's last map at these strides


def positions(offset, stride):
    """Where the offsets (B, 2, h, w) of a map's cells point to, in pixels."""
    rows, columns = offset.shape[-2:]
    y, x = torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="ij")
    return (torch.stack([x, y]) + offset) * stride + (stride - 1) / 2


def on_finer_grid(values, cells):
    return values.repeat_interleave(cells, dim=-2).repeat_interleave(cells, dim=-1)


@torch.no_grad()
@pytest.mark.parametrize(("coarse", "fine"), [(2, 1), (4, 1), (4, 2)])
def test_every_finer_cell_answers_as_the_cell_that_it_lies_in(coarse, fine):
    torch.manual_seed(0)
    network = lite_catheter_net(head_stride=coarse)
    finer = lite_catheter_net(head_stride=fine, decoder_stride=coarse)
    finer.load_state_dict(with_finer_cells(network.state_dict(), coarse // fine))
    feature = torch.randn(2, CHANNELS[coarse], 6, 10)
    before, after = network.heads(feature), finer.heads(feature)
    for head in ("segmentation", "center"):
        torch.testing.assert_close(after[head], on_finer_grid(before[head], coarse // fine))
    torch.testing.assert_close(after["size"] * fine, on_finer_grid(before["size"] * coarse, coarse // fine))
    expected = on_finer_grid(positions(before["offset"], coarse), coarse // fine)
    torch.testing.assert_close(positions(after["offset"], fine), expected, rtol=0, atol=1e-4)


@torch.no_grad()
def test_everything_else_stays():
    weights = lite_catheter_net().state_dict()
    finer = with_finer_cells(weights)
    assert finer.keys() == weights.keys()
    changed = {name for name in weights if finer[name] is not weights[name]}
    assert changed == {name for name in weights if name.startswith("heads.outputs.")}
