/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Compiler vocabulary: the only place where attributes are spelled out. */
#define __must_check __attribute__((warn_unused_result))
#define __used       __attribute__((used))
#define __unused     __attribute__((unused))
#define __packed     __attribute__((packed))
#define __noreturn   __attribute__((noreturn))
#define __noinline   __attribute__((noinline))
#undef __always_inline /* glibc has one, where host tests include this */
#define __always_inline inline __attribute__((always_inline))
#define __cold          __attribute__((cold))
#define __aligned(n)    __attribute__((aligned(n)))
/* A local that -ftrivial-auto-var-init leaves alone: say at the place why that is safe. */
#define __uninitialized  __attribute__((uninitialized))
#define __section(s)     __attribute__((section(s)))
#define __printf(fmt, a) __attribute__((format(printf, fmt, a)))

#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define container_of(pointer, type, member) \
	((type *)(void *)((char *)(void *)(pointer)-offsetof(type, member)))

/* One access, not torn, repeated or left out by the compiler; no ordering for the CPU. */
#define READ_ONCE(x)       (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, val) (*(volatile __typeof__(x) *)&(x) = (val))

/* The value, of which the compiler forgets all it knew: for masks that only the CPU needs. */
#define HIDE_VALUE(x)                        \
	({                                   \
		__typeof__(x) hidden_ = (x); \
		__asm__("" : "+r"(hidden_)); \
		hidden_;                     \
	})

#define compiler_barrier() __asm__ volatile("" ::: "memory")

/* Data written during boot only; read-only from the end of the boot on. */
#define __ro_after_init __section(".data.ro_after_init")

#if defined(__clang__)
#define __no_stack_protector __attribute__((no_stack_protector))
#else
#define __no_stack_protector __attribute__((optimize("no-stack-protector")))
#endif

#if defined(__clang__)
#define __lock_class(n)    __attribute__((capability(n)))
#define __must_hold(l)     __attribute__((requires_capability(l)))
#define __acquires(l)      __attribute__((acquire_capability(l)))
#define __releases(l)      __attribute__((release_capability(l)))
#define __guarded_by(l)    __attribute__((guarded_by(l)))
#define __no_lock_analysis __attribute__((no_thread_safety_analysis))
#else
#define __lock_class(n)
#define __must_hold(l)
#define __acquires(l)
#define __releases(l)
#define __guarded_by(l)
#define __no_lock_analysis
#endif

/* A name of its own for a macro's variable, wherever the macro stands inside itself. */
#define UNIQUE_NAME(prefix)           UNIQUE_NAME_OF(prefix, __COUNTER__)
#define UNIQUE_NAME_OF(prefix, n)     UNIQUE_NAME_JOINED(prefix, n)
#define UNIQUE_NAME_JOINED(prefix, n) prefix##n
