/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Processes (thread groups) and tasks (their threads).
 *
 * process_lock guards the tree: parents, children, groups, sessions, states, pending signals and
 * the pid table. Where no other session can have to do with it, proc/family.h's lock is enough. A
 * process stays in the tree until its parent has waited for it; the structure itself lives as long
 * as somebody holds a reference.
 */
#include "kernel/lib/errors.h"
#include "kernel/lib/list.h"
#include "kernel/lib/rbtree.h"
#include "kernel/lib/refcount.h"
#include "kernel/lib/types.h"

#include "kernel/core/epoch.h"
#include "kernel/core/lglock.h"
#include "kernel/core/time.h"
#include "kernel/sched/thread.h"
#include "kernel/sched/wait.h"
#include "kernel/x86/percpu.h"
#include "mm/addr.h"
#include "mm/space/commit.h"
#include "proc/pid.h"
#include "proc/posix_timer.h"
#include "proc/priority.h"
#include "proc/rlimit.h"
#include "proc/rttime.h"
#include "proc/signal.h"
#include "proc/usage.h"

struct space;
struct file;
struct file_table;
struct fs_context;
struct cred;
struct user_account;
struct trapframe;

enum process_state {
	PROCESS_LIVE,
	PROCESS_ZOMBIE, /* exited, not waited for */
	PROCESS_REAPED,
};

enum process_flag {
	PROCESS_EXITING = 1u << 0, /* exit_group or a fatal signal: no thread returns to ring 3 */
	PROCESS_INIT = 1u << 1,    /* PID 1: unwanted signals are dropped, its end is the end */
	PROCESS_EXECED = 1u << 2,  /* has called execve since fork: setpgid by the parent fails */
	PROCESS_NO_NEW_PRIVS = 1u << 3,
	PROCESS_NOT_DUMPABLE = 1u << 4,
	PROCESS_SUBREAPER = 1u << 5,
	PROCESS_KILLED_BY_OOM = 1u << 6,
	PROCESS_KERNEL_WAITS = 1u << 8, /* has no parent; process_wait_kernel() collects it */
	PROCESS_NO_TTY = 1u << 14,      /* it, or who forked it, gave its terminal up (TIOCNOTTY) */
	PROCESS_TEST = 1u << 7,         /* marked by the selftest runner: test_report works */
	PROCESS_BARRIER = 1u << 9,      /* registered with membarrier, until exec */
	PROCESS_BARRIER_SYNC = 1u << 10,
	PROCESS_BELOW_SUBREAPER = 1u << 11, /* an ancestor is or was one */
};

/* A parent that sleeps in vfork until the child execs or exits; stands on the parent's stack. */
struct vfork_wait {
	struct wait_queue queue;
	bool done;
};

/* Where the arguments and the environment stand, for /proc. */
struct process_strings {
	uint64_t arg_start;
	uint64_t arg_end;
	uint64_t env_start;
	uint64_t env_end;
};

/* Stopping and continuing as a whole; under process_lock. */
struct process_stop {
	uint32_t signal;            /* what stops it; 0: it runs */
	uint32_t parked;            /* tasks that sleep for it */
	bool complete;              /* all of them do, and the parent knows */
	int32_t news;               /* what wait tells about it, in the form of wait4; 0: nothing */
	struct list_node news_link; /* in the parent's list while there are news */
	struct wait_queue queue;    /* where the tasks sleep */
};

struct process {
	struct refcount count;
	uint32_t flags; /* enum process_flag; under process_lock but for own reads */
	enum process_state state;
	int32_t exit_status;   /* as wait4 gives it */
	uint32_t last_cpu;     /* where its last thread ended */
	uint32_t exit_signal;  /* for the parent: SIGCHLD, or what clone asked for */
	uint32_t task_count;   /* threads that have not begun to end */
	struct task *executor; /* the thread whose exec ends the others, or NULL */
	struct pid *pid;
	struct pid *group;
	struct pid *session;
	struct process *parent;
	uint32_t parent_number;    /* of the parent, else 0: may be read without the lock */
	struct list_node children; /* live ones */
	struct list_node zombies;  /* exited, not waited for: wait finds them without a search */
	struct list_node news;     /* children that stopped or went on since the last wait */
	struct list_node sibling;
	struct list_node group_link;
	struct list_node session_link;
	struct list_node tasks;
	struct wait_queue child_wait;
	struct signal_queue pending;
	uint64_t signals; /* entries of its queues, its threads' included */
	struct process_stop stop;

	/* Owned by the process; replaced by its own threads only. */
	struct space *space;
	struct file_table *files;
	struct fs_context *fs;
	struct signal_handlers *handlers;
	/* The first thread's, as others see the process; under process_lock. */
	const struct cred *cred;
	struct user_account *account; /* pays for its memory; under process_lock */
	struct file *executable;
	struct process_strings strings;
	struct rlimit limits[RLIMIT_COUNT];

	uint64_t start_ns;
	struct usage used_dead;     /* of threads that ended, and of memory given up */
	struct usage used_children; /* that were waited for */
	struct interval_timers intervals;
	struct cpu_timers cpu_timers;
	struct posix_timers timers;
	uint64_t death_signal; /* prctl(PR_SET_PDEATHSIG) */
	uint64_t personality;
};

/* The last exception of a thread, as signal frames show it. */
struct task_fault {
	uint64_t vector;
	uint64_t error;
	uint64_t address;
};

struct task {
	struct thread thread; /* first: a struct thread of a process is a struct task */
	struct process *process;
	const struct cred *cred; /* replaced by the thread itself only, under process_lock */
	bool cred_is_parents;    /* fork counted the parent's: another process writes its count */
	/* Counts it and gives it CPU time; replaced as its credentials are. */
	struct user_account *account;
	struct pid *pid;
	struct list_node link;  /* process->tasks */
	struct task *next_dead; /* behind its last switch */
	uint32_t left_on;       /* the CPU that counts it until then */
	uint64_t blocked;
	uint64_t saved_blocked;
	bool restore_blocked;
	bool parked;      /* sleeps until its process goes on; under process_lock */
	bool counted;     /* in the account's task count */
	uint64_t sigwait; /* set of sigtimedwait, else 0 */
	struct signal_queue pending;
	struct signal_stack altstack;
	struct task_fault fault;
	struct uaddr clear_child_tid; /* set to 0 and woken at its end */
	struct uaddr robust_list;     /* its mutexes that outlive it: set_robust_list(2) */
	struct vfork_wait *vfork;     /* under process_lock */
	struct task_priority priority;
	struct rttime rttime;
	struct signal_restart restart;
};

extern struct lglock process_lock;

static inline struct task *task_of(struct thread *thread)
{
	return container_of(thread, struct task, thread);
}

static inline struct task *task_current(void)
{
	return task_of(thread_current());
}

static inline struct process *process_current(void)
{
	return task_current()->process;
}

/** The running thread's credentials: they last until it replaces them itself. */
static inline const struct cred *cred_current(void)
{
	return task_current()->cred;
}

struct process *process_get(struct process *process);
void process_put(struct process *process);

/** The process of this number with a reference, or NULL. Context: takes process_lock. */
struct process *process_find(uint32_t number);
/** The same by the number of any of its threads. */
struct process *process_find_thread(uint32_t number);

/** The process that the number or one of its threads' is, or NULL. Context: process_lock held. */
struct process *process_of_number_locked(uint32_t number);

/** PID 1, or NULL before it exists. */
struct process *process_first(void);

/** Threads of all processes now; how many there have been since boot. */
uint64_t tasks_alive(void);
uint64_t tasks_born(void);

/** Processes in the tree, zombies included. */
uint32_t process_count(void);

/**
 * Every process in order of their numbers; @process NULL starts. Each step moves the reference.
 * None is left out that stays in the tree meanwhile.
 */
struct process *process_next(struct process *process);

/**
 * Make @cred, whose reference is taken over, the running thread's, and the process's as others see
 * it when it is the first thread: its account becomes its real user's.
 * Return: OK, or ERR_NOMEM (then @cred is dropped and nothing has changed).
 */
enum err task_set_cred(const struct cred *cred);

/** For task_own_cred(). */
void task_copy_cred(void);

/**
 * Before the running thread counts its credentials again and again: on a count of its own, so that
 * parent and child write no cache line in turn. Without memory nothing changes. Context: thread.
 */
static inline void task_own_cred(void)
{
	if (unlikely(task_current()->cred_is_parents))
		task_copy_cred();
}

/** Whether the task's number is its process's. */
static inline bool task_is_first(const struct task *task)
{
	return task->pid == task->process->pid;
}

/** The trapframe of a task's system call or trap: the top of its kernel stack. */
struct trapframe *task_frame(struct task *task);

/** Whether the running thread holds what guards @process's place in the tree: process_lock, or the
 *  lock of its session. For assertions. */
bool process_held(const struct process *process);

/** @process has this parent from now on, or with NULL none. Context: process_lock held. */
void process_set_parent_locked(struct process *process, struct process *parent);

/** Frees tasks that have done their last switch on this CPU. Context: thread, no spinlock. */
void task_reap_dead(void);
/** The same of another CPU: where one that was waited for has run last. */
void task_reap_left_on(uint32_t cpu);
/**
 * Waits for those, on whatever CPU, that have left their processes and are on the way to it, and
 * frees all: makes counts exact. Context: thread, may sleep.
 */
void tasks_settle(void);

/* --- proc/fork.c --- */
struct clone_request {
	uint64_t flags; /* CLONE_*; the exit signal in the low byte */
	uint64_t stack; /* new stack pointer, 0 = keep */
	struct uaddr parent_tid;
	struct uaddr child_tid;
	uint64_t tls;
};

#define CLONE_VM             0x00000100ull
#define CLONE_FS             0x00000200ull
#define CLONE_FILES          0x00000400ull
#define CLONE_SIGHAND        0x00000800ull
#define CLONE_VFORK          0x00004000ull
#define CLONE_PARENT         0x00008000ull
#define CLONE_THREAD         0x00010000ull
#define CLONE_SYSVSEM        0x00040000ull
#define CLONE_SETTLS         0x00080000ull
#define CLONE_PARENT_SETTID  0x00100000ull
#define CLONE_CHILD_CLEARTID 0x00200000ull
#define CLONE_DETACHED       0x00400000ull
#define CLONE_UNTRACED       0x00800000ull
#define CLONE_CHILD_SETTID   0x01000000ull
#define CLONE_IO             0x80000000ull

/** fork, vfork, clone and new threads. Return: the child's number, or a negative error. */
int64_t process_clone(const struct clone_request *request, const struct trapframe *frame);

/* --- proc/exit.c --- */
/**
 * End the whole process with a wait status (code << 8, or a signal); only the running thread when
 * another one's exec asks it to.
 */
__noreturn void process_exit_group(int32_t status);
/** End the running thread; the last one ends the process with its @status. */
__noreturn void task_exit(int32_t status);
/** Ask every thread of @process to end with @status. Context: process_lock held. */
void process_kill_locked(struct process *process, int32_t status);
/** SIGCHLD and wake-up for the parent of a process that ended. Context: process_lock held. */
void process_notify_parent_locked(struct process *process);
/** Wake the vfork parent of the running task, at exec and exit. */
void task_vfork_done(struct task *task);

/* --- proc/thread.c: threads of one process --- */
/**
 * For exec: end all threads but the running one, which takes over the process's number.
 * Context: may sleep. Return: OK, or ERR_INTR when the process ends meanwhile.
 */
enum err thread_end_others(void);
/** CPU time of all its threads, dead or alive. Context: takes process_lock. */
uint64_t process_cpu_ns(struct process *process);

/* --- proc/wait.c --- */
#define WNOHANG    1u
#define WUNTRACED  2u
#define WEXITED    4u
#define WCONTINUED 8u
#define WNOWAIT    0x01000000u
#define WALL       0x40000000u /* __WALL: whatever signal tells of their end */
#define WCLONE     0x80000000u /* __WCLONE: only those of another than SIGCHLD */

/* A wait status (wait4) as SIGCHLD and waitid tell it: a CLD_ code and its si_status. */
int32_t child_status_code(int32_t status);
uint32_t child_status_detail(int32_t status);

struct child_result {
	uint32_t pid; /* 0: nothing yet (WNOHANG) */
	uint32_t uid;
	int32_t status;
	struct usage usage; /* its own and its children's */
};

/** wait4 and waitid. @which: -1 any, 0 own group, > 0 that process, < -1 that group. */
enum err process_wait(int32_t which, uint32_t options, struct child_result *out);

/** For the boot thread: wait for a process of PROCESS_KERNEL_WAITS to end, and reap it. */
void process_wait_kernel(struct process *process, int32_t *status);

/* --- proc/exec.c --- */
struct exec_strings;
/** Replace the running process's program; on OK the trapframe holds the new first state. */
enum err process_exec(struct file *file, const char *name, struct exec_strings *strings,
		      struct trapframe *frame);

/* --- proc/account.c: limits per user --- */
struct user_account {
	struct refcount count;
	uint32_t uid;
	uint64_t tasks;     /* with what CPUs keep for it */
	uint64_t signals;   /* entries of their signal queues; atomic */
	uint64_t oom_pages; /* what its processes hold, while a victim is chosen */
	struct commit_account memory;
	struct sched_group share;
	struct rb_node node;
	struct epoch_node epoch; /* CPUs compare what they have of a share without its lock */
};
/** The account of a user, made when it is the first. Return: a reference, or NULL. */
struct user_account *account_of(uint32_t uid);
struct user_account *account_get(struct user_account *account);
/** Who pays for @process now, counted. Context: takes process_lock. */
struct user_account *account_of_process(struct process *process);
void account_put(struct user_account *account);
/** One task more, unless there are @limit. Return: OK, ERR_AGAIN. */
enum err account_charge_task(struct user_account *account, uint64_t limit);
void account_release_task(struct user_account *account);
/** Takes back what CPUs keep of accounts: makes counts exact. Context: thread, no spinlock. */
void account_settle(void);
