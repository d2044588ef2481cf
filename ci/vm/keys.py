# SPDX-License-Identifier: BSD-2-Clause
"""Keys of a US keyboard by what they type, as QEMU names them."""

_PLAIN = {" ": "spc", "\n": "ret", "\t": "tab", "\x1b": "esc", "\x7f": "backspace", "-": "minus",
          "=": "equal", "[": "bracket_left", "]": "bracket_right", "\\": "backslash",
          ";": "semicolon", "'": "apostrophe", "`": "grave_accent", ",": "comma", ".": "dot",
          "/": "slash"}
_SHIFTED = dict(zip('!@#$%^&*()_+{}|:"~<>?', "1234567890-=[]\\;'`,./"))
_EXTENDED = {"up", "down", "left", "right", "home", "end", "pgup", "pgdn", "insert", "delete",
             "ctrl_r", "alt_r", "kp_enter", "kp_divide"}


def keys_for(character: str) -> tuple[str, ...]:
    """The keys that are held together to type a character."""
    if character in _SHIFTED:
        return "shift", *keys_for(_SHIFTED[character])
    if character.isupper():
        return "shift", character.lower()
    return (_PLAIN.get(character, character),)


def code_count(keys: tuple[str, ...]) -> int:
    """How many bytes the keyboard sends when these are pressed and let go."""
    return sum(4 if key in _EXTENDED else 2 for key in keys)
