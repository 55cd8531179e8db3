"""The desk's lists: filter, order, page by cursor; how much waits in each queue; what looks like the same."""

from cases.search.filters import Filters, Sort
from cases.search.items import items_where
from cases.search.listing import Key, Page, count_cases, count_queues, list_cases
from cases.search.queues import QUEUES, Queue
from cases.search.similar import similar_cases

__all__ = [
    "QUEUES",
    "Filters",
    "Key",
    "Page",
    "Queue",
    "Sort",
    "count_cases",
    "count_queues",
    "items_where",
    "list_cases",
    "similar_cases",
]
