from __future__ import annotations

import json

import pytest

from custom.errors import InputError
from custom.experiments.definitions import Row
from custom.experiments.labels import check_labels
from tests.tiny_data import write_tiny_data

BOTH, DETECTION = Row("both", "Both"), Row("electrodes", "Electrodes", tasks=("detection",))
SEGMENTATION = Row("masks", "Masks", tasks=("segmentation",))
ROWS = (BOTH, DETECTION, SEGMENTATION)


@pytest.fixture
def without(tmp_path):
    """A datalist whose entries lack some labels in some splits."""

    def write(**labels):
        path = write_tiny_data(tmp_path)
        document = json.loads(path.read_text())
        for split, key in labels.items():
            for entry in document[split]:
                entry[key] = None
        path.write_text(json.dumps(document))
        return path

    return write


def test_complete_labels_let_everything_run(without):
    check_labels(without(), ROWS, ROWS)


def test_a_split_without_electrodes_says_which_rows_can_run(without):
    path = without(validation="electrodes")
    with pytest.raises(InputError, match=r"datalist\.json: validation: no frame.*detection.*can run: masks\."):
        check_labels(path, ROWS, [BOTH])
    check_labels(path, ROWS, [SEGMENTATION])


def test_a_split_that_is_labelled_in_part_is_enough(without):
    path = without()
    document = json.loads(path.read_text())
    for split in document.values():
        split[0]["mask"] = split[-1]["electrodes"] = None
    path.write_text(json.dumps(document))
    check_labels(path, ROWS, ROWS)


def test_where_nothing_can_run_it_says_so(without):
    path = without(training="mask", test="electrodes")
    with pytest.raises(InputError, match="can run: none"):
        check_labels(path, ROWS, ROWS)
