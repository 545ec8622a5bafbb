"""Which container an upload is, by its own first bytes: neither its name nor its declared type is believed.

The answer is the demuxer that may open it. Probing is left to nobody: a probed
text can turn out to be a playlist that opens addresses of its writer's choice.
"""

HEAD_BYTES = 16

_LAYER_2_OR_3 = (0b01, 0b10)


def container_of(head: bytes) -> str | None:
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return "wav"
    if head[4:8] == b"ftyp":
        return "mov"
    for magic, container in (
        (b"ID3", "mp3"),
        (b"OggS", "ogg"),
        (b"fLaC", "flac"),
        (b"\x1aE\xdf\xa3", "matroska"),
    ):
        if head.startswith(magic):
            return container
    return _frame_sync(head)


def _frame_sync(head: bytes) -> str | None:
    """MPEG audio without a container: eleven set bits, then version, layer, bit rate and sample rate."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    if head[1] & 0xF6 == 0xF0:
        return "aac"
    version, layer = head[1] >> 3 & 0b11, head[1] >> 1 & 0b11
    bit_rate, sample_rate = head[2] >> 4, head[2] >> 2 & 0b11
    if version == 0b01 or layer not in _LAYER_2_OR_3 or bit_rate in (0, 0b1111) or sample_rate == 0b11:
        return None
    return "mp3"
