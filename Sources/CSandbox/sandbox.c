#define _GNU_SOURCE
#include "CSandbox.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// MARK: Landlock

// Numbers and struct of our own: the headers of a stable distribution lag behind its kernel.
enum { LANDLOCK_CREATE = 444, LANDLOCK_RESTRICT = 446, LANDLOCK_VERSION = 1 };
struct landlock_attributes {
    uint64_t files, network, scopes;
};

/// A rule set that denies all this kernel knows to deny; no rule will allow anything.
static int landlock_ruleset(void) {
    long abi = syscall(LANDLOCK_CREATE, NULL, 0, LANDLOCK_VERSION);
    if (abi < 1) return -1;
    struct landlock_attributes deny = {0};
    // Rights by version: 13 at first, then REFER (2), TRUNCATE (3) and IOCTL_DEV (5); binding and
    // connecting TCP (4); abstract sockets and signals (6).
    int rights = abi >= 5 ? 16 : abi >= 3 ? 15 : abi >= 2 ? 14 : 13;
    deny.files = (1ull << rights) - 1;
    size_t size = sizeof deny.files;
    if (abi >= 4) {
        deny.network = 3;
        size += sizeof deny.network;
    }
    if (abi >= 6) {
        deny.scopes = 3;
        size += sizeof deny.scopes;
    }
    return (int)syscall(LANDLOCK_CREATE, &deny, size, 0);
}

/// Whoever runs the server as root gives none of that to its workers.
static int drop_capabilities(void) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {0};
    return (int)syscall(SYS_capset, &header, none);
}

// Capabilities and Landlock bind the calling thread alone, and the warmed codecs have left threads
// behind. Each of them is interrupted by a signal and binds itself.
static int ruleset = -1;
static atomic_int waiting, failures;

static void bind_thread(int signal) {
    (void)signal;
    int before = errno;
    if (drop_capabilities() || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
        syscall(LANDLOCK_RESTRICT, ruleset, 0))
        atomic_fetch_add(&failures, 1);
    atomic_fetch_sub(&waiting, 1);
    errno = before;
}

static int bind_other_threads(void) {
    const int wanted = SIGRTMIN;
    struct sigaction action = {.sa_handler = bind_thread, .sa_flags = SA_RESTART}, before;
    if (sigaction(wanted, &action, &before)) return -1;
    DIR *threads = opendir("/proc/self/task");
    if (!threads) return -1;
    const pid_t process = getpid(), self = gettid();
    for (struct dirent *entry; (entry = readdir(threads));) {
        pid_t thread = atoi(entry->d_name);
        if (thread <= 0 || thread == self) continue;
        atomic_fetch_add(&waiting, 1);
        if (tgkill(process, thread, wanted)) atomic_fetch_sub(&waiting, 1);
    }
    closedir(threads);
    // A thread that does not answer within a second blocks the signal.
    for (int turn = 0; atomic_load(&waiting) > 0 && turn < 1000; turn++)
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    int left = atomic_load(&waiting);
    // With a thread still to come the handler must stay.
    if (left == 0) sigaction(wanted, &before, NULL);
    return left == 0 && atomic_load(&failures) == 0 ? 0 : -1;
}

static int enter_landlock(void) {
    ruleset = landlock_ruleset();
    if (ruleset < 0) return -1;
    int result = bind_other_threads();
    if (syscall(LANDLOCK_RESTRICT, ruleset, 0)) result = -1;
    close(ruleset);
    return result;
}

// MARK: seccomp

/// What decoding and encoding needs once everything is loaded: memory, threads, time, and the
/// descriptors it was given. No open, no socket, no exec; and no stat by name, which no filter could
/// tell from the same call by descriptor, and Landlock lets pass.
static const int allowed[] = {
    SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(pread64), SCMP_SYS(pwrite64), SCMP_SYS(lseek),
    SCMP_SYS(fstat), SCMP_SYS(close), SCMP_SYS(mmap), SCMP_SYS(munmap),
    SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(brk), SCMP_SYS(mprotect), SCMP_SYS(futex),
    SCMP_SYS(set_robust_list), SCMP_SYS(rseq), SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack), SCMP_SYS(exit), SCMP_SYS(exit_group),
    SCMP_SYS(sched_yield), SCMP_SYS(sched_getaffinity), SCMP_SYS(getpid), SCMP_SYS(gettid),
    SCMP_SYS(clock_gettime), SCMP_SYS(clock_nanosleep), SCMP_SYS(nanosleep),
    SCMP_SYS(gettimeofday), SCMP_SYS(getrandom), SCMP_SYS(sysinfo), SCMP_SYS(getrusage),
    SCMP_SYS(restart_syscall), SCMP_SYS(poll), SCMP_SYS(ppoll),
};

/// What a thread may not ask for: worlds of its own, where it would be somebody else.
static const unsigned namespaces = CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |
    CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWCGROUP;

static int enter_seccomp(int link) {
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    if (!filter) return -1;
    int bad = 0;
    for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++)
        bad |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
    // Messages, over the link alone.
    bad |= seccomp_rule_add(
        filter, SCMP_ACT_ALLOW, SCMP_SYS(sendmsg), 1, SCMP_A0(SCMP_CMP_EQ, (unsigned)link));
    bad |= seccomp_rule_add(
        filter, SCMP_ACT_ALLOW, SCMP_SYS(recvmsg), 1, SCMP_A0(SCMP_CMP_EQ, (unsigned)link));
    // Threads, but no processes. The arguments of clone3 lie in memory where no filter looks;
    // told that it does not exist, glibc takes clone.
    bad |= seccomp_rule_add(
        filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
        SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD | namespaces, CLONE_THREAD));
    bad |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
    // Signals to itself, as abort and pthread_kill send them.
    bad |= seccomp_rule_add(
        filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1, SCMP_A0(SCMP_CMP_EQ, (unsigned)getpid()));
    bad |= seccomp_rule_add(
        filter, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1, SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME));
    // Limits may be read, not set.
    bad |= seccomp_rule_add(
        filter, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 1, SCMP_A2(SCMP_CMP_EQ, 0));
    // All threads at once; this filter, unlike Landlock, has a way for that.
    bad |= seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
    if (!bad) bad = seccomp_load(filter);
    seccomp_release(filter);
    return bad ? -1 : 0;
}

// MARK: Entering

/// No more than this, and no more than whoever started the server has left.
static int limit(int resource, uint64_t value) {
    struct rlimit both;
    if (getrlimit(resource, &both)) return -1;
    if (value < both.rlim_max) both.rlim_max = value;
    both.rlim_cur = both.rlim_max;
    return setrlimit(resource, &both);
}

int csandbox_enter(int link, uint64_t address_space) {
    // CPU time, and what a job may write, are limited by the server before each job.
    if (limit(RLIMIT_AS, address_space) || limit(RLIMIT_CORE, 0)) return -errno;
    // A file over its limit is an error of write and not the end of the process.
    signal(SIGXFSZ, SIG_IGN);
    if (drop_capabilities()) return -errno;
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) || prctl(PR_SET_DUMPABLE, 0)) return -errno;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) return -errno;
    int walls = 0;
    if (enter_landlock() == 0) walls |= CSANDBOX_LANDLOCK;
    if (enter_seccomp(link) == 0) walls |= CSANDBOX_SECCOMP;
    return walls;
}

// MARK: Probes

int csandbox_probe(void) {
    int worked = 0, descriptor;
    if ((descriptor = open("/etc/passwd", O_RDONLY | O_CLOEXEC)) >= 0) {
        worked |= CSANDBOX_OPENS;
        close(descriptor);
    }
    struct stat status;
    if (stat("/etc/passwd", &status) == 0) worked |= CSANDBOX_FINDS;
    // A nameless file: nothing is left behind where creating works.
    if ((descriptor = open("/tmp", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600)) >= 0) {
        worked |= CSANDBOX_CREATES;
        close(descriptor);
    }
    static const int families[] = {AF_INET, AF_UNIX};
    for (int i = 0; i < 2; i++) {
        if ((descriptor = socket(families[i], SOCK_STREAM | SOCK_CLOEXEC, 0)) < 0) continue;
        worked |= CSANDBOX_CONNECTS;
        close(descriptor);
    }
    long child = syscall(SYS_fork);
    if (child == 0) _exit(0);
    if (child > 0) {
        worked |= CSANDBOX_FORKS;
        waitpid((pid_t)child, NULL, 0);
    }
    // A program that does not exist: whoever may execute is told so.
    char *const none[] = {NULL};
    if (execve("/revela-probe", none, none) && errno != EPERM && errno != EACCES)
        worked |= CSANDBOX_EXECUTES;
    if (kill(getppid(), 0) == 0) worked |= CSANDBOX_SIGNALS;
    return worked;
}
