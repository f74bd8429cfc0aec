// What Swift cannot call by itself: variadic syscalls, ancillary data with its macros, and
// posix_spawn's attribute objects. No policy lives here; every function returns a value of 0 or
// more, or a negated errno.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// The most descriptors one message carries.
#define CWL_MAX_DESCRIPTORS 32

/// A SOCK_SEQPACKET pair, both ends close-on-exec.
int cwl_pair(int out[2]);

/// Sends one message with `count` descriptors. `flags` is 0 or MSG_DONTWAIT.
int cwl_send(int socket, const void *bytes, size_t size, const int *descriptors, int count, int flags);

/// Receives one message; returns its size, 0 at the end, -EMSGSIZE when the message or its
/// descriptors did not fit (all of them are closed then). Received descriptors are close-on-exec.
ssize_t cwl_receive(
    int socket, void *bytes, size_t capacity, int *descriptors, int *count, int flags);

/// Starts `path` with the descriptor `control` as its 3, /dev/null as 0 to 2 and nothing else, in
/// a process group of its own, with `environment` and the given nice value.
pid_t cwl_spawn(const char *path, int control, char *const environment[], int niceness);

/// Has this process die with its parent and gain no rights, and names it, in up to 15 bytes.
int cwl_become_template(const char *name);

/// How many threads this process has.
int cwl_thread_count(void);

/// Whether a copy of this process would share nothing that can be changed: 1 when there is no memory
/// that both could write to and no descriptor beside 0 to 3, 0 when there is.
int cwl_shares_nothing(void);

/// Copies this process, which has one thread, as fork does, but as another child of its parent.
/// Returns 0 in the copy, and its process id here.
pid_t cwl_copy(void);

/// Makes `control` the descriptor 3 of this copy, which gets a process group and a name of its own.
int cwl_become_copy(int control, const char *name);

/// An event counter to interrupt a poll with; never blocks.
int cwl_wake_up(void);

int cwl_pidfd_open(pid_t process);
int cwl_pidfd_kill(int pidfd, int signal);

/// A memory file that can be sealed.
int cwl_memory_file(const char *name);
/// Empties the file and keeps it empty, whoever else holds it or has it mapped.
int cwl_empty(int descriptor);

/// CPU time the process has used, in milliseconds.
int64_t cwl_cpu_milliseconds(pid_t process);
/// Sets the soft CPU limit, in seconds of the process's whole life; the hard one stays.
int cwl_limit_cpu(pid_t process, uint64_t seconds);
/// Sets how far the process may write into any file, in bytes, for good.
int cwl_limit_files(pid_t process, uint64_t bytes);

/// What waitid says of a process that has ended, without waiting: 0 when it still runs, else 1
/// with the signal that ended it, or 0 there and the exit code.
int cwl_reap(pid_t process, int *signal, int *code);
