"""The contract of `graphmem.stores.base.Store`, as tests that run over every store.

The tests are methods of `suite.StoreContract`; `test_builtin` binds them to the built-in stores. A store of another package
runs them too: copy this directory and, in a conftest of its own tests, override the fixture ``store_config`` with one that
returns a `MemLayerConfig` for it (data that is there only for this test, or a server that is shared); then bind the suite::

    from contract.suite import StoreContract

    class TestMyStore(StoreContract):
        @pytest.fixture
        def store_config(self, tmp_path):
            return MemLayerConfig(provider="mystore", connection_url=str(tmp_path / "memory"))

        @pytest.fixture
        def shared_store(self):
            return False   # True: others use the database at the same time, and it is never wiped

A store that has no entry point overrides ``open_store`` instead: a fixture that returns an async function without
arguments, which opens the store on the test's data; it is called several times where a test needs two processes' view.
"""

import pytest

pytest.register_assert_rewrite(
    f"{__name__}.suite", f"{__name__}.builders", f"{__name__}.leaks", f"{__name__}.operations"
)
