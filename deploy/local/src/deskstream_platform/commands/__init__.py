"""The commands of `deskstream`.

Each module has a function `add_to(app)`, is found by being here, and imports what is slow
to import inside its commands.
"""
