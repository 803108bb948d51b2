"""How the commands start the bundle: its config files, and the overrides that users give."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from monai.bundle import ConfigParser, run

from custom.config_ids import id_parts
from custom.config_text import NO_VALUE, SEPARATOR, STARTS, TEXTS, plain_text
from custom.error_report import find_user_error
from custom.errors import InputError
from custom.given_names import given_names
from custom.workflow import bundle_root, check_output_dir, check_overrides

CONFIGS = Path(bundle_root()) / "configs"
OVERRIDES = CONFIGS / "overrides"


def config_files(*names: str, overrides: str | tuple[str, ...] = ()) -> list[str]:
    """Return the paths of config files: the bundle's own by name, then overrides by name or path.

    Args:
        *names: files in the bundle's `configs` folder.
        overrides: names of files in `configs/overrides` without `.yaml`, or paths; a string may hold several, with
            commas between them.

    Raises:
        InputError: where an override is neither; the known ones are listed.
    """
    return [str(CONFIGS / name) for name in names] + [_override_file(name) for name in given_names(overrides) if name]


def _override_file(name: str) -> str:
    for path in (OVERRIDES / f"{name}.yaml", Path(name)):
        if path.is_file():
            return str(path)
    known = ", ".join(sorted(path.stem for path in OVERRIDES.glob("*.yaml")))
    raise InputError("unknown override", field="overrides", found=name, expected=f"a config file, or one of {known}")


def bundle_component(parser: ConfigParser, name: str) -> Any:
    """Make a component that a config describes.

    Raises:
        CatheterError: what the user gave is wrong; found inside MONAI's own error.
    """
    try:
        return parser.get_parsed_content(name)
    except Exception as error:
        raise find_user_error(error) or error from None


def inference_files(*names: str, overrides: str | tuple[str, ...] = ()) -> list[str]:
    """Return the paths of inference.yaml, of further config files, and of overrides that concern them.

    Overrides that the network was trained with may concern training, too: what does is checked and changes nothing.

    Raises:
        InputError: an override is unknown, says something that neither workflow knows, or prepares frames otherwise in
            validation alone.
    """
    files = config_files("inference.yaml", *names)
    given = config_files(overrides=overrides)
    if not given:
        return files
    check_overrides([*config_files("train.yaml"), *files, *given], {})
    _check_preprocessing(given)
    known = set().union(*map(_sections, files))
    concerned = [file for file in given if known & _sections(file)]
    mixed = any(_sections(file) - known for file in concerned)  # whose other keys are train.yaml's
    return [*(config_files("train.yaml") if mixed else []), *files, *concerned]


def _check_preprocessing(overrides: list[str]) -> None:
    """Refuse overrides that change what frames look like to a network in validation, and not in inference."""
    keys = {(file, key): id_parts(key) for file in overrides for key in ConfigParser.load_config_file(file)}
    changed = [place for place, names in keys.items() if names[:2] == ["validate", "preprocessing"]]
    if changed and not any(names[0] == "preprocessing" for names in keys.values()):
        file, key = changed[0]
        raise InputError(
            "validation prepares frames by it, and inference would not",
            source=file,
            field=key,
            remedy="Set the keys of preprocessing, as inference.yaml has them, in a second file for --overrides "
            "(docs/training.md, parts of your own)",
        )


def _sections(file: str) -> set[str]:
    return {id_parts(key)[0] for key in ConfigParser.load_config_file(file)}


def inference_config(overrides: str | tuple[str, ...] = (), **values: Any) -> ConfigParser:
    """Read inference.yaml and overrides; values that are `None` are left to them. No trunk is downloaded.

    Raises:
        InputError: see `inference_files`.
    """
    files = config_files("train.yaml", "inference.yaml", overrides=overrides)  # overrides may concern training, too
    check_overrides(files, {})
    _check_preprocessing(config_files(overrides=overrides))
    parser = _config(files, {name: value for name, value in values.items() if value is not None})
    if "pretrained" in parser["network_def"]:
        parser["network_def#pretrained"] = None
    return parser


def training_config(overrides: str | tuple[str, ...] = (), **values: Any) -> ConfigParser:
    """Read train.yaml and overrides, with values for any of its ids."""
    return _config(config_files("train.yaml", overrides=overrides), values)


def _config(files: list[str], values: Mapping[str, Any]) -> ConfigParser:
    parser = ConfigParser()
    parser.read_config(files)
    for name, value in {**values, "bundle_root": bundle_root()}.items():
        parser[name] = _as_typed(name, value)
    return parser


def run_bundle(
    run_id: str,
    files: list[str],
    *,
    tracking: str | None = None,
    settings: Mapping[str, Any] | None = None,
    **values: Any,
) -> None:
    """Run the bundle in this process, as `python -m monai.bundle run RUN_ID --config_file FILES --KEY VALUE` does.

    Args:
        run_id: id of the `run` list.
        files: config files; later ones override earlier ones.
        tracking: a tracking settings file, or `None`.
        settings: overrides that the user gave by their ids.
        **values: overrides by the command's own options; those that are `None` are left to the config.

    Raises:
        CatheterError: what the user gave is wrong; found inside MONAI's own error where there is one.
    """
    given = {name: value for name, value in values.items() if value is not None}
    for name, value in (settings or {}).items():
        if given.setdefault(name, value) != value:
            remedy = "Leave one of the two out"
            raise InputError("given twice", field=name, found=value, expected=f"{given[name]}, too", remedy=remedy)
    output_dir = given.get("output_dir")
    given = {name: plain_text(value) if name in values else _as_typed(name, value) for name, value in given.items()}
    check_overrides(files, given, tracking=tracking)
    if output_dir or tracking:  # which writes there before the config's own check
        check_output_dir(output_dir or ConfigParser.load_config_files(files)["output_dir"])
    given = {name: NO_VALUE if value is None else value for name, value in given.items()}
    _silence_monai(files)
    try:
        run(run_id=run_id, config_file=files, tracking=tracking, **given)
    except Exception as error:
        raise find_user_error(error) or error from None


def _as_typed(name: str, value: Any) -> Any:
    """Return a value that keeps its `#`, and a text that looks like a number; it may be an expression or reference."""
    is_text = isinstance(value, str) and not value.startswith(STARTS)
    return plain_text(value) if is_text and (name in TEXTS or SEPARATOR in value) else value


def _silence_monai(files: list[str]) -> None:
    """Leave out what MONAI tells of its start: all values, that overrides have a folder, that files may hold code.

    The last stays where a file is not the bundle's own.
    """
    logging.getLogger("monai.bundle.scripts").setLevel(logging.WARNING)
    logging.getLogger("monai.bundle.workflows").setLevel(logging.ERROR)
    if all(CONFIGS in Path(file).parents for file in files):
        warnings.filterwarnings("ignore", "parsing config_file")
