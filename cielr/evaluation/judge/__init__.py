"""A vision language model as judge of an edit: what differs, was it asked for, and by which rubric how good it is.

In: photos before and after, an instruction, a `Chat` that sees. Out: shares and marks. Open `difference.py` first.
"""
