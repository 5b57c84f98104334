"""Single words: what the grammar knows, and an instruction taken apart into clauses of words.

In: a text. Out: clauses of tokens, and how much an amount says. Open `vocabulary.py`, `tokens.py`, `clauses.py`.
"""
