"""What the nodes share, and what an expanded graph is made of; nothing here is put on a canvas by hand.

In: what a node was given. Out: graphs, sockets' values and what the front end draws. Open `expand.py` first.
"""
