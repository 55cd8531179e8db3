"""From a file to an edition: read, check, store, activate."""

from grid.loading.editions import activate, check_edition, find_edition, store
from grid.loading.files import Reading, read_bytes, read_file

__all__ = ["Reading", "activate", "check_edition", "find_edition", "read_bytes", "read_file", "store"]
