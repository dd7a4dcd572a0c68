"""Azure OpenAI v1: OpenAI's own formats with another way to show the key."""

from dataclasses import dataclass, replace

from app.llm.types import Options, Prompt
from app.llm.wire.dialect import Decoder, Dialect, Endpoint, Request, bearer


@dataclass(frozen=True, slots=True)
class AzureOpenAI:
    """https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle. The id is the deployment's name."""

    spoken: Dialect

    def request(self, endpoint: Endpoint, prompt: Prompt, options: Options, *, stream: bool) -> Request:
        """What to send: a key goes into `api-key`, an Entra token, which is a JWT, is borne."""
        asked = self.spoken.request(replace(endpoint, api_key=None), prompt, options, stream=stream)
        key = endpoint.api_key or ""
        shown = bearer(key) if key.startswith("eyJ") else {"api-key": key}
        return replace(asked, headers={**asked.headers, **shown})

    def decoder(self) -> Decoder:
        """A fresh decoder for one answer."""
        return self.spoken.decoder()
