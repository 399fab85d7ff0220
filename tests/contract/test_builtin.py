"""The contract suite on the stores that come with graphmem."""

from .suite import StoreContract


class TestBuiltInStore(StoreContract):
    pass
