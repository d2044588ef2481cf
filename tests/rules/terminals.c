/* SPDX-License-Identifier: BSD-2-Clause */
/* The two ends of a pseudo terminal, their settings and controls. */
#include <signal.h>
#include <sys/stat.h>

#include "terminal.h"

RULE(a_new_terminal)
{
	struct winsize size;

	open_pair();
	say("i%o o%o c%o l%o", modes.c_iflag, modes.c_oflag, modes.c_cflag, modes.c_lflag);
	say_bytes("cc", (const char *)modes.c_cc, 19);
	ask("size", ioctl(slave, TIOCGWINSZ, &size));
	say("%d %d %d %d", size.ws_row, size.ws_col, size.ws_xpixel, size.ws_ypixel);
	say("speed %lu", (unsigned long)cfgetospeed(&modes));
	ask("isatty", isatty(slave) + 2 * isatty(master));
}

RULE(the_node_of_a_slave)
{
	struct stat node, open_one;

	open_pair();
	ask("fstat", fstat(slave, &open_one));
	ask("stat", stat(ptsname(master), &node));
	say("%o major %d mine %d", node.st_mode & (S_IFMT | 0606), (int)(node.st_rdev >> 8 & 0xfff),
	    node.st_uid == geteuid());
	say("same %d name %d", node.st_ino == open_one.st_ino,
	    strcmp(ttyname(slave), ptsname(master)));
	ask("chmod", fchmod(slave, 0600));
	stat(ptsname(master), &node);
	say("%o", node.st_mode);
	ask("unlocked", unlockpt(master));
}

RULE(a_locked_slave_does_not_open)
{
	int locked = -1;
	int fd = open("/dev/ptmx", O_RDWR | O_NOCTTY);

	ask("locked", ioctl(fd, TIOCGPTLCK, &locked));
	say("%d", locked);
	ask("open", open(ptsname(fd), O_RDWR | O_NOCTTY));
	unlockpt(fd);
	ask("again", open(ptsname(fd), O_RDWR | O_NOCTTY) < 0 ? -1 : 0);
	close(fd);
	ask("on a slave", ioctl(0, TIOCGPTN, &locked));
}

RULE(a_peer_by_the_master)
{
	int peer;

	open_pair();
	peer = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	ask("peer", peer < 0 ? -1 : 0);
	say("flags %x %d", fcntl(peer, F_GETFL) & O_ACCMODE, fcntl(peer, F_GETFD));
	ask("of a slave", ioctl(slave, TIOCGPTPEER, O_RDWR));
	say("same %d", !strcmp(ttyname(peer), ttyname(slave)));
}

RULE(numbers_are_used_again)
{
	int first, second, number[3];

	first = open("/dev/ptmx", O_RDWR | O_NOCTTY);
	second = open("/dev/ptmx", O_RDWR | O_NOCTTY);
	ioctl(first, TIOCGPTN, &number[0]);
	ioctl(second, TIOCGPTN, &number[1]);
	close(first);
	first = open("/dev/ptmx", O_RDWR | O_NOCTTY);
	ioctl(first, TIOCGPTN, &number[2]);
	say("%d %d", number[1] - number[0], number[2] - number[0]);
}

RULE(settings_that_flush)
{
	open_pair();
	type("typed\n");
	poll(&(struct pollfd){slave, POLLIN, 0}, 1, -1);
	ask("set", tcsetattr(slave, TCSAFLUSH, &modes));
	ask_line(10);
	type("more\n");
	poll(&(struct pollfd){slave, POLLIN, 0}, 1, -1);
	ask("flush", tcflush(slave, TCIFLUSH));
	ask_line(10);
	ask("bad", ioctl(slave, TCFLSH, 3));
	ask("drain", tcdrain(slave));
	ask("break", tcsendbreak(slave, 0));
	ask("kept", tcsetattr(slave, TCSADRAIN, &modes));
}

RULE(output_is_stopped_and_started)
{
	open_pair();
	type("\x13");
	poll(&(struct pollfd){slave, POLLIN, 0}, 1, 0);
	ask("write", write(slave, "held", 4));
	ask("poll", poll(&(struct pollfd){slave, POLLOUT, 0}, 1, 0));
	type("\x11");
	poll(&(struct pollfd){slave, POLLIN, 0}, 1, 0);
	ask("write", write(slave, "on", 2));
	ask_all();
	ask("hold", tcflow(slave, TCOOFF));
	ask("write", write(slave, "held", 4));
	ask("release", tcflow(slave, TCOON));
	ask("write", write(slave, "on", 2));
	ask("bad", ioctl(slave, TCXONC, 9));
	ask_all();
}

RULE(settings_keep_what_is_theirs)
{
	open_pair();
	modes.c_cflag = B9600 | CS5 | PARENB | CSTOPB;
	set_modes();
	tcgetattr(slave, &modes);
	say("c%o speed %lu", modes.c_cflag, (unsigned long)cfgetospeed(&modes));
	tcgetattr(master, &modes);
	say("master c%o", modes.c_cflag);
}

RULE(sizes_are_of_both_ends)
{
	struct winsize size = {24, 80, 1, 2};

	open_pair();
	ask("set", ioctl(master, TIOCSWINSZ, &size));
	memset(&size, 0, sizeof(size));
	ask("get", ioctl(slave, TIOCGWINSZ, &size));
	say("%d %d %d %d", size.ws_row, size.ws_col, size.ws_xpixel, size.ws_ypixel);
}

RULE(the_last_slave_closes)
{
	char byte;
	struct pollfd one;

	open_pair();
	ask("write", write(slave, "left", 4));
	close(slave);
	one = (struct pollfd){master, POLLIN | POLLOUT, 0};
	poll(&one, 1, 0);
	say("events %x", one.revents);
	ask_all();
	ask("read", read(master, &byte, 1));
	slave = open(ptsname(master), O_RDWR | O_NOCTTY);
	ask("again", read(master, &byte, 1));
	ask("typing", write(master, "x\n", 2));
	ask_line(10);
}

RULE(the_master_closes)
{
	struct pollfd one;
	struct winsize size;
	char *name;
	char byte;

	open_pair();
	name = ptsname(master);
	type("unread\n");
	poll(&(struct pollfd){slave, POLLIN, 0}, 1, -1);
	close(master);
	ask("read", read(slave, &byte, 1));
	ask("write", write(slave, "x", 1));
	ask("size", ioctl(slave, TIOCGWINSZ, &size));
	one = (struct pollfd){slave, POLLIN | POLLOUT, 0};
	poll(&one, 1, 0);
	say("events %x", one.revents);
	ask("open", open(name, O_RDWR | O_NOCTTY));
}

RULE(packets)
{
	int yes = 1;

	open_pair();
	ask("on", ioctl(master, TIOCPKT, &yes));
	ask("write", write(slave, "data", 4));
	ask_all();
	ask("flush", tcflush(slave, TCIOFLUSH));
	say("events %d", poll(&(struct pollfd){master, POLLPRI, 0}, 1, 0));
	ask_all();
	ask("stop", tcflow(slave, TCOOFF));
	ask_all();
	ask("start", tcflow(slave, TCOON));
	ask_all();
	modes.c_iflag &= ~(tcflag_t)IXON;
	set_modes();
	ask_all();
	modes.c_iflag |= IXON;
	set_modes();
	ask_all();
	yes = 0;
	ask("off", ioctl(master, TIOCPKT, &yes));
	ask("write", write(slave, "plain", 5));
	ask_all();
}

RULE(only_one_may_open)
{
	int exclusive = -1;
	int other;

	open_pair();
	ask("take", ioctl(slave, TIOCEXCL));
	ask("get", ioctl(slave, TIOCGEXCL, &exclusive));
	say("%d", exclusive);
	if (geteuid() == 0)
		ask("nobody", seteuid(65534));
	fchmod(slave, 0666);
	other = open(ptsname(master), O_RDWR | O_NOCTTY);
	say("other %d E%d", other < 0, other < 0 ? errno : 0);
	ask("give", ioctl(slave, TIOCNXCL));
}

RULE(counts_of_both_ends)
{
	int count = -1;

	open_pair();
	ask("write", write(slave, "12345", 5));
	poll(&(struct pollfd){master, POLLIN, 0}, 1, 0);
	ask("master", ioctl(master, FIONREAD, &count));
	say("%d", count);
	ask("queued", ioctl(slave, TIOCOUTQ, &count));
	say("%d", count);
	type("typed\nrest");
	poll(&(struct pollfd){slave, POLLIN, 0}, 1, -1);
	ask("slave", ioctl(slave, FIONREAD, &count));
	say("%d", count);
}

RULE(controls_that_terminals_refuse)
{
	int number = 9;

	open_pair();
	ask("discipline", ioctl(slave, TIOCGETD, &number));
	say("%d", number);
	ask("none", ioctl(slave, 0x54ff, &number));
	ask("modem", ioctl(slave, TIOCMGET, &number) ? -1 : 0);
	ask("group", ioctl(slave, TIOCGPGRP, &number));
	ask("session", ioctl(slave, TIOCGSID, &number));
	ask("leave", ioctl(slave, TIOCNOTTY));
	ask("signal", ioctl(master, TIOCSIG, SIGINT));
	ask("other signal", ioctl(master, TIOCSIG, SIGHUP));
	ask("seek", lseek(slave, 0, SEEK_SET));
}

RULE(what_the_master_gets_is_bounded)
{
	static char bytes[100000];
	ssize_t sent, got, total = 0;

	open_pair();
	modes.c_oflag = 0;
	set_modes();
	sent = write(slave, bytes, sizeof(bytes));
	/* What Linux takes of a second write depends on how far a worker of its has come. */
	say("bounded %d", sent > 0 && sent < (ssize_t)sizeof(bytes));
	for (;;) {
		poll(&(struct pollfd){master, POLLIN, 0}, 1, 0);
		got = read(master, bytes, sizeof(bytes));
		if (got <= 0)
			break;
		total += got;
	}
	say("all %d", total >= sent);
}
