"""Noun phrases: "the second red cup from the left", before anybody has looked at the scene.

In: the words of a clause. Out: a phrase of determiners, ranks, looks, noun and places. Open `phrases.py` first.
"""
