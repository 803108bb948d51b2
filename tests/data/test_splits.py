from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom.data.splits import split_cases
from custom.errors import InputError

SIZES = st.dictionaries(st.text(min_size=1), st.integers(1, 40), min_size=3, max_size=30)


def frames_of(sizes):
    return [case for case, count in sizes.items() for _ in range(count)]


@given(SIZES, st.floats(0.05, 0.4), st.floats(0.05, 0.4), st.integers(0, 5))
def test_every_split_has_a_case(sizes, validation, test, seed):
    splits = split_cases(frames_of(sizes), validation=validation, test=test, seed=seed)
    assert splits.keys() == sizes.keys()
    assert set(splits.values()) == {"training", "validation", "test"}


def test_shares_are_of_frames():
    sizes = {f"case{number}": 10 + number % 5 for number in range(60)}
    splits = split_cases(frames_of(sizes), validation=0.2, test=0.1, seed=0)
    frames = Counter()
    for case, split in splits.items():
        frames[split] += sizes[case]
    total = sum(sizes.values())
    assert 0.18 < frames["validation"] / total <= 0.2
    assert 0.08 < frames["test"] / total <= 0.1


def test_a_large_case_trains():
    splits = split_cases(frames_of({"phantom": 2000, "a": 50, "b": 40}), validation=0.15, test=0.15, seed=0)
    assert splits["phantom"] == "training"


def test_the_seed_decides():
    cases = [f"case{number}" for number in range(20)]
    splits = [split_cases(cases, validation=0.2, test=0.2, seed=seed) for seed in (1, 1, 2)]
    assert splits[0] == splits[1] != splits[2]


def test_the_order_of_frames_does_not():
    cases = [f"case{number}" for number in range(20)]
    options = {"validation": 0.2, "test": 0.2, "seed": 3}
    assert split_cases(cases, **options) == split_cases(cases[::-1], **options)


@pytest.mark.parametrize("seed", range(5))
def test_an_added_case_leaves_the_others_nearly_where_they_were(seed):
    cases = [f"case{number}" for number in range(40)]
    options = {"validation": 0.15, "test": 0.15, "seed": seed}
    before, after = split_cases(cases, **options), split_cases([*cases, "new"], **options)
    moved = [(before[case], after[case]) for case in cases if before[case] != after[case]]
    assert len(moved) <= 2  # each split gives at most one on to the next
    assert ("test", "training") not in moved


def test_splits_can_be_left_out():
    assert split_cases(["a", "b"], validation=0, test=0, seed=0) == {"a": "training", "b": "training"}
    assert sorted(split_cases(["a", "b"], validation=0.5, test=0, seed=0).values()) == ["training", "validation"]


@pytest.mark.parametrize(
    ("validation", "test", "splits"),
    [(0, 1, {"test"}), (1, 0, {"validation"}), (0.7, 0.3, {"validation", "test"}), (0.9, 0.1, {"validation", "test"})],
)
def test_there_may_be_nothing_to_train_on(validation, test, splits):
    assert set(split_cases(["a", "b", "c", "a"], validation=validation, test=test, seed=0).values()) == splits


@pytest.mark.parametrize(
    ("cases", "share", "problem"),
    [
        (["a", "a"], 0.5, "1 case cannot be split into 2 splits"),
        (["a", "a"], 0.3, "1 case cannot be split into 3 splits"),
        (["a", "b", "b"], 0.2, "2 cases cannot be split into 3 splits"),
    ],
)
def test_there_are_not_fewer_cases_than_splits(cases, share, problem):
    with pytest.raises(InputError, match=problem):
        split_cases(cases, validation=share, test=share, seed=0)


@pytest.mark.parametrize(("validation", "test"), [(-0.1, 0.1), (0.5, 0.6), (float("nan"), 0), ("much", 0)])
def test_wrong_shares_are_refused(validation, test):
    with pytest.raises(InputError, match="wrong shares"):
        split_cases(["a", "b", "c"], validation=validation, test=test, seed=0)
