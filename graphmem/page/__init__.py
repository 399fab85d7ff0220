"""A user's graph to look at: a page of HTML that needs nothing but itself, and a networkx graph that shows it in a notebook."""

from graphmem.page.content import Records
from graphmem.page.document import document, notebook_frame

__all__ = ["Records", "document", "notebook_frame"]
