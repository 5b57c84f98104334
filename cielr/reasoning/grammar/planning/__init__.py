"""Planning: from wishes to actions, in the scene as the steps before leave it.

In: wishes and a scene. Out: actions, or why a wish cannot be planned. Open `planner.py` first.
"""
