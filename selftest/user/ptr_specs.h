/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Valid arguments for every call that takes pointers, so that one bad pointer is all that is wrong.
 * The calls are made in the order of their numbers: later ones use what earlier ones made in /.mx.
 */
#include <stdint.h>

#define FD_TTY   0
#define FD_FILE  10
#define FD_DIR   11
#define FD_READ  12
#define FD_WRITE 13
#define FD_PTMX  20
#define FD_EPOLL 14 /* watches FD_EVENT, which is ready */
#define FD_EVENT 15
#define FD_TIMER 16
#define AT_CWD   (-100)
#define LEN      64

/* What is done before each call. */
#define NEEDS_CHILD  1u  /* a zombie to wait for */
#define NEEDS_SIGNAL 2u  /* SIGUSR1 pending */
#define MAKES_CHILD  4u  /* returns in two processes */
#define NEW_PROGRAM  8u  /* in a child, because it does not return */
#define NEEDS_ALARM  32u /* SIGALRM in a moment: it sleeps */
#define WORDS        64u /* of 4 bytes: misaligned ones are refused with EINVAL */
#define MOVES_BYTES  16u /* up to a bad page: half of them where the span ends behind it */

struct ptr_spec {
	uint32_t number;
	uint32_t selection;
	uint32_t flags;
	int32_t twin; /* what the call gives with good pointers; at least that where it is 0 */
	long value[6];
	const void *content[6];
};

static const int32_t no_fd[2] = {-1, 1};
static const uint64_t clone_args[11] = {[4] = 17 /* SIGCHLD */};
static const uint64_t altstack_off[3] = {0, 2 /* SS_DISABLE */, 0};
static const uint64_t sigusr1_set[1] = {1ul << 9};
/* SIGEV_SIGNAL, SIGUSR1. The timer of number 0 is there from the beginning. */
static const uint64_t timer_event[8] = {0, 10};
/* As from sigqueue(3), to nobody. */
static const uint64_t queued_info[6] = {0, 0xffffffff};
static const uint64_t five_seconds[2] = {5, 0};
/* Neither sets the clock: too many nanoseconds, too many minutes. */
static const uint64_t no_time[2] = {5, 1000000000};
static const uint32_t epoll_in[3] = {1, 0, 0};
static const uint64_t far_zone[1] = {901};
static const uint64_t limit_1024[2] = {1024, 1024};
static const uint64_t first_cpu[4] = {1};
static const uint64_t lock_byte[4] = {1 /* F_WRLCK, SEEK_SET */, 0, 1, 0};
static const uint64_t unlock_byte[4] = {2 /* F_UNLCK */, 0, 1, 0};
static const uint32_t cap_header[2] = {0x20080522, 0};
static const uint32_t all_caps[6] = {~0u, ~0u, 0, 0x1ff, 0x1ff, 0};
static const uint32_t other_class[12] = {48 /* bytes; SCHED_OTHER */};
static const uint32_t group_ids[4] = {1, 2, 3, 4};

#define S(nr, fl, tw, ...) \
	{                  \
		.number = (nr), .flags = (fl), .twin = (tw), .value = { __VA_ARGS__ }
#define WITH(...)                \
	.content = {__VA_ARGS__} \
	}
#define NOTHING        \
	.content = {0} \
	}

static const struct ptr_spec ptr_specs[] = {
#include "selftest/user/ptr_variants.inc"
	S(0, MOVES_BYTES, 0, FD_FILE, 0, LEN),
	NOTHING,
	S(1, MOVES_BYTES, LEN, FD_FILE, 0, LEN),
	NOTHING,
	S(2, 0, 0, 0, 0, 0),
	WITH("/.mx/f"),
	S(4, 0, 0, 0),
	WITH("/.mx/f"),
	S(5, 0, 0, FD_FILE),
	NOTHING,
	S(6, 0, 0, 0),
	WITH("/.mx/l"),
	S(7, 0, 0, 0, 1, 0),
	WITH(no_fd),
	S(13, 0, 0, 12, 0, 0, 8),
	NOTHING,
	S(14, 0, 0, 0, 0, 0, 8),
	NOTHING,
	S(17, MOVES_BYTES, LEN, FD_FILE, 0, LEN, 0),
	NOTHING,
	S(18, MOVES_BYTES, LEN, FD_FILE, 0, LEN, 0),
	NOTHING,
	S(19, 0, 0, FD_FILE, 0, 4),
	NOTHING,
	S(20, 0, 0, FD_FILE, 0, 4),
	NOTHING,
	S(21, 0, 0, 0, 4),
	WITH("/.mx/f"),
	S(22, 0, 0, 0),
	NOTHING,
	S(23, 0, 0, 64),
	NOTHING,
	S(27, 0, 0, 0x400000, 4096),
	NOTHING,
	S(35, NEEDS_ALARM, -4, 0),
	WITH(five_seconds),
	S(36, 0, 0, 0),
	NOTHING,
	S(38, 0, 0, 0),
	NOTHING,
	S(40, 0, 0, FD_WRITE, FD_FILE, 0, 0),
	NOTHING,
	S(59, NEW_PROGRAM, 0, 0),
	WITH("/.selftest"),
	S(61, NEEDS_CHILD, 0, -1),
	NOTHING,
	S(63, 0, 0, 0),
	NOTHING,
	S(76, 0, 0, 0, 0),
	WITH("/.mx/f2"),
	S(79, 0, 2, 0, LEN),
	NOTHING,
	S(80, 0, 0, 0),
	WITH("/"),
	S(82, 0, 0, 0),
	WITH("/.mx/f2", "/.mx/f3"),
	S(83, 0, 0, 0, 0700),
	WITH("/.mx/d"),
	S(84, 0, 0, 0),
	WITH("/.mx/d"),
	S(85, 0, 0, 0, 0600),
	WITH("/.mx/c"),
	S(86, 0, 0, 0),
	WITH("/.mx/f", "/.mx/h"),
	S(87, 0, 0, 0),
	WITH("/.mx/h"),
	S(88, 0, 0, 0),
	WITH("f", "/.mx/s"),
	S(89, 0, 1, 0, 0, LEN),
	WITH("/.mx/l"),
	S(90, 0, 0, 0, 0600),
	WITH("/.mx/f"),
	S(92, 0, 0, 0, 0, 0),
	WITH("/.mx/f"),
	S(94, 0, 0, 0, 0, 0),
	WITH("/.mx/l"),
	S(96, 0, 0, 0),
	NOTHING,
	S(97, 0, 0, 7),
	NOTHING,
	S(98, 0, 0, 0),
	NOTHING,
	S(99, 0, 0, 0),
	NOTHING,
	S(100, 0, 0, 0),
	NOTHING,
	S(115, 0, 4, 4),
	NOTHING,
	S(116, 0, 0, 4),
	WITH(0, group_ids),
	S(118, 0, 0, 0),
	NOTHING,
	S(120, 0, 0, 0),
	NOTHING,
	S(125, 0, 0, 0, 0),
	WITH(cap_header),
	S(126, 0, 0, 0, 0),
	WITH(cap_header, all_caps),
	S(127, 0, 0, 0, 8),
	NOTHING,
	S(128, NEEDS_SIGNAL, 10, 0, 0, 0, 8),
	WITH(sigusr1_set),
	S(129, 0, -3, 32000, 0, 0),
	WITH(0, 0, queued_info),
	S(130, NEEDS_SIGNAL, -4, 0, 8),
	NOTHING,
	S(131, 0, 0, 0),
	WITH(altstack_off),
	S(133, 0, 0, 0, 0010600, 0),
	WITH("/.mx/n"),
	S(137, 0, 0, 0),
	WITH("/"),
	S(138, 0, 0, FD_FILE),
	NOTHING,
	S(142, 0, 0, 0, 0),
	NOTHING,
	S(143, 0, 0, 0, 0),
	NOTHING,
	S(144, 0, 0, 0, 0, 0),
	NOTHING,
	S(148, 0, 0, 0, 0),
	NOTHING,
	S(159, 0, 5 /* TIME_ERROR */, 0),
	NOTHING,
	S(155, 0, -16, 0, 0),
	WITH("/", "/"),
	S(160, 0, 0, 7),
	WITH(0, limit_1024),
	S(161, 0, 0, 0),
	WITH("/"),
	S(164, 0, -22, 0, 0),
	WITH(five_seconds, far_zone),
	S(165, 0, 0, 0, 0, 0, 0x1020 /* MS_REMOUNT MS_BIND: as it was */),
	WITH("none", "/", "tmpfs", 0, "size=1m"),
	S(166, 0, -22, 0, 0),
	WITH("/.mx/f"),
	S(170, 0, 0, 0, 8),
	WITH("bartizan"),
	S(171, 0, 0, 0, 6),
	WITH("(none)"),
	S(191, 0, -95, 0),
	WITH("/.mx/f", "user.x"),
	S(192, 0, -95, 0),
	WITH("/.mx/f", "user.x"),
	S(194, 0, -95, 0),
	WITH("/.mx/f"),
	S(195, 0, -95, 0),
	WITH("/.mx/f"),
	S(201, 0, 0, 0),
	NOTHING,
	S(203, 0, 0, 0, 8),
	WITH(0, 0, first_cpu),
	S(204, 0, 8, 0, LEN),
	NOTHING,
	S(217, 0, 0, FD_DIR, 0, LEN),
	NOTHING,
	S(222, 0, 0, 1, 0, 0),
	WITH(0, timer_event),
	S(223, 0, 0, 0, 0, 0, 0),
	NOTHING,
	S(224, 0, 0, 0, 0),
	NOTHING,
	S(227, 0, -22, 0, 0),
	WITH(0, no_time),
	S(228, 0, 0, 1),
	NOTHING,
	S(229, 0, 0, 1),
	NOTHING,
	S(230, NEEDS_ALARM, -4, 1, 0),
	WITH(0, 0, five_seconds),
	S(232, 0, 1, FD_EPOLL, 0, 1, 0),
	NOTHING,
	S(233, 0, 0, FD_EPOLL, 3 /* EPOLL_CTL_MOD */, FD_EVENT, 0),
	WITH(0, 0, 0, epoll_in),
	S(247, NEEDS_CHILD, 0, 0, 0, 0, 0x01000004 /* WNOWAIT WEXITED */),
	NOTHING,
	S(257, 0, 0, AT_CWD, 0, 0, 0),
	WITH(0, "/.mx/f"),
	S(258, 0, 0, AT_CWD, 0, 0700),
	WITH(0, "/.mx/d"),
	S(259, 0, 0, AT_CWD, 0, 0010600, 0),
	WITH(0, "/.mx/n2"),
	S(260, 0, 0, AT_CWD, 0, 0, 0, 0),
	WITH(0, "/.mx/f"),
	S(262, 0, 0, AT_CWD, 0, 0, 0),
	WITH(0, "/.mx/f"),
	S(263, 0, 0, AT_CWD, 0, 0),
	WITH(0, "/.mx/n2"),
	S(264, 0, 0, AT_CWD, 0, AT_CWD),
	WITH(0, "/.mx/f3", 0, "/.mx/f4"),
	S(265, 0, 0, AT_CWD, 0, AT_CWD, 0, 0),
	WITH(0, "/.mx/f", 0, "/.mx/h2"),
	S(266, 0, 0, 0, AT_CWD),
	WITH("f", 0, "/.mx/s2"),
	S(267, 0, 1, AT_CWD, 0, 0, LEN),
	WITH(0, "/.mx/l"),
	S(268, 0, 0, AT_CWD, 0, 0600),
	WITH(0, "/.mx/f"),
	S(269, 0, 0, AT_CWD, 0, 4),
	WITH(0, "/.mx/f"),
	S(270, 0, 0, 64),
	NOTHING,
	S(271, 0, 0, 0, 1, 0, 0, 8),
	WITH(no_fd),
	S(274, 0, 0, 0),
	NOTHING,
	S(280, 0, 0, AT_CWD, 0, 0, 0),
	WITH(0, "/.mx/f"),
	S(281, 0, 1, FD_EPOLL, 0, 1, 0, 0, 8),
	NOTHING,
	S(286, 0, 0, FD_TIMER, 0, 0, 0),
	NOTHING,
	S(287, 0, 0, FD_TIMER, 0),
	NOTHING,
	S(293, 0, 0, 0, 0),
	NOTHING,
	S(297, 0, -3, 32000, 32000, 0, 0),
	WITH(0, 0, 0, queued_info),
	S(302, 0, 0, 0, 7),
	WITH(0, 0, limit_1024),
	S(305, 0, 5 /* TIME_ERROR */, 0, 0),
	NOTHING,
	S(309, 0, 0, 0),
	NOTHING,
	S(314, 0, 0, 0, 0, 0),
	WITH(0, other_class),
	S(315, 0, 0, 0, 0, 48, 0),
	NOTHING,
	S(316, 0, 0, AT_CWD, 0, AT_CWD, 0, 0),
	WITH(0, "/.mx/f4", 0, "/.mx/f5"),
	S(318, MOVES_BYTES, LEN, 0, LEN, 0),
	NOTHING,
	S(78, 0, 0, FD_DIR, 0, LEN),
	NOTHING,
	S(132, 0, 0, 0, 0),
	WITH("/.mx/f"),
	S(188, 0, -95, 0, 0, 0, 0, 0),
	WITH("/.mx/f", "user.x"),
	S(189, 0, -95, 0, 0, 0, 0, 0),
	WITH("/.mx/f", "user.x"),
	S(190, 0, -95, FD_FILE, 0, 0, 0, 0),
	WITH(0, "user.x"),
	S(193, 0, -95, FD_FILE, 0, 0, 0),
	WITH(0, "user.x"),
	S(197, 0, -95, 0),
	WITH("/.mx/f", "user.x"),
	S(198, 0, -95, 0),
	WITH("/.mx/f", "user.x"),
	S(199, 0, -95, FD_FILE),
	WITH(0, "user.x"),
	S(235, 0, 0, 0, 0),
	WITH("/.mx/f"),
	S(261, 0, 0, AT_CWD, 0, 0),
	WITH(0, "/.mx/f"),
	S(295, 0, 0, FD_FILE, 0, 4, 0, 0),
	NOTHING,
	S(296, 0, 0, FD_FILE, 0, 4, 0, 0),
	NOTHING,
	S(319, 0, 0, 0, 0),
	WITH("m"),
	S(322, NEW_PROGRAM, 0, AT_CWD, 0, 0, 0, 0),
	WITH(0, "/.selftest"),
	S(326, 0, 0, FD_FILE, 0, FD_FILE, 0, 0, 0),
	NOTHING,
	S(327, 0, 0, FD_FILE, 0, 4, 0, 0, 0),
	NOTHING,
	S(328, 0, 0, FD_FILE, 0, 4, 0, 0, 0),
	NOTHING,
	S(332, 0, 0, AT_CWD, 0, 0, 0xfff),
	WITH(0, "/.mx/f"),
	S(435, MAKES_CHILD, 0, 0, 88),
	WITH(clone_args),
	S(439, 0, 0, AT_CWD, 0, 4, 0),
	WITH(0, "/.mx/f"),
	S(441, 0, 1, FD_EPOLL, 0, 1, 0, 0, 8),
	NOTHING,
	S(4098, 0, 0, 0),
	NOTHING,
};
