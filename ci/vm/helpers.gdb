# SPDX-License-Identifier: BSD-2-Clause
# What ./bartizan debug loads into gdb.
set pagination off
set disassembly-flavor intel
set print pretty on

define current
  printf "per-CPU head (GS base) "
  p/x $gs_base
end
document current
Shows the address of this CPU's per-CPU head.
end

define regs
  info registers
  x/4i $pc
end
document regs
Registers and the next four instructions.
end

define where
  bt 16
end
document where
The innermost sixteen frames.
end
