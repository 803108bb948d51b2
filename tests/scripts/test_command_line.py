"""What is typed is refused before anything is done, or reaches the command as its signature says."""

import inspect
import re

import pytest

from custom.errors import InputError
from scripts.command_line import checked_words, start_alone, typed_command
from scripts.main import COMMANDS


@pytest.fixture
def call():
    """Call a command as main does; gives what it was called with."""
    import fire

    def run(command, *words):
        called = {}

        def closed(
            source: str,
            *,
            output: str | None = None,
            size: int | tuple[int, int] = 256,
            share: float | None = None,
            names: str | tuple[str, ...] = (),
            overwrite: bool = False,
        ) -> None:
            called.update(locals())

        def open_ended(source: str, **settings: object) -> None:
            called.update(source=source, **settings)

        def options_only(*, count: int = 1) -> None:
            called.update(count=count)

        def several(*sources: str, output: str | None = None, **settings: object) -> None:
            called.update(sources=sources, output=output, **settings)

        commands = {"closed": closed, "open": open_ended, "none": options_only, "several": several}
        typed = {name: typed_command(function) for name, function in commands.items()}
        fire.Fire(typed, checked_words(commands, [command, *words]), name="test")
        called.pop("called", None)
        return called

    return run


DEFAULTS = {"output": None, "size": 256, "share": None, "names": (), "overwrite": False}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["20240101"], {"source": "20240101"}),
        (["Doe,John"], {"source": "Doe,John"}),
        (["-5"], {"source": "-5"}),
        (['O\'Neill "x" \\'], {"source": 'O\'Neill "x" \\'}),
        (["--source", "True"], {"source": "True"}),
        (["a", "--output", "2024"], {"source": "a", "output": "2024"}),
        (["a", "--output=a=b"], {"source": "a", "output": "a=b"}),
        (["a", "--output", "None"], {"source": "a", "output": None}),
        (["a", "--size", "64"], {"source": "a", "size": 64}),
        (["a", "--size", "64,96"], {"source": "a", "size": (64, 96)}),
        (["a", "--size", "[64, 96]"], {"source": "a", "size": (64, 96)}),
        (["a", "--share", "-1"], {"source": "a", "share": -1.0}),
        (["a", "--share=1e-3"], {"source": "a", "share": 0.001}),
        (["a", "--names", "x,y"], {"source": "a", "names": ("x", "y")}),
        (["a", "--names", "['x', 'y']"], {"source": "a", "names": ("x", "y")}),
        (["a", "--names", "3"], {"source": "a", "names": "3"}),
        (["--overwrite", "--source", "a"], {"source": "a", "overwrite": True}),
        (["a", "--overwrite", "no"], {"source": "a", "overwrite": False}),
        (["a", "--overwrite", "false"], {"source": "a", "overwrite": False}),
        (["a", "--overwrite", "YES"], {"source": "a", "overwrite": True}),
        (["a", "--nooverwrite"], {"source": "a", "overwrite": False}),
        (["a", "--overwrite", "--", "--verbose"], {"source": "a", "overwrite": True}),
        (["--overwrite", "--", "-a.png"], {"source": "-a.png", "overwrite": True}),
        (["a", "--"], {"source": "a"}),
    ],
)
def test_words_reach_a_command_as_its_signature_says(call, words, expected):
    assert call("closed", *words) == DEFAULTS | expected


def test_options_of_one_letter_stand_for_the_only_one_that_begins_so(call):
    assert call("none", "-c", "3") == {"count": 3}
    with pytest.raises(InputError, match="--s: unknown option"):
        call("closed", "a", "-s", "3")  # source, size or share


def test_commands_with_settings_take_any_option_as_fire_reads_it(call):
    found = call("open", "5", "--network_def#offset", "False", "--image-size", "[64,96]", "--name", "x")
    assert found == {"source": "5", "network_def#offset": False, "image_size": [64, 96], "name": "x"}
    assert call("open", "5", "--name", "run #3")["name"] == "run #3"
    assert call("open", "5", "--run_name", "007", "--experiment-name", "1e3") == {
        "source": "5",
        "run_name": "007",
        "experiment_name": "1e3",
    }
    assert call("open", "5", "--run_name", "'7'")["run_name"] == "7"
    assert call("open", "5", "--weights", "None")["weights"] is None
    assert call("open", "5", "--section", "{'_target_': '@a#b'}")["section"] == {"_target_": "@a#b"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["closed", "a", "--outptu", "b"], "--outptu: unknown option. Did you mean --output"),
        (["closed", "a", "--output", "b", "--output=c"], "--output: given twice"),
        (["open", "a", "--epochs", "1", "--epochs", "2"], "--epochs: given twice"),
        (["closed", "a", "--", "-b"], "closed: too many arguments; found 'a -b'; expected SOURCE"),
        (["closed", "a", "b"], "closed: too many arguments; found 'a b'; expected 'SOURCE'|expected SOURCE"),
        (["none", "a"], "none: too many arguments; found 'a'; expected options only"),
        (["closed", "a", "--output"], "--output: needs a value; expected text"),
        (["closed", "a", "--share", "--overwrite"], "--share: needs a value; expected a number"),
        (
            ["closed", "a", "--size", "x"],
            "--size: wrong type; found 'x'; expected a whole number, or 2 with commas between them",
        ),
        (["closed", "a", "--size", "1,2,3"], "--size: wrong type"),
        (["closed", "a", "--size", "1.5"], "--size: wrong type"),
        (["closed", "a", "--overwrite", "maybe"], "--overwrite: wrong type; found 'maybe'; expected yes or no"),
    ],
)
def test_what_does_not_fit_is_refused(call, words, message):
    with pytest.raises(InputError, match=message):
        call(*words)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_and_refuses_unknown_options_or_keys(catheter, capsys, command):
    with pytest.raises(SystemExit) as stopped:
        catheter(command, "--help")
    assert stopped.value.code == 0
    written = capsys.readouterr()
    assert f"catheter {command} - " in written.out
    assert "FIRE" not in written.out
    assert not written.err


def help_of(catheter, capsys, command):
    with pytest.raises(SystemExit, match="0"):
        catheter(command, "--help")
    return capsys.readouterr().out


@pytest.mark.parametrize("command", COMMANDS)
def test_short_options_do_what_help_says(catheter, capsys, command):
    for letter, option in re.findall(r"^ +-(\w), --(\w+)=", help_of(catheter, capsys, command), re.MULTILINE):
        assert checked_words(COMMANDS, [command, f"-{letter}", "1"]) == [command, f"--{option}='1'"]


@pytest.mark.parametrize("command", COMMANDS)
def test_help_says_in_words_what_an_option_takes(catheter, capsys, command):
    types = re.findall(r"^ +Type: (.*)", help_of(catheter, capsys, command), re.MULTILINE)
    assert types
    assert set(types) <= {
        *("text", "a number", "a whole number", "yes or no"),
        *("text, or several", "a whole number, or several", "a number, or 2", "a whole number, or 2"),
    }


@pytest.mark.parametrize("command", COMMANDS)
def test_what_help_lists_as_options_is_taken_by_name_only(command):
    """Of `train a.json b.json`, the second would be a folder to write to, and of `train a b c` overrides."""
    parameters = inspect.signature(COMMANDS[command]).parameters.values()
    assert not [
        item.name for item in parameters if item.kind is item.POSITIONAL_OR_KEYWORD and item.default is not item.empty
    ]


def test_help_shows_defaults_that_are_values(catheter, capsys):
    text = help_of(catheter, capsys, "train")
    assert "Default: True" in text
    assert "Default: None" not in text
    assert "Default: ()" not in text


@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_on_all_commands_goes_to_standard_output(catheter, capsys, option):
    with pytest.raises(SystemExit, match="0"):
        catheter(option)
    written = capsys.readouterr()
    assert all(f" {command}\n" in written.out for command in COMMANDS)
    assert not written.err


@pytest.mark.parametrize("command", [name for name, given in COMMANDS.items() if "settings" in given.__annotations__])
def test_help_says_which_further_options_a_command_takes(catheter, capsys, command):
    with pytest.raises(SystemExit):
        catheter(command, "--help")
    text = " ".join(capsys.readouterr().out.split())
    assert "Additional flags are accepted. any key of" in text
    assert "**settings" not in text


def test_a_file_is_no_folder_for_results(catheter, tmp_path, capsys):
    with pytest.raises(SystemExit, match="2"):
        catheter("infer", tmp_path / "a.png", "--output", tmp_path / "b.PNG")
    assert "b.PNG'" in capsys.readouterr().err
    assert not (tmp_path / "b.PNG").exists()


def test_a_command_may_take_any_number_of_arguments(call):
    given = call("several", "20240101", "Doe,John.dcm", "--output", "7", "c", "--more", "1")
    assert given == {"sources": ("20240101", "Doe,John.dcm", "c"), "output": "7", "more": 1}
    assert call("several") == {"sources": (), "output": None}


def test_a_file_whose_name_begins_with_a_dash_is_told_from_an_option(catheter, capsys):
    with pytest.raises(SystemExit, match="2"):
        catheter("infer", "1.png", "-a.PNG")
    assert "found '-a.PNG'. Write ./ before the name of a file" in " ".join(capsys.readouterr().err.split())


def test_there_is_something_to_infer_from(catheter, capsys):
    with pytest.raises(SystemExit, match="2"):
        catheter("infer")
    printed = capsys.readouterr().err
    assert "infer: no file or folder was named" in printed
    assert "Write ./ before a name that begins with -" in printed


def test_nothing_is_done_before_an_unknown_option_is_refused(catheter, tmp_path, capsys):
    with pytest.raises(SystemExit) as stopped:
        catheter("simulate", tmp_path / "data", "--sequences", "1", "--devic", "cpu")
    assert stopped.value.code == 2
    assert "--devic: unknown option. Did you mean --device" in capsys.readouterr().err
    assert not (tmp_path / "data").exists()


def simulate_twice(folder: str, *, frames: int = 8) -> None:
    print(folder, frames)


def test_a_module_of_one_command_is_checked_like_the_program(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["simulate_twice.py", "data", "--frames", "3"])
    start_alone(simulate_twice)
    assert capsys.readouterr().out == "data 3\n"
    monkeypatch.setattr("sys.argv", ["simulate_twice.py", "data", "--frame", "3"])
    with pytest.raises(SystemExit, match="2"):
        start_alone(simulate_twice)
    assert "--frame: unknown option. Did you mean --frames" in capsys.readouterr().err
