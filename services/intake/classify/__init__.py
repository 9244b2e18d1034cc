"""归类 classification: what an appeal is about, where, how urgent, and whether it was heard before (docs/adr/0014).

Everything here proposes; a person decides, except where ``decision.py`` says that nobody needs to.
"""
