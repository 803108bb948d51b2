import json

from custom.benchmark import Timing, write_report

NETWORKS = {(256, 192): {("paper", "torch"): Timing(40, 50), ("this", "ncnn"): Timing(2.5, 3)}}
STAGES = {(256, 192): {"decode": Timing(1, 1), "network": Timing(4, 5), "whole": Timing(6, 7)}}


def test_tables_give_speed_against_the_paper_and_stages_against_the_network(tmp_path):
    markdown, data = write_report(tmp_path, machine={"processor": "One"}, networks=NETWORKS, stages=STAGES)
    lines = markdown.read_text().splitlines()
    assert "- processor: One" in lines
    assert "## The network alone, 256 x 192" in lines
    assert "| paper | torch | 40.00 | 50.00 | 25 | 1.00 |" in lines
    assert "| this | ncnn | 2.50 | 3.00 | 400 | 16.00 |" in lines
    assert "| whole | 6.00 | 7.00 | 1.50 |" in lines
    document = json.loads(data.read_text())
    row = {"rows": 256, "columns": 192, "network": "this", "engine": "ncnn", "minimum": 2.5, "median": 3}
    assert document["networks"][1] == row
    assert document["stages"][2] == {"rows": 256, "columns": 192, "stage": "whole", "minimum": 6, "median": 7}
    assert document["machine"] == {"processor": "One"}


def test_without_the_reference_there_are_no_ratios(tmp_path):
    times = {(256, 192): {("this", "ncnn"): Timing(2.5, 3)}}
    markdown, _ = write_report(tmp_path, machine={}, networks=times, stages={})
    assert "| this | ncnn | 2.50 | 3.00 | 400 |  |" in markdown.read_text()
