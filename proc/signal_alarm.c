/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SIGALRM of alarm(2) and setitimer(ITIMER_REAL). The timer's interrupt may not take process_lock:
 * it only marks the alarm as due and interrupts the thread, which turns the mark into a signal.
 */
#include "proc/signal_internal.h"

static void alarm_fire(struct timer *timer)
{
	struct process *process = container_of(timer, struct process, alarm);

	WRITE_ONCE(process->alarm_due, true);
	thread_interrupt(&process->alarm_task->thread, THREAD_SIGNAL);
}

void signal_alarm_task_gone_locked(struct process *process, const struct task *task)
{
	struct task *other = list_first(&process->tasks, struct task, link);

	if (process->alarm_task != task)
		return;
	__atomic_store_n(&process->alarm_task, other, __ATOMIC_RELAXED);
	if (READ_ONCE(process->alarm_due))
		thread_interrupt(&other->thread, THREAD_SIGNAL);
}

void signal_alarm_collect_locked(struct process *process)
{
	if (likely(!READ_ONCE(process->alarm_due)))
		return;
	process->alarm_due = false;
	signal_send_process_locked(process,
				   &(struct signal_info){.signo = SIGALRM, .code = SI_KERNEL});
}

void signal_alarm_again_locked(struct process *process)
{
	uint64_t interval = process->alarm_interval_ns;
	uint64_t deadline = process->alarm.deadline_ns;
	uint64_t now;

	if (!interval || process->alarm.armed || process->alarm_due)
		return;
	now = time_now_ns();
	if (now > deadline)
		deadline += (now - deadline) / interval * interval;
	timer_start(&process->alarm, deadline + interval);
}

static uint64_t time_left(const struct process *process)
{
	uint64_t now = time_now_ns();

	if (process->alarm_due)
		return 1;
	if (!process->alarm.armed)
		return 0;
	return process->alarm.deadline_ns > now ? process->alarm.deadline_ns - now : 1;
}

void signal_alarm_change(const struct signal_alarm *alarm, struct signal_alarm *old)
{
	struct process *process = process_current();
	uint64_t now;

	spin_lock(&process_lock);
	if (old)
		*old = (struct signal_alarm){time_left(process), process->alarm_interval_ns};
	if (alarm) {
		timer_cancel(&process->alarm);
		WRITE_ONCE(process->alarm_due, false);
		process->alarm_task = task_current();
		process->alarm_interval_ns = alarm->interval_ns;
		timer_init(&process->alarm, alarm_fire);
		now = time_now_ns();
		if (alarm->left_ns)
			timer_start(&process->alarm, alarm->left_ns < TIME_NEVER - now
							     ? now + alarm->left_ns
							     : TIME_NEVER - 1);
	}
	spin_unlock(&process_lock);
}
