"""The ways in which a service may write what it received."""

import base64
import json
from collections.abc import Callable
from urllib.parse import quote

ENCODINGS: dict[str, Callable[[str], str]] = {
    "as it is": lambda text: text,
    "upper case": lambda text: text.upper(),
    "percent, where needed": lambda text: quote(text, safe=""),
    "percent, everywhere": lambda text: "".join(f"%{byte:02x}" for byte in text.encode()),
    "percent, upper case": lambda text: "".join(f"%{byte:02X}" for byte in text.encode()),
    "percent, twice": lambda text: quote("".join(f"%{byte:02x}" for byte in text.encode()), safe=""),
    "a JSON string": lambda text: json.dumps(text),
    "JSON escapes": lambda text: "".join(f"\\u{ord(one):04x}" for one in text),
    "JSON escapes, upper case": lambda text: "".join(f"\\u{ord(one):04X}" for one in text),
    "JSON escapes, twice": lambda text: "".join(f"\\\\u{ord(one):04x}" for one in text),
    "HTML, decimal": lambda text: "".join(f"&#{ord(one)};" for one in text),
    "HTML, hexadecimal": lambda text: "".join(f"&#x{ord(one):x};" for one in text),
    "HTML, hexadecimal, upper case": lambda text: "".join(f"&#X{ord(one):X};" for one in text),
    "HTML, with zeros": lambda text: "".join(f"&#{ord(one):010d};" for one in text),
    "HTML, without semicolons": lambda text: "".join(f"&#{ord(one)}" for one in text),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 for URLs": lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
    "base64 of more": lambda text: base64.b64encode(f"user:{text}".encode()).decode(),
    "base64 in lines": lambda text: base64.encodebytes(text.encode() * 4).decode(),
    "base64 behind a word": lambda text: f"/token/{base64.b64encode(text.encode()).decode()}",
    "hexadecimal": lambda text: text.encode().hex(),
    "hexadecimal, upper case": lambda text: text.encode().hex().upper(),
    "hexadecimal with a prefix": lambda text: f"0x{text.encode().hex()}",
    "hexadecimal with colons": lambda text: text.encode().hex(":"),
    "hexadecimal in groups": lambda text: text.encode().hex(" ", 2),
    "hexadecimal escapes": lambda text: "".join(f"\\x{byte:02x}" for byte in text.encode()),
    "quoted-printable": lambda text: "".join(f"={byte:02X}" for byte in text.encode()),
}
