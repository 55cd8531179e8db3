"""How much is proved: by default what fits into the suite's time, with FIELD_PROOF=whole all of it."""

import os

import pytest

WHOLE = os.environ.get("FIELD_PROOF") == "whole"
only_whole = pytest.mark.skipif(not WHOLE, reason="a longer proof: FIELD_PROOF=whole")
