"""What can be done to a picture, one file a kind, and the plan that strings actions together.

In: a scene. Out: `Plan` and its actions, each of which knows its own region, words and form. Open `action.py` first.
"""
