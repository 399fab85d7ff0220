"""The contract suite on the stores that come with graphmem."""

from collections import Counter

from .suite import StoreContract


class TestBuiltInStore(StoreContract):
    pass


def test_no_part_of_the_contract_hides_a_test_of_another() -> None:
    """The parts are bases of one class: of two tests with one name only the first would run."""
    names = Counter(name for part in StoreContract.__bases__ for name in vars(part) if name.startswith("test_"))
    assert [name for name, times in names.items() if times > 1] == []
