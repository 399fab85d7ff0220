"""All of the contract in one class; see the package's text for how to bind it to a store."""

from .appending import AppendContract
from .applying import ApplyContract
from .claiming import ClaimContract
from .describing import DescribeContract
from .embedding import EmbeddingContract
from .finishing import FinishContract
from .forgetting import ForgetContract
from .hostile import HostileContract
from .isolating import IsolationContract
from .jobs import JobContract
from .reading import ReadContract
from .recalling import RecallContract
from .recalling_around import RecallAroundContract
from .recalling_facts import RecallFactsContract
from .short_vectors import ShortVectorContract
from .summarizing import SummaryContract


class StoreContract(
    AppendContract,
    JobContract,
    ClaimContract,
    ApplyContract,
    FinishContract,
    RecallContract,
    RecallAroundContract,
    RecallFactsContract,
    ReadContract,
    ForgetContract,
    SummaryContract,
    EmbeddingContract,
    ShortVectorContract,
    DescribeContract,
    HostileContract,
    IsolationContract,
):
    """Every promise of `graphmem.stores.base.Store`."""
