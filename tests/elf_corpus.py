#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Malformed and odd ELF images, each with its name and the errno execve must give.

cases() yields (name, errno name or "OK", bytes); every case is one edit of a small good static
program, so what is refused is refused for the reason in its name. With a folder as argument the
images are written there, with a manifest `index.txt` of "name errno" lines.

The errno is Linux's where execve there returns one. Many cases Linux ends by a signal, past the
point of no return, and a few it runs (it ignores the class byte, e_version, p_align); here all
are refused before anything is changed.

Used by tests/unit/elf_test.c, as seeds of tests/fuzz/elf_fuzz.c, and in the guest by pytest.
"""
import pathlib
import struct
import sys

PAGE = 4096
BASE = 0x400000
USER_END = 0x7FFFFFFFF000
KERNEL = 0xFFFF800000000000
LOAD, DYNAMIC, INTERP, TLS = 1, 2, 3, 7
STACK, RELRO, PROPERTY = 0x6474E551, 0x6474E552, 0x6474E553
X, W, R = 1, 2, 4
EXEC, DYN = 2, 3

# mov $60,%eax; mov $42,%edi; syscall: exit status 42 shows that an odd image really ran.
CODE = bytes.fromhex("b83c000000 bf2a000000 0f05")


class Segment:
    def __init__(self, kind, flags, offset, vaddr, filesz, memsz, align=PAGE):
        self.kind, self.flags, self.offset = kind, flags, offset
        self.vaddr, self.filesz, self.memsz, self.align = vaddr, filesz, memsz, align

    def pack(self):
        mask = (1 << 64) - 1
        return struct.pack("<IIQQQQQQ", self.kind, self.flags, *(v & mask for v in (
            self.offset, self.vaddr, self.vaddr, self.filesz, self.memsz, self.align)))


class Image:
    """A good program: headers and code in one R+X segment, data and bss in one R+W."""

    def __init__(self, kind=EXEC):
        base = BASE if kind == EXEC else 0
        self.ident = b"\x7fELF\x02\x01\x01" + bytes(9)
        self.type, self.machine, self.version = kind, 62, 1
        self.entry = base + PAGE
        self.phoff, self.ehsize, self.phentsize, self.phnum = 64, 64, 56, None
        self.text = Segment(LOAD, R | X, 0, base, PAGE + len(CODE), PAGE + len(CODE))
        self.data = Segment(LOAD, R | W, 2 * PAGE, base + 2 * PAGE, 100, 3 * PAGE)
        self.stack = Segment(STACK, R | W, 0, 0, 0, 0, 16)
        self.segments = [self.text, self.data, self.stack]
        self.size = 2 * PAGE + 100
        self.patches = []

    def pack(self):
        phnum = len(self.segments) if self.phnum is None else self.phnum
        head = self.ident + struct.pack(
            "<HHIQQQIHHHHHH", self.type, self.machine, self.version, self.entry & (1 << 64) - 1,
            self.phoff & (1 << 64) - 1, 0, 0, self.ehsize, self.phentsize, phnum, 64, 0, 0)
        body = bytearray(self.size)
        body[0:64] = head
        body[PAGE:PAGE + len(CODE)] = CODE
        table = b"".join(s.pack() for s in self.segments)
        if 0 <= self.phoff <= self.size - len(table):
            body[self.phoff:self.phoff + len(table)] = table
        for offset, data in self.patches:
            body[offset:offset + len(data)] = data
        return bytes(body[:self.size])


CASES = []


def case(name, errno, kind=EXEC):
    """Register an edit: a function that changes an Image in place, or returns bytes."""
    def register(edit):
        image = Image(kind)
        result = edit(image)
        CASES.append((name, errno, result if isinstance(result, bytes) else image.pack()))
        return edit
    return register


def setter(path, value):
    def edit(image):
        *owner, field = path.split(".")
        target = getattr(image, owner[0]) if owner else image
        setattr(target, field, value)
    return edit


def put(name, errno, path, value, kind=EXEC):
    case(name, errno, kind)(setter(path, value))


def good_and_odd():
    case("good-exec", "OK")(lambda i: None)
    case("good-static-pie", "OK", DYN)(lambda i: None)
    put("odd-align-0", "OK", "text.align", 0)
    put("odd-align-1", "OK", "text.align", 1)
    put("odd-align-2m", "OK", "text.align", 1 << 21)
    put("odd-align-huge", "OK", "text.align", 1 << 62)
    put("odd-ehsize-larger", "OK", "ehsize", 128)
    case("odd-no-stack-note", "OK")(lambda i: i.segments.pop())
    case("odd-empty-load", "OK")(lambda i: i.segments.insert(1, Segment(LOAD, R, 0, 0, 0, 0)))
    case("odd-unknown-type", "OK")(
        lambda i: i.segments.append(Segment(0x6FFF1234, 7, 1 << 63, 1 << 63, 1 << 63, 0)))
    case("odd-bss-only-load", "OK")(lambda i: i.segments.append(
        Segment(LOAD, R | W, 0x123, BASE + 16 * PAGE + 0x777, 0, PAGE)))
    put("odd-abi-linux", "OK", "ident", b"\x7fELF\x02\x01\x01\x03" + bytes(8))

    @case("odd-phdrs-at-end", "OK")
    def _(i):
        i.phoff, i.size = i.size + 3, i.size + 3 + 3 * 56


def broken_header():
    whole = Image().pack()
    for size in (0, 1, 3, 4, 15, 16, 17, 18, 20, 24, 32, 40, 52, 54, 56, 58, 63, 64, 65, 120,
                 64 + 3 * 56 - 1):
        CASES.append((f"cut-at-{size}", "ENOEXEC", whole[:size]))
    for at in range(4):
        ident = bytearray(Image().ident)
        ident[at] ^= 0x20
        put(f"magic-{at}", "ENOEXEC", "ident", bytes(ident))
    for name, at, value in (("class-32", 4, 1), ("class-0", 4, 0), ("class-3", 4, 3),
                            ("data-big", 5, 2), ("data-0", 5, 0), ("ident-version-0", 6, 0),
                            ("ident-version-2", 6, 2)):
        ident = bytearray(Image().ident)
        ident[at] = value
        put(name, "ENOEXEC", "ident", bytes(ident))
    for name, value in (("none", 0), ("relocatable", 1), ("core", 4), ("os", 0xFE00),
                        ("proc", 0xFFFF)):
        put(f"type-{name}", "ENOEXEC", "type", value)
    for name, value in (("none", 0), ("i386", 3), ("arm64", 183), ("riscv", 243), ("63", 63)):
        put(f"machine-{name}", "ENOEXEC", "machine", value)
    put("version-0", "ENOEXEC", "version", 0)
    put("version-2", "ENOEXEC", "version", 2)
    put("ehsize-0", "ENOEXEC", "ehsize", 0)
    put("ehsize-52", "ENOEXEC", "ehsize", 52)
    for value in (0, 32, 55, 57, 64, 0xFFFF):
        put(f"phentsize-{value}", "ENOEXEC", "phentsize", value)
    for value in (0, 1171, 0x7FFF, 0xFFFF):
        put(f"phnum-{value}", "ENOEXEC", "phnum", value)
    put("phnum-past-end", "ENOEXEC", "phnum", 1000)
    for name, value in (("at-end", Image().size), ("past-end", Image().size + 1),
                        ("one-over", Image().size - 3 * 56 + 1), ("high", 1 << 63),
                        ("wraps", -56), ("minus-1", -1), ("signed-max", (1 << 63) - 1)):
        put(f"phoff-{name}", "ENOEXEC", "phoff", value)


def broken_segments():
    put("filesz-over-memsz", "EINVAL", "data.memsz", 99)
    put("filesz-over-memsz-text", "EINVAL", "text.memsz", 1)
    case("filesz-with-memsz-0", "EINVAL")(
        lambda i: i.segments.append(Segment(LOAD, R, 0, BASE + 32 * PAGE, 8, 0)))
    put("filesz-past-end", "ENOEXEC", "data.filesz", 101)
    put("offset-past-end", "ENOEXEC", "data.offset", 3 * PAGE)
    put("offset-wraps", "ENOEXEC", "data.offset", -PAGE)
    put("offset-plus-filesz-wraps", "ENOEXEC", "data.offset", (1 << 64) - PAGE)

    @case("filesz-wraps", "EINVAL")
    def _(i):
        i.data.filesz, i.data.memsz = -1, -1

    @case("filesz-signed-max", "EINVAL")
    def _(i):
        i.data.filesz = i.data.memsz = (1 << 63) - 1
        i.size = i.size

    put("offset-not-congruent", "EINVAL", "data.offset", 2 * PAGE + 1)
    put("vaddr-not-congruent", "EINVAL", "data.vaddr", BASE + 2 * PAGE + 8)
    for value in (3, 0x1001, 0x1800, (1 << 64) - 1):
        put(f"align-{value:#x}", "ENOEXEC", "data.align", value)
    put("memsz-minus-1", "EINVAL", "data.memsz", -1)
    put("memsz-over-user", "EINVAL", "data.memsz", USER_END + 1)
    put("memsz-to-end-of-user", "ENOMEM", "data.memsz", USER_END)
    put("memsz-one-over-end", "ENOMEM", "data.memsz", USER_END - (BASE + 2 * PAGE) + 1)
    put("vaddr-kernel", "ENOMEM", "data.vaddr", KERNEL)
    put("vaddr-gap", "ENOMEM", "data.vaddr", 0x800000000000)
    put("vaddr-gap-middle", "ENOMEM", "data.vaddr", 1 << 62)
    put("vaddr-user-end", "ENOMEM", "data.vaddr", USER_END)
    put("vaddr-last-page", "ENOMEM", "data.vaddr", USER_END - PAGE)
    put("vaddr-top", "ENOMEM", "data.vaddr", -PAGE)
    put("vaddr-image-end", "ENOMEM", "data.vaddr", 0xFFFFFFFF80000000)
    put("pie-vaddr-kernel", "ENOMEM", "data.vaddr", KERNEL, DYN)
    for name, vaddr in (("0", 0), ("page-1", PAGE), ("below-min", 0xF000)):
        @case(f"exec-vaddr-{name}", "EPERM")
        def _(i, vaddr=vaddr):
            i.text.vaddr, i.entry = vaddr, vaddr + PAGE
    put("overlap-same", "ENOEXEC", "data.vaddr", BASE)
    put("overlap-inside", "ENOEXEC", "data.vaddr", BASE + PAGE)
    put("overlap-by-memsz", "ENOEXEC", "text.memsz", 3 * PAGE)

    @case("overlap-shared-page", "ENOEXEC")
    def _(i):
        i.data.offset, i.data.vaddr = 2 * PAGE + 64, BASE + PAGE + 64
        i.data.filesz = 36
    case("descending", "ENOEXEC")(lambda i: i.segments.reverse())
    case("no-load", "ENOEXEC")(lambda i: i.segments.__delitem__(slice(0, 2)))
    case("pie-no-load", "EINVAL", DYN)(lambda i: i.segments.__delitem__(slice(0, 2)))

    @case("only-empty-loads", "ENOEXEC")
    def _(i):
        for s in (i.text, i.data):
            s.filesz = s.memsz = 0


def broken_rights():
    put("entry-0", "ENOEXEC", "entry", 0)
    put("entry-in-data", "ENOEXEC", "entry", BASE + 2 * PAGE)
    put("entry-in-hole", "ENOEXEC", "entry", BASE + PAGE + 0x800)
    put("entry-at-end-of-text", "ENOEXEC", "entry", BASE + PAGE + len(CODE))
    put("entry-below", "ENOEXEC", "entry", BASE - 1)
    put("entry-kernel", "ENOEXEC", "entry", KERNEL)
    put("entry-minus-1", "ENOEXEC", "entry", -1)
    put("no-segment-executable", "ENOEXEC", "text.flags", R)
    put("write-and-execute", "EACCES", "text.flags", R | W | X)
    put("write-and-execute-no-read", "EACCES", "text.flags", W | X)
    put("data-executable", "EACCES", "data.flags", R | W | X)
    put("pie-write-and-execute", "EACCES", "text.flags", R | W | X, DYN)
    put("stack-executable", "EACCES", "stack.flags", R | W | X)
    put("stack-execute-only", "EACCES", "stack.flags", X)


def with_many_phdrs(image, count):
    """A table of `count` headers that is whole and harmless but for its size."""
    image.segments += [Segment(0, 0, 0, 0, 0, 0)] * (count - len(image.segments))
    image.phoff, image.size = image.size, image.size + 56 * count


def limits():
    case("odd-phnum-1170", "OK")(lambda i: with_many_phdrs(i, 1170))
    case("phnum-1171-whole", "ENOEXEC")(lambda i: with_many_phdrs(i, 1171))


def with_interp(image, path, **changes):
    at = image.size
    image.patches.append((at, path))
    image.size += len(path)
    segment = Segment(INTERP, R, at, 0, len(path), len(path), 1)
    for field, value in changes.items():
        setattr(segment, field, value)
    image.segments.insert(0, segment)


def broken_interp():
    """The first five by the tables alone; the rest once the path has been read."""
    good = b"/lib64/ld-linux-x86-64.so.2\0"
    case("interp-size-0", "ENOEXEC")(lambda i: with_interp(i, good, filesz=0))
    case("interp-size-1", "ENOEXEC")(lambda i: with_interp(i, good, filesz=1))
    case("interp-too-long", "ENOEXEC")(lambda i: with_interp(i, b"/" * 4096 + b"\0"))
    case("interp-past-end", "EIO")(lambda i: with_interp(i, good, filesz=len(good) + 1))
    case("interp-offset-wraps", "EINVAL")(lambda i: with_interp(i, good, offset=-4))

    @case("interp-twice", "ENOEXEC")
    def _(i):
        with_interp(i, good)
        with_interp(i, good)
    case("interp-no-nul", "ENOEXEC")(lambda i: with_interp(i, b"/lib/ld.so"))
    case("interp-nul-inside", "ENOEXEC")(lambda i: with_interp(i, b"/lib\0/ld.so\0"))
    case("interp-missing", "ENOENT")(lambda i: with_interp(i, b"/no/such/loader\0"))


for build in (good_and_odd, broken_header, broken_segments, broken_rights, limits, broken_interp):
    build()


def cases():
    names = [name for name, _, _ in CASES]
    assert len(set(names)) == len(names), "two cases of one name"
    return CASES


def write(folder):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name, _, data in cases():
        (folder / name).write_bytes(data)
    lines = [f"{name} {errno}\n" for name, errno, _ in cases()]
    (folder / "index.txt").write_text("".join(lines))
    return len(lines)


if __name__ == "__main__":
    print(write(sys.argv[1]), "images")
