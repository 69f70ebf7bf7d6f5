"""What has to be agreed before anything can be told."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from deskstream_platform.api import Api
from deskstream_platform.catalogue import OWNER
from deskstream_platform.errors import PlatformError


@dataclass(frozen=True)
class Stage:
    """The customer and service of the starter set's demo agreement, and the names of things."""

    customer: str
    service: str
    last_policy: str
    names: Mapping[str, str] = field(default_factory=dict)

    def with_names(self, text: str) -> str:
        """A text of the API with names in the place of ids."""
        for identity, name in self.names.items():
            text = text.replace(identity, f"“{name}”")
        return text


async def apply_starter_set(api: Api) -> Stage:
    """Put in what is missing of the starter set."""
    items = (await api.tell("catalog", "/starter-set", OWNER))["items"]
    refused = [f"{item['name']}: {item['refused']}" for item in items if item["refused"]]
    if refused:
        raise PlatformError(f"The starter set could not be applied: {'; '.join(refused)}")
    ids = {(item["kind"], item["name"]): item["id"] for item in items}
    return Stage(
        customer=ids["organisation", "Demo customer"],
        service=ids["service", "Demo service"],
        last_policy=f"{items[-1]['kind']}-{items[-1]['id']}",
        names={item["id"]: item["name"] for item in items},
    )
