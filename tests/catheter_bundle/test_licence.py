from tests.conftest import REPOSITORY


def test_the_bundle_carries_the_licence_of_the_repository():
    assert (REPOSITORY / "catheter_bundle" / "LICENSE").read_bytes() == (REPOSITORY / "LICENSE").read_bytes()
