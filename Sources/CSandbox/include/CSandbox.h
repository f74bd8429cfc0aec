// The walls around a worker, built from inside by a process without any privilege. What is
// written in C here is what needs macros, variadic calls or a signal handler.
#pragma once
#include <stdint.h>

/// Bits of the answer of `csandbox_enter`.
enum { CSANDBOX_LANDLOCK = 1, CSANDBOX_SECCOMP = 2 };

/// Bits of the answer of `csandbox_probe`: what was tried and worked.
enum {
    CSANDBOX_OPENS = 1,
    CSANDBOX_CREATES = 2,
    CSANDBOX_CONNECTS = 4,
    CSANDBOX_FORKS = 8,
    CSANDBOX_EXECUTES = 16,
    CSANDBOX_SIGNALS = 32,
    CSANDBOX_FINDS = 64,
};

/// Gives up, for good and for every thread: files, sockets, processes, core dumps and address space
/// over the given bytes. `link` is the one socket messages may pass through.
/// Returns which walls stand, or a negated errno when not even the limits could be set.
int csandbox_enter(int link, uint64_t address_space);

/// Tries what must be denied.
int csandbox_probe(void);
