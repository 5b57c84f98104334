"""From a scene and an instruction to a plan.

In: `Scene`, an instruction, and whoever reasons: the grammar or a chat. Out: `Scene`, `Plan` and `Trace`. Open
`loop.py` first.
"""
