import pytest
import torch
from ignite.engine import Engine, Events

from custom.errors import CatheterError, InputError
from custom.workflow import Checkpoints, load_network
from custom.workflow.weights_file import save_weights
from tests.small_disk import files_of_at_most


def test_weights_of_another_network_name_the_first_differences(tmp_path):
    path = tmp_path / "model.pt"
    torch.save(torch.nn.Linear(2, 3).state_dict(), path)
    with pytest.raises(InputError, match=r"weight is \(3, 2\) instead of \(3, 4\)"):
        load_network(torch.nn.Linear(4, 3), path)
    with pytest.raises(InputError, match=r"running_mean is missing.*differences"):
        load_network(torch.nn.BatchNorm1d(3), path)


def test_missing_weights_say_what_to_do(tmp_path):
    with pytest.raises(InputError, match=r"model\.pt: there is no such file of weights\. Train first"):
        load_network(torch.nn.Linear(2, 3), tmp_path / "model.pt")


def test_weights_come_back_as_they_were(tmp_path):
    path = tmp_path / "model.pt"
    source, target = torch.nn.Linear(2, 3), torch.nn.Linear(2, 3)
    torch.save(source.state_dict(), path)
    load_network(target, path)
    assert torch.equal(source.weight, target.weight)


def test_resuming_from_weights_alone_says_what_is_missing(tmp_path):
    checkpoints = Checkpoints(
        output_dir=tmp_path, objects={}, network=torch.nn.Linear(2, 3), settings={"seed": 0}, data=[]
    )
    with pytest.raises(InputError, match=r"no run to go on with is there\. Start one without --resume"):
        checkpoints.resume(Engine(lambda engine, batch: None), Engine(lambda engine, batch: None))
    checkpoints.last_path.parent.mkdir()
    torch.save(torch.nn.Linear(2, 3).state_dict(), checkpoints.last_path)
    with pytest.raises(InputError, match=r"last\.pt: the checkpoint does not fit this run: it holds no trainer"):
        checkpoints.resume(Engine(lambda engine, batch: None), Engine(lambda engine, batch: None))


def test_a_folder_that_holds_a_run_is_not_trained_into_again(tmp_path):
    network = torch.nn.Linear(2, 3)
    checkpoints = Checkpoints(output_dir=tmp_path, objects={}, network=network, settings={}, data=[])
    checkpoints.check_unused()
    checkpoints.last_path.parent.mkdir()
    checkpoints.last_path.touch()
    with pytest.raises(InputError, match=r"holds a run already.*--resume.*--overwrite"):
        checkpoints.check_unused()


def checkpointed_run(folder, *, iterations, epochs, resume=False, stop_after=None, keep=1, network=None):
    """Run an engine with checkpoints; return the epochs that it ran and its scaler."""
    network = network or torch.nn.Linear(2, 3)
    checkpoints = Checkpoints(output_dir=folder, objects={}, network=network, settings={}, data=[], keep=keep)
    evaluator, trainer = Engine(lambda engine, batch: None), Engine(lambda engine, batch: None)
    evaluator.state.best_metric, evaluator.state.best_metric_epoch = -1.0, -1
    trainer.state.max_epochs, trainer.state.epoch_length = epochs, iterations
    trainer.scaler = torch.amp.GradScaler("cpu", init_scale=32.0 if resume else 8.0)
    checkpoints.attach(trainer, evaluator)
    if resume:
        checkpoints.resume(trainer, evaluator)
    ran = []
    trainer.add_event_handler(Events.EPOCH_STARTED, lambda engine: ran.append(engine.state.epoch))
    if stop_after is not None:
        trainer.add_event_handler(Events.EPOCH_COMPLETED(once=stop_after), lambda engine: engine.terminate())
    trainer.run(range(iterations))
    return ran, trainer.scaler


@pytest.mark.parametrize("stop_after", [3, 5])
@pytest.mark.parametrize("iterations", [5, 10, 20])
def test_a_run_goes_on_to_its_last_epoch_however_long_epochs_are_now(tmp_path, stop_after, iterations):
    before, _ = checkpointed_run(tmp_path, iterations=10, epochs=8, stop_after=stop_after)
    after, _ = checkpointed_run(tmp_path, iterations=iterations, epochs=8, resume=True)
    assert before + after == list(range(1, 9))


def test_the_scale_of_half_precision_gradients_survives(tmp_path):
    checkpointed_run(tmp_path, iterations=2, epochs=4, stop_after=2)
    _, scaler = checkpointed_run(tmp_path, iterations=2, epochs=4, resume=True)
    assert scaler.get_scale() == 8.0


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        (torch.nn.Dropout(0.2), r"1 was Dropout\(p=0\.1, inplace=False\) and is now Dropout\(p=0\.2, inplace=False\)"),
        (None, r"1 was Dropout\(p=0\.1, inplace=False\) and is now not there"),
    ],
)
def test_a_layer_without_weights_that_changed_is_named(tmp_path, layer, message):
    linear, dropout = torch.nn.Linear(2, 3), torch.nn.Dropout(0.1)
    checkpointed_run(tmp_path, iterations=2, epochs=2, stop_after=1, network=torch.nn.Sequential(linear, dropout))
    changed = torch.nn.Sequential(linear, *([] if layer is None else [layer]))
    with pytest.raises(InputError, match=rf"does not fit this run: the network's layer {message}"):
        checkpointed_run(tmp_path, iterations=2, epochs=2, resume=True, network=changed)
    checkpointed_run(tmp_path, iterations=2, epochs=2, resume=True, network=torch.nn.Sequential(linear, dropout))


def test_weights_that_cannot_be_written_say_why(tmp_path):
    path = tmp_path / "model.pt"
    network = torch.nn.Linear(200, 200)
    save_weights(network, path)
    before = path.read_bytes()
    with (
        files_of_at_most(50_000),
        pytest.raises(CatheterError, match=r"model\.pt: could not be written \(File too large"),
    ):
        save_weights(network, path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_an_earlier_checkpoint_that_cannot_be_set_aside_says_why(tmp_path):
    checkpointed_run(tmp_path, iterations=2, epochs=2, stop_after=1, keep=3)
    last = tmp_path / "checkpoints" / "last.pt"
    before = last.read_bytes()
    with (
        files_of_at_most(len(before) // 2),
        pytest.raises(CatheterError, match=r"epoch_0001\.pt: could not be written \(File too large"),
    ):
        checkpointed_run(tmp_path, iterations=2, epochs=2, resume=True, keep=3)
    assert last.read_bytes() == before
    assert list(last.parent.iterdir()) == [last]


def test_a_disk_that_is_full_before_the_first_checkpoint_sends_nobody_to_resume(tmp_path):
    with files_of_at_most(100), pytest.raises(CatheterError, match=r"last\.pt: .*then start again: this run has no"):
        checkpointed_run(tmp_path, iterations=2, epochs=2)
    assert not any(path.is_file() for path in tmp_path.rglob("*"))


@pytest.mark.parametrize(("resume", "remedy"), [(True, "go on with --resume"), (False, "start again")])
def test_the_checkpoint_of_an_overwritten_run_is_not_that_of_this_one(tmp_path, resume, remedy):
    checkpointed_run(tmp_path, iterations=2, epochs=2, stop_after=1)
    with files_of_at_most(100), pytest.raises(CatheterError, match=remedy):
        checkpointed_run(tmp_path, iterations=2, epochs=2, resume=resume)


def test_the_same_weights_are_the_same_file(tmp_path):
    network = torch.nn.Linear(2, 3)
    for name in ("first", "second"):
        save_weights(network, tmp_path / name / "model.pt")
    assert (tmp_path / "first" / "model.pt").read_bytes() == (tmp_path / "second" / "model.pt").read_bytes()
