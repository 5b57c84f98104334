"""Language models, whoever serves them.

In: messages and a JSON schema. Out: text, streamed and cancellable. Open `protocol.py` first.
"""
