import pytest
import torch
from torch import nn

from custom.errors import InputError
from custom.networks import lite_catheter_net
from custom.networks.transfer import describe_transfer, transfer_weights


def network(*, decoder=4, heads=("segmentation",)):
    outputs = nn.ModuleDict({name: nn.Linear(decoder, 1) for name in heads})
    return nn.ModuleDict(
        {
            "encoder": nn.Linear(2, 3),
            "decoder": nn.Linear(3, decoder),
            "heads": nn.ModuleDict({"outputs": outputs, "trunk": nn.Linear(1, 1, bias=False)}),
        }
    )


def test_the_same_network_takes_everything():
    source, target = network(), network()
    comparison = transfer_weights(target, source.state_dict(), source="model.pt")
    assert describe_transfer(comparison) == [
        "took 7 of 7 tensors: encoder (2), decoder (2), head segmentation (2), trunk of the heads (1)"
    ]
    for key, value in source.state_dict().items():
        assert torch.equal(target.state_dict()[key], value), key


def test_what_the_file_does_not_have_stays_as_it_was():
    source, target = network(), network(heads=("segmentation", "center", "size"))
    before = {key: value.clone() for key, value in target.state_dict().items()}
    comparison = transfer_weights(target, source.state_dict(), source="model.pt")
    assert describe_transfer(comparison) == [
        "took 7 of 11 tensors: encoder (2), decoder (2), head segmentation (2), trunk of the heads (1)",
        "not taken, as the file does not have them: head center (2), head size (2)",
    ]
    assert torch.equal(target["heads"]["outputs"]["size"].weight, before["heads.outputs.size.weight"])
    assert torch.equal(target["encoder"].weight, source["encoder"].weight)
    assert not torch.equal(target["encoder"].weight, before["encoder.weight"])


def test_other_shapes_are_listed_and_left():
    comparison = transfer_weights(network(decoder=5), network().state_dict(), source="model.pt")
    assert describe_transfer(comparison) == [
        "took 4 of 7 tensors: encoder (2), head segmentation (1), trunk of the heads (1)",
        "not taken, as their shapes differ: decoder (2), head segmentation (1)",
        "  decoder.weight: (4, 3) in the file, (5, 3) here",
        "  decoder.bias: (4,) in the file, (5,) here",
        "  heads.outputs.segmentation.weight: (1, 4) in the file, (1, 5) here",
    ]


def test_what_only_the_file_has_is_said():
    source = network(heads=("segmentation", "center"))
    lines = describe_transfer(transfer_weights(network(), source.state_dict(), source="model.pt"))
    assert lines[-1] == "left in the file, as this network does not have them: head center (2)"


def test_a_network_of_another_encoder_is_refused_and_unchanged():
    target, before = network(), network()
    before.load_state_dict(target.state_dict())
    other = {**network().state_dict(), "encoder.weight": torch.zeros(5, 2)}
    with pytest.raises(InputError, match=r"encoder\.weight is \(5, 2\) instead of \(3, 2\) \(1 differences\)"):
        transfer_weights(target, other, source="model.pt")
    assert torch.equal(target["decoder"].weight, before["decoder"].weight)


def test_a_file_from_which_nothing_fits_names_the_first_keys():
    with pytest.raises(InputError) as error:
        transfer_weights(network(), {"conv1.weight": torch.zeros(1)}, source="resnet.pt")
    assert str(error.value).startswith(
        "resnet.pt: pretrained_weights: the encoder of these weights does not fit: "
        "encoder.weight is missing; encoder.bias is missing (2 differences)."
    )
    assert "network_def#pretrained" in str(error.value)


def test_the_lite_network_takes_all_but_its_offset_head():
    torch.manual_seed(0)
    source, target = lite_catheter_net(offset=False), lite_catheter_net()
    lines = describe_transfer(transfer_weights(target, source.state_dict(), source="model.pt"))
    assert lines[1:] == ["not taken, as the file does not have them: head offset (2)"]
    image = torch.rand(1, 1, 32, 48)
    logits = [net.eval()(image)["segmentation"] for net in (source, target)]
    assert torch.equal(*logits)
