"""What request bodies and answers are made of."""

from pydantic import BaseModel, ConfigDict

from deskstream.input import Input


class Body(Input):
    """A request's body that is not a command by itself."""


class View(BaseModel):
    """An answer."""

    model_config = ConfigDict(frozen=True)
