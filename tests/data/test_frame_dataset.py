from custom.data import FrameDataset


def entries(data):
    dataset = FrameDataset(data, transform=lambda entry: entry, progress=False)
    return [dataset[index] for index in range(len(dataset))]


def test_entries_are_numbered_in_their_order():
    data = [{"image": "b.png", "mask": None}, {"image": "a.png", "mask": "a_mask.png"}]
    assert entries(data) == [{**data[0], "sample_index": 0}, {**data[1], "sample_index": 1}]


def test_numbers_of_another_list_are_replaced():
    assert entries([{"image": "a.png", "sample_index": 7}]) == [{"image": "a.png", "sample_index": 0}]


def test_the_label_of_monai_label_is_the_mask():
    assert entries([{"image": "a.png", "label": "labels/a.png"}]) == [
        {"image": "a.png", "mask": "labels/a.png", "sample_index": 0}
    ]
