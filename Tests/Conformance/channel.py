"""One registered phone number of the service under test, and the calls with its key."""

from typing import Any

from .answers import Answer
from .services import Service

URL = "https://hooks.example.com/main"
OTHER_URL = "https://other.example.com/main"
STARTED = {"message": "Operation started successfully"}
DELETED = {"message": "Destination deleted successfully"}


class Channel:
    def __init__(self, service: Service, transcript: list[Any], registration: dict[str, Any]) -> None:
        self.service = service
        self.registration = registration
        self._transcript = transcript

    @property
    def key(self) -> str:
        return self.registration["api_key"]

    @property
    def waba_id(self) -> int:
        return self.registration["waba_id"]

    @property
    def number(self) -> str:
        return self.registration.get("phone_number", self.registration["phone_number_id"])

    def __call__(self, operation: str, *arguments: Any, key: str | None = None) -> Answer:
        """A call that every service must answer alike."""
        answer = self.unrecorded(operation, *arguments, key=key)
        self._transcript.append((operation, answer.summary))
        return answer

    def unrecorded(self, operation: str, *arguments: Any, key: str | None = None) -> Answer:
        """A call whose answer depends on the moment."""
        return Answer(self.service, *self.service.call(f"d360_{operation}", key or self.key, *arguments), operation)

    def enable(self, *names: str) -> Answer:
        request: dict[str, Any] = {"enabled": True}
        if names:
            request["destinations"] = destinations(*names)
        return self("multi_webhook_set", request).must_be(STARTED)

    def disable(self) -> Answer:
        return self("multi_webhook_set", {"enabled": False}).must_be(STARTED)

    def append(self, *names: str) -> Answer:
        return self("multi_webhook_append", {"destinations": destinations(*names)})

    def must_show(self, *names: str, enabled: bool = True) -> None:
        self("multi_webhook_get").must_be(
            {"enabled": enabled, "destinations": [{"name": n, "url": url_of(n), "headers": {}} for n in names]}
        )

    def names(self) -> list[str]:
        return [one["name"] for one in self.unrecorded("multi_webhook_get").must_succeed().json["destinations"]]

    def readings(self) -> list[Any]:
        gets = ("multi_webhook_get", "customer_webhook_get", "waba_webhook_get")
        return [self.unrecorded(get).must_succeed().json for get in gets]

    def waba_shown(self, *numbers: str, **webhook: Any) -> dict[str, Any]:
        """GET /waba_webhook's answer for this channel."""
        return {**webhook, "waba_id": self.waba_id, "numbers_on_this_waba": list(numbers or [self.number])}


def url_of(name: str) -> str:
    return f"https://hooks.example.com/{name.encode().hex() or 'none'}"


def destinations(*names: str) -> list[dict[str, str]]:
    return [{"name": name, "url": url_of(name)} for name in names]
