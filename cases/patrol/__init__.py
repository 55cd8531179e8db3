"""The patrol (巡查): who is on duty, which way they went, whether they left their area, and where they say they are.

Rules in words: docs/patrol.md.
"""
