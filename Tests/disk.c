// Stands between the server and the kernel (LD_PRELOAD) as a machine that lacks something: DISK says what, and
// DISK_ERROR by which errno it says so. "links" and "locks": of the file system; "whole-file-locks": those of flock(2)
// alone; "exclusion": it gives them to everybody at once; "time": the clock stands still.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static int lacks(const char *what) {
    const char *lacking = getenv("DISK"), *number = getenv("DISK_ERROR");
    if (!lacking || strcmp(lacking, what)) return 0;
    errno = number ? atoi(number) : EPERM;
    return 1;
}

int linkat(int from, const char *name, int to, const char *new_name, int flags) {
    return lacks("links") ? -1 : (int)syscall(SYS_linkat, from, name, to, new_name, flags);
}

int flock(int file, int operation) {
    if (lacks("exclusion")) return 0;
    return lacks("locks") || lacks("whole-file-locks") ? -1 : (int)syscall(SYS_flock, file, operation);
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    if (clock != CLOCK_REALTIME || !lacks("time")) return (int)syscall(SYS_clock_gettime, clock, time);
    *time = (struct timespec){.tv_sec = 1800000000};
    return 0;
}

static int control(int file, int command, void *argument) {
    int is_lock = command == F_SETLK || command == F_SETLKW || command == F_GETLK;
    return is_lock && lacks("locks") ? -1 : (int)syscall(SYS_fcntl, file, command, argument);
}

#define ARGUMENT(last) ({ va_list list; va_start(list, last); void *value = va_arg(list, void *); \
    va_end(list); value; })

int fcntl(int file, int command, ...) { return control(file, command, ARGUMENT(command)); }
int fcntl64(int file, int command, ...) { return control(file, command, ARGUMENT(command)); }
