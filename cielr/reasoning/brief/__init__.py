"""Small models made to succeed: code reads what it can, and the model decides one small thing at a time.

In: a scene, an instruction and somebody to put questions to. Out: a plan, or a question to the user. Open
`reasoner.py` first.
"""
