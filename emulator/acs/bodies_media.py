"""The bodies of the requests about media: prompts, and the keys that people press.

https://learn.microsoft.com/rest/api/communication/callautomation/call-media
"""

from typing import Annotated, Literal

import msgspec

from emulator.acs.bodies import Target
from emulator.acs.bodies_people import MidCall
from emulator.acs.keys import Tone


class FileSource(msgspec.Struct, frozen=True):
    """A file to play."""

    uri: str


class TextSource(msgspec.Struct, frozen=True, rename="camel"):
    """A text to read aloud."""

    text: str
    source_locale: str | None = None
    voice_kind: str | None = None
    voice_name: str | None = None


class SsmlSource(msgspec.Struct, frozen=True, rename="camel"):
    """A text to read aloud, with its markup."""

    ssml_text: str


class PlaySource(msgspec.Struct, frozen=True):
    """One of several things to play, the one of its kind."""

    kind: Literal["file", "text", "ssml"]
    file: FileSource | None = None
    text: TextSource | None = None
    ssml: SsmlSource | None = None

    @property
    def content(self) -> str | None:
        """The file's address, or what is read aloud; None where the one of its kind is missing."""
        match self.kind:
            case "file":
                return self.file.uri if self.file else None
            case "text":
                return self.text.text if self.text else None
        return self.ssml.ssml_text if self.ssml else None


class PlayOptions(msgspec.Struct, frozen=True):
    """How it is played."""

    loop: bool = False


class Play(MidCall, frozen=True, kw_only=True):
    """The body of `:play`; it is played to all where `play_to` is empty."""

    play_sources: tuple[PlaySource, ...]
    play_to: tuple[Target, ...] | None = ()
    interrupt_call_media_operation: bool | None = False
    play_options: PlayOptions | None = None


class DtmfOptions(msgspec.Struct, frozen=True, rename="camel"):
    """When a row of keys is complete."""

    inter_tone_timeout_in_seconds: Annotated[int, msgspec.Meta(ge=1, le=60)] | None = None
    max_tones_to_collect: Annotated[int, msgspec.Meta(ge=1)] | None = None
    stop_tones: tuple[Tone, ...] | None = None


class RecognizeOptions(msgspec.Struct, frozen=True, rename="camel"):
    """Whose keys are recognised, and how long they may take."""

    target_participant: Target
    interrupt_prompt: bool | None = False
    initial_silence_timeout_in_seconds: Annotated[int, msgspec.Meta(ge=0, le=300)] | None = None
    dtmf_options: DtmfOptions | None = None


class Recognize(MidCall, frozen=True, kw_only=True):
    """The body of `:recognize`."""

    recognize_input_type: Literal["dtmf", "speech", "speechOrDtmf", "choices"]
    recognize_options: RecognizeOptions
    play_prompt: PlaySource | None = None
    play_prompts: tuple[PlaySource, ...] | None = None
    interrupt_call_media_operation: bool | None = False

    @property
    def prompts(self) -> tuple[PlaySource, ...]:
        """What is played before."""
        return (self.play_prompt,) if self.play_prompt else self.play_prompts or ()


class ContinuousDtmf(MidCall, frozen=True, kw_only=True):
    """The body of `:startContinuousDtmfRecognition` and `:stopContinuousDtmfRecognition`."""

    target_participant: Target
