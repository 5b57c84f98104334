"""Sentences: what a clause asks for, one file a family of wishes.

In: a clause. Out: wishes on phrases, or the word that no sentence has. Open `wishes.py`, then `by_verb.py`.
"""
