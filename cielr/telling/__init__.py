"""What people are told: the trace and its page, the overlay, and scenes and plans in plain words.

In: what a stage made. Out: sentences, pictures and HTML. Open `trace.py` first.
"""
