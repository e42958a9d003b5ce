"""A child process that copies of an untrusted video or sound its pictures and sounds, nothing else: `stream.py IN OUT POSTER`.

The packets are moved as they are into a new container, so that nothing loses quality, while titles, places, prompts, cover
pictures, telemetry tracks, chapters and whatever was hidden around them stay behind. One picture of it becomes the poster: a
frame, or the shape of a sound. It imports nothing of the house and limits its own memory and processor time first. The answer
is one JSON line on stdout: `{"media_type", "width", "height", "duration_s", "facts": {}}` or
`{"error": "unreadable_media" | "too_large" | "media_too_complex" | "no_room"}`.
"""

from __future__ import annotations

import argparse
import errno
import json
import resource
import sys
from array import array
from pathlib import Path
from typing import Any

#: Family as sniffed -> demuxer. Naming it keeps every other one (playlists that open further files, say) out of reach.
READERS = {
    "mov": "mov", "matroska": "matroska", "avi": "avi", "wav": "wav", "mp3": "mp3", "aac": "aac", "flac": "flac", "ogg": "ogg",
}  # fmt: skip
#: Family -> container of the copy and media type, with pictures and without.
WRITERS = {
    "mov": (("mp4", "video/mp4"), ("ipod", "audio/mp4")),
    "quicktime": (("mov", "video/quicktime"), ("mov", "audio/mp4")),
    "matroska": (("matroska", "video/x-matroska"), ("matroska", "audio/x-matroska")),
    "webm": (("webm", "video/webm"), ("webm", "audio/webm")),
    "avi": (("avi", "video/x-msvideo"), ("avi", "video/x-msvideo")),
    "wav": (("wav", "audio/wav"),) * 2,
    "mp3": (("mp3", "audio/mpeg"),) * 2,
    "aac": (("adts", "audio/aac"),) * 2,
    "flac": (("flac", "audio/flac"),) * 2,
    "ogg": (("ogg", "video/ogg"), ("ogg", "audio/ogg")),
}
_WEBM_CODECS = frozenset(("vp8", "vp9", "av1", "opus", "vorbis"))
_EDGE = 640  # pixels of a poster's longer side
_BARS, _SHAPE = 160, (640, 160)
_ENOUGH_S = 1_200  # seconds of a sound that its shape is drawn from


class Refused(Exception):
    """The code of the answer."""


def main(arguments: list[str] | None = None) -> int:
    """Exit 0 with a description, 1 with an error code; killed by a signal when a limit bites."""
    args = _parser().parse_args(arguments)
    _limit(args.memory, args.seconds)
    try:
        answer = clean(args.source, args.target, args.poster, args.family, args.pixels)
    except Refused as error:
        answer = {"error": "no_room" if _full(error.__context__) else str(error)}
    except OSError as error:
        if not _full(error):
            raise
        answer = {"error": "no_room"}
    except MemoryError:
        answer = {"error": "media_too_complex"}
    sys.stdout.write(json.dumps(answer) + "\n")
    return 1 if "error" in answer else 0


def _full(error: BaseException | None) -> bool:
    """Whether it is only that the disk has no room."""
    return getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT)


def clean(source: Path, target: Path, poster: Path, family: str, pixels: int) -> dict[str, Any]:
    """Copy `source` to `target`, draw `poster`. Raises Refused."""
    import av

    av.logging.set_level(av.logging.PANIC)
    try:
        answer = _copy(av, source, target, family, pixels)
        video = answer["media_type"].startswith("video/")
        (_frame if video else _shape)(av, target, poster, answer)
    except (av.FFmpegError, EOFError, ValueError, OverflowError, ArithmeticError):
        raise Refused("unreadable_media") from None
    return answer


def _open(av: Any, path: Path, family: str) -> Any:
    return av.open(str(path), format=READERS[family], options={"protocol_whitelist": "file", "enable_drefs": "0"})


def _copy(av: Any, source: Path, target: Path, family: str, pixels: int) -> dict[str, Any]:
    with _open(av, source, family) as reader:
        kept = _kept(reader)
        if not kept:
            raise Refused("unreadable_media")
        facts = _facts(kept, pixels)
        container, media_type = _writer(reader, kept, family)
        options = {"fflags": "+bitexact", **({"movflags": "+faststart"} if family == "mov" else {})}
        with av.open(str(target), "w", format=container, options=options) as writer:
            duration = _move(reader, writer, kept)
        declared = float(reader.duration or 0) / 1_000_000
    if declared > 1 and duration < 0.9 * declared:
        raise Refused("unreadable_media")  # it says more than it has: the end is missing
    return {
        "media_type": media_type, "width": facts.pop("width", None), "height": facts.pop("height", None),
        "duration_s": round(duration, 3) if duration > 0 else None, "facts": facts,
    }  # fmt: skip


def _kept(reader: Any) -> list[Any]:
    """The first moving picture and the sounds; no cover pictures, no data, no subtitles."""
    videos = [s for s in reader.streams.video if not int(s.disposition) & 0x0400 and s.codec_context is not None]
    sounds = [s for s in reader.streams.audio if s.codec_context is not None]
    return [*videos[:1], *sounds[:8]]


def _facts(kept: list[Any], pixels: int) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    for stream in kept:
        context = stream.codec_context
        if stream.type == "video":
            width, height = context.width, context.height
            if width * height > pixels:
                raise Refused("too_large")
            if not width or not height:
                raise Refused("unreadable_media")
            rate = stream.average_rate or stream.guessed_rate
            fps = round(float(rate), 3) if rate else None
            facts |= {"width": width, "height": height, "codec": context.codec.canonical_name, "fps": fps}
        else:
            facts.setdefault("audio_codec", context.codec.canonical_name)
            facts |= {"sample_rate": context.sample_rate, "channels": context.channels}
    return facts


def _writer(reader: Any, kept: list[Any], family: str) -> tuple[str, str]:
    if family == "matroska" and all(s.codec_context.codec.canonical_name in _WEBM_CODECS for s in kept):
        family = "webm"
    if family == "mov" and reader.metadata.get("major_brand", "").strip() == "qt":
        family = "quicktime"
    return WRITERS[family][0 if kept[0].type == "video" else 1]


def _move(reader: Any, writer: Any, kept: list[Any]) -> float:
    """Move the packets; returns how many seconds lie between the first one's begin and the last one's end."""
    twins = {}
    for stream in kept:
        twin = writer.add_stream_from_template(stream)
        twin.metadata.clear()
        twins[stream.index] = twin
    begins, ends = float("inf"), float("-inf")
    for packet in reader.demux(kept):
        if packet.dts is None and packet.size == 0:
            continue  # the flush at the end
        if packet.is_corrupt:
            raise Refused("unreadable_media")
        at = packet.pts if packet.pts is not None else packet.dts
        if at is not None and packet.time_base is not None:
            begins = min(begins, float(at * packet.time_base))
            ends = max(ends, float((at + (packet.duration or 0)) * packet.time_base))
        packet.stream = twins[packet.stream.index]
        writer.mux(packet)
    if ends <= begins:
        raise Refused("unreadable_media")
    return ends - begins


def _frame(av: Any, path: Path, poster: Path, answer: dict[str, Any]) -> None:
    """A frame from the first second, upright: the very first one is often black."""
    best = None
    with av.open(str(path)) as reader:
        stream = reader.streams.video[0]
        for count, frame in enumerate(reader.decode(stream)):
            best = frame
            if count >= 24 or (frame.time or 0) >= 1:
                break
        if best is None:
            raise Refused("unreadable_media")
        turned = getattr(best, "rotation", 0) % 360
    image = best.to_image().rotate(turned, expand=True) if turned else best.to_image()
    if turned % 180:
        answer["width"], answer["height"] = answer["height"], answer["width"]
    image.thumbnail((_EDGE, _EDGE))
    image.convert("RGB").save(poster, "JPEG", quality=85)


def _shape(av: Any, path: Path, poster: Path, answer: dict[str, Any]) -> None:
    """Draw how loud a sound is over time, as bars that are seen on any ground."""
    from PIL import Image, ImageDraw

    width, height = _SHAPE
    loudness = _loudness(av, path)
    loudest = max(loudness) or 1
    image = Image.new("RGBA", _SHAPE, (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    pitch = width / _BARS
    for place in range(_BARS):
        part = loudness[place * len(loudness) // _BARS]
        reach = max(1.0, part / loudest * (height / 2 - 4))
        left = place * pitch
        draw.rectangle((left, height / 2 - reach, left + pitch - 2, height / 2 + reach), fill=(128, 132, 150, 255))
    image.save(poster, "PNG")


def _loudness(av: Any, path: Path) -> list[int]:
    """The peak of each twentieth of a second, up to a bound of time."""
    peaks = []
    with av.open(str(path)) as reader:
        stream = reader.streams.audio[0]
        resampler = av.AudioResampler(format="s16", layout="mono", rate=8_000, frame_size=400)
        for frame in reader.decode(stream):
            if (frame.time or 0) > _ENOUGH_S:
                break
            peaks += [_peak(block) for block in resampler.resample(frame)]
        peaks += [_peak(block) for block in resampler.resample(None)]
    if not peaks:
        raise Refused("unreadable_media")
    return peaks


def _peak(block: Any) -> int:
    samples = array("h", bytes(block.planes[0])[: block.samples * 2])
    return max(max(samples), -min(samples)) if samples else 0


def _limit(memory: int, seconds: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="stream")
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("poster", type=Path)
    parser.add_argument("--family", choices=sorted(READERS), required=True)
    parser.add_argument("--pixels", type=int, default=100_000_000)
    parser.add_argument("--memory", type=int, default=2 * 1024**3, help="bytes of address space")
    parser.add_argument("--seconds", type=int, default=30, help="seconds of processor time")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
