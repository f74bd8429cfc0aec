#define _GNU_SOURCE
#include "CWorkerLink.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/prctl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int cwl_pair(int out[2]) {
    return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, out) < 0 ? -errno : 0;
}

// Ancillary data must be aligned like a cmsghdr; the union does that.
union control {
    char bytes[CMSG_SPACE(sizeof(int) * CWL_MAX_DESCRIPTORS)];
    struct cmsghdr align;
};

int cwl_send(int socket, const void *bytes, size_t size, const int *descriptors, int count, int flags) {
    if (count > CWL_MAX_DESCRIPTORS) return -EMSGSIZE;
    struct iovec part = {(void *)bytes, size};
    union control control;
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (count > 0) {
        memset(&control, 0, sizeof control);
        message.msg_control = control.bytes;
        message.msg_controllen = CMSG_SPACE(sizeof(int) * count);
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int) * count);
        memcpy(CMSG_DATA(header), descriptors, sizeof(int) * count);
    }
    ssize_t sent;
    do sent = sendmsg(socket, &message, MSG_NOSIGNAL | flags);
    while (sent < 0 && errno == EINTR);
    return sent < 0 ? -errno : 0;
}

ssize_t cwl_receive(
    int socket, void *bytes, size_t capacity, int *descriptors, int *count, int flags) {
    struct iovec part = {bytes, capacity};
    union control control;
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    ssize_t received;
    do received = recvmsg(socket, &message, MSG_CMSG_CLOEXEC | flags);
    while (received < 0 && errno == EINTR);
    *count = 0;
    if (received < 0) return -errno;
    for (struct cmsghdr *h = CMSG_FIRSTHDR(&message); h; h = CMSG_NXTHDR(&message, h)) {
        if (h->cmsg_level != SOL_SOCKET || h->cmsg_type != SCM_RIGHTS) continue;
        int found = (int)((h->cmsg_len - CMSG_LEN(0)) / sizeof(int));
        if (*count + found > CWL_MAX_DESCRIPTORS) found = CWL_MAX_DESCRIPTORS - *count;
        memcpy(descriptors + *count, CMSG_DATA(h), sizeof(int) * found);
        *count += found;
    }
    if (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) {
        for (int i = 0; i < *count; i++) close(descriptors[i]);
        *count = 0;
        return -EMSGSIZE;
    }
    return received;
}

pid_t cwl_spawn(const char *path, int control, char *const environment[], int niceness) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int status = posix_spawn_file_actions_init(&actions);
    if (status) return -status;
    status = posix_spawnattr_init(&attributes);
    if (status) {
        posix_spawn_file_actions_destroy(&actions);
        return -status;
    }
    // The control socket goes to 3 first: were it 0, 1 or 2, /dev/null would overwrite it.
    status = posix_spawn_file_actions_adddup2(&actions, control, 3);
    for (int standard = 0; standard < 3 && !status; standard++)
        status = posix_spawn_file_actions_addopen(&actions, standard, "/dev/null", O_RDWR, 0);
    if (!status) status = posix_spawn_file_actions_addclosefrom_np(&actions, 4);

    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    if (!status) status = posix_spawnattr_setsigmask(&attributes, &none);
    if (!status) status = posix_spawnattr_setsigdefault(&attributes, &all);
    // A group of its own: Ctrl-C at a terminal reaches the server, which ends its workers in order.
    if (!status) status = posix_spawnattr_setpgroup(&attributes, 0);
    if (!status)
        status = posix_spawnattr_setflags(
            &attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);

    pid_t process = -1;
    char *arguments[] = {(char *)path, NULL};
    if (!status)
        status = posix_spawn(&process, path, &actions, &attributes, arguments, environment);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    if (status) return -status;
    // Before the child has a second thread, so all of them inherit it. A refusal is no reason to
    // go without a worker.
    (void)setpriority(PRIO_PROCESS, (id_t)process, niceness);
    return process;
}

int cwl_become_template(const char *name) {
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) return -errno;
    return prctl(PR_SET_NAME, name) ? -errno : 0;
}

int cwl_thread_count(void) {
    DIR *threads = opendir("/proc/self/task");
    if (!threads) return -errno;
    int count = 0;
    for (struct dirent *entry; (entry = readdir(threads));) count += entry->d_name[0] != '.';
    closedir(threads);
    return count;
}

int cwl_shares_nothing(void) {
    DIR *descriptors = opendir("/proc/self/fd");
    if (!descriptors) return -errno;
    int alone = 1;
    for (struct dirent *entry; (entry = readdir(descriptors));) {
        int number = atoi(entry->d_name);
        if (number > 3 && number != dirfd(descriptors)) alone = 0;
    }
    closedir(descriptors);
    // By proc(5), smaps: "sh" among a mapping's flags says that it is shared, and of a file that may
    // be written; one of a file that may only be read does not have it.
    FILE *mappings = fopen("/proc/self/smaps", "re");
    if (!mappings) return -errno;
    int flags = 0;
    for (char line[4096]; fgets(line, sizeof line, mappings);) {
        if (strncmp(line, "VmFlags:", 8)) continue;
        flags++;
        if (strstr(line, " sh")) alone = 0;
    }
    fclose(mappings);
    // A kernel that does not tell is taken at its worst.
    return flags > 0 && alone;
}

pid_t cwl_copy(void) {
    // Where glibc keeps the thread's id: fork has the kernel write it anew, and so does this. Where
    // the kernel does not tell the place, the copy has the old id, and only locks compare it.
    void *place = NULL;
    if (prctl(PR_GET_TID_ADDRESS, &place)) place = NULL;
    long flags = CLONE_PARENT | SIGCHLD;
    if (place) flags |= CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID;
    // The place is the fourth argument on x86 and the fifth on ARM; the other of the two, a thread's
    // local storage, is not read without its flag.
    long child = syscall(SYS_clone, flags, NULL, NULL, place, place);
    return child < 0 ? -errno : (pid_t)child;
}

int cwl_become_copy(int control, const char *name) {
    if (dup2(control, 3) < 0 || (control != 3 && close(control))) return -errno;
    if (fcntl(3, F_SETFD, FD_CLOEXEC)) return -errno;
    return setpgid(0, 0) || prctl(PR_SET_NAME, name) ? -errno : 0;
}

int cwl_wake_up(void) {
    int descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return descriptor < 0 ? -errno : descriptor;
}

int cwl_pidfd_open(pid_t process) {
    int pidfd = (int)syscall(SYS_pidfd_open, process, 0);
    return pidfd < 0 ? -errno : pidfd;
}

int cwl_pidfd_kill(int pidfd, int signal) {
    return syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0) < 0 ? -errno : 0;
}

int cwl_memory_file(const char *name) {
    int descriptor = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    return descriptor < 0 ? -errno : descriptor;
}

int cwl_empty(int descriptor) {
    // The seal first: between an emptying and a seal the worker could make it large again.
    if (fcntl(descriptor, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SEAL) < 0) return -errno;
    return ftruncate(descriptor, 0) ? -errno : 0;
}

int64_t cwl_cpu_milliseconds(pid_t process) {
    clockid_t clock;
    int status = clock_getcpuclockid(process, &clock);
    if (status) return -status;
    struct timespec used;
    if (clock_gettime(clock, &used) < 0) return -errno;
    return (int64_t)used.tv_sec * 1000 + used.tv_nsec / 1000000;
}

int cwl_limit_cpu(pid_t process, uint64_t seconds) {
    struct rlimit limit;
    if (prlimit(process, RLIMIT_CPU, NULL, &limit) < 0) return -errno;
    limit.rlim_cur = seconds < limit.rlim_max ? seconds : limit.rlim_max;
    return prlimit(process, RLIMIT_CPU, &limit, NULL) < 0 ? -errno : 0;
}

int cwl_limit_files(pid_t process, uint64_t bytes) {
    struct rlimit limit;
    if (prlimit(process, RLIMIT_FSIZE, NULL, &limit) < 0) return -errno;
    if (bytes < limit.rlim_max) limit.rlim_max = bytes;
    limit.rlim_cur = limit.rlim_max;
    return prlimit(process, RLIMIT_FSIZE, &limit, NULL) < 0 ? -errno : 0;
}

int cwl_reap(pid_t process, int *signal, int *code) {
    int status = 0;
    pid_t ended;
    do ended = waitpid(process, &status, WNOHANG);
    while (ended < 0 && errno == EINTR);
    if (ended < 0) return -errno;
    if (ended == 0) return 0;
    *signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    *code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
    return 1;
}
