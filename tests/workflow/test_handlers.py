import pytest
import torch
from ignite.engine import Engine, Events
from monai.data import MetaTensor
from monai.engines.utils import IterationEvents

from custom.errors import CatheterError, InputError
from custom.workflow import (
    AutocastInferer,
    EpochSeed,
    PrepareCatheterBatch,
    StopAtNonFiniteLoss,
    StopWithoutImprovement,
)


class Evaluator:
    def __init__(self):
        self.state = type("State", (), {"best_metric_epoch": -1, "epoch": 0})()


def run_with_best_epochs(best_epochs, patience, interval=1):
    """Train one epoch for each entry of `best_epochs`: the best epoch that validation knows at its end."""
    evaluator, trainer = Evaluator(), Engine(lambda engine, batch: None)

    @trainer.on(Events.EPOCH_COMPLETED(every=interval))
    def validate(engine):
        evaluator.state.epoch = engine.state.epoch
        evaluator.state.best_metric_epoch = best_epochs[engine.state.epoch - 1]

    StopWithoutImprovement(evaluator=evaluator, patience=patience).attach(trainer)
    trainer.run([0], max_epochs=len(best_epochs))
    return trainer.state.epoch


@pytest.mark.parametrize(
    ("best_epochs", "patience", "last"),
    [([1, 1, 1, 1], 2, 3), ([1, 1, 3, 3], 2, 4), ([1, 1, 1, 1], 0, 4), ([-1, -1, -1], 1, 3)],
)
def test_training_stops_when_the_best_epoch_lies_patience_epochs_back(best_epochs, patience, last):
    assert run_with_best_epochs(best_epochs, patience) == last


def test_only_validations_tell_that_nothing_improves():
    assert run_with_best_epochs([-1, -1, 3, 3, 3, 3, 3, 3, 3], patience=2, interval=3) == 6


def test_a_run_that_has_stopped_does_not_go_on():
    evaluator, trainer = Evaluator(), Engine(lambda engine, batch: None)
    evaluator.state.best_metric_epoch, evaluator.state.epoch = 1, 3
    StopWithoutImprovement(evaluator=evaluator, patience=2).attach(trainer)
    assert trainer.run([0], max_epochs=5).epoch == 0


def loss_engine(loss):
    def step(engine, batch):
        engine.state.output = {"loss": torch.tensor(loss, requires_grad=True), "label": {"name": ["a.png", "b.png"]}}
        engine.fire_event(IterationEvents.LOSS_COMPLETED)
        return engine.state.output

    engine = Engine(step)
    engine.network = torch.nn.Identity()
    engine.register_events(*IterationEvents)
    StopAtNonFiniteLoss().attach(engine)
    return engine


def test_a_loss_that_is_no_number_names_the_step_and_its_frames():
    loss_engine(1.0).run([0], max_epochs=1)
    with pytest.raises(CatheterError, match=r"nan in epoch 1, iteration 1, on the frames a\.png, b\.png"):
        loss_engine(float("nan")).run([0], max_epochs=1)


def test_nobody_is_told_to_resume_with_what_a_resume_refuses(recwarn):
    """A lower learning rate, for one, or mended labels."""
    with pytest.raises(CatheterError, match=r"lower learning_rate.* and train anew .*--weights"):
        loss_engine(float("inf")).run([0], max_epochs=1)
    assert not recwarn.list


def test_weights_that_the_last_step_of_an_epoch_spoilt_reach_no_validation_and_no_checkpoint():
    """The loss was a number; only that of the next step would tell."""
    engine, epochs = loss_engine(1.0), []
    engine.network = torch.nn.Linear(2, 3)

    @engine.on(Events.ITERATION_COMPLETED(once=4))
    def spoil(engine):
        with torch.no_grad():
            engine.network.bias[1] = float("nan")

    engine.add_event_handler(Events.EPOCH_COMPLETED, lambda engine: epochs.append(engine.state.epoch))
    with pytest.raises(CatheterError, match=r"bias is not finite after epoch 2, iteration 4, on the frames a\.png"):
        engine.run([0, 1], max_epochs=3)
    assert epochs == [1]


def draws(first_epoch, seed=3):
    """Random numbers of epochs `first_epoch` to 3."""
    drawn = {}
    engine = Engine(lambda engine, batch: drawn.setdefault(engine.state.epoch, torch.rand(1).item()))
    EpochSeed(seed=seed).attach(engine)
    engine.load_state_dict({"epoch": first_epoch - 1, "epoch_length": 1, "max_epochs": 3})
    engine.run([0])
    return drawn


def test_an_epoch_draws_the_same_whatever_came_before():
    straight, resumed = draws(1), draws(3)
    assert resumed == {3: straight[3]}
    assert len(set(straight.values())) == 3


def test_no_epoch_of_another_seed_draws_the_same():
    drawn = [value for seed in range(4) for value in draws(1, seed).values()]
    assert len(set(drawn)) == 12


def test_bfloat16_reaches_the_network_and_float32_leaves_it_alone():
    network, image = torch.nn.Conv2d(1, 1, 1), torch.rand(1, 1, 4, 6)
    assert AutocastInferer("bfloat16")(image, network).dtype == torch.bfloat16
    assert AutocastInferer("float32")(image, network).dtype == torch.float32
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert AutocastInferer("float32")(image, network).dtype == torch.bfloat16
    with pytest.raises(InputError, match="precision: unknown precision; found 'int8'"):
        AutocastInferer("int8")


def test_a_batch_is_augmented_before_its_targets_are_made():
    prepare = PrepareCatheterBatch(
        augmentation=lambda batch: {**batch, "image": batch["image"] + 1},
        targets=lambda batch: {**batch, "center": batch["image"] * 10},
    )
    image, label = prepare({"image": torch.ones(2, 1, 4, 6), "name": ["a", "b"]}, device="cpu")
    assert image.is_contiguous(memory_format=torch.channels_last)
    assert image.unique().item() == 2
    assert label["center"].unique().item() == 20
    assert label["name"] == ["a", "b"]
    assert "image" not in label


def test_training_takes_no_metadata_along():
    """Through KPIs it would come into the checkpoint, which could not be read again."""
    prepare = PrepareCatheterBatch(targets=lambda batch: batch)
    image, label = prepare({key: MetaTensor(torch.ones(2, 1, 4, 6)) for key in ("image", "mask")}, device="cpu")
    assert type(image) is type(label["mask"]) is torch.Tensor
