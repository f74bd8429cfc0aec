// Stands between the server and the kernel (LD_PRELOAD) for two kinds of tests:
//
// - It writes down, in order, what the program does to the files of one folder and what it says on
//   its TCP sockets, so that a test can work out what a power cut at any instant would leave.
// - It kills the program at the n-th of these steps, or lets that one fail, so that a test can try
//   every one of them.
//
// WITNESS_FOLDER  the folder; nothing outside it is looked at
// WITNESS_LOG     the record; see `struct record`
// WITNESS_ORDERS  a file of `struct orders`, shared with the test
//
// The order of records: a write or a change of a name is recorded once it has happened, a sync
// before it begins and after it has ended, an answer before it leaves. So what is recorded before a
// sync's beginning is covered by it, and what an answer promises must be recorded before the answer.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { WRITE = 1, TRUNCATE, SYNC_BEGIN, SYNC_END, CREATE, LINK, UNLINK, RENAME, FOLDER, SAY };

struct record {
    uint32_t kind;
    uint32_t path_length;   // then the path, below the folder
    uint32_t other_length;  // then the second path (LINK and RENAME: the new name)
    uint32_t data_length;   // then the bytes
    uint64_t inode;
    int64_t offset;         // WRITE: where; TRUNCATE: the new size; SYNC: its number; SAY: the socket
};

struct orders {
    int64_t countdown;  // the step that makes it 0 is not done; 0 lets all pass
    int64_t error;      // what that step fails with; 0 kills the program there
    int64_t torn;       // where that step is a write, half of it is done before the death
    int64_t steps;      // how many there were
    int64_t answers;    // dies before it says the n-th "201 Created" from now; 0: never
};

static char folder[PATH_MAX];
static size_t folder_length;
static int record_file = -1;
static struct orders *orders;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

__attribute__((constructor)) static void begin(void) {
    // The workers inherit the environment, and their sandbox allows none of this.
    const char *folder_name = getenv("WITNESS_FOLDER");
    const char *record_name = getenv("WITNESS_LOG");
    const char *orders_name = getenv("WITNESS_ORDERS");
    if (strcmp(program_invocation_short_name, "revela") != 0 || !folder_name) return;
    if (!realpath(folder_name, folder)) abort();
    folder_length = strlen(folder);
    if (record_name) {
        record_file = open(record_name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        if (record_file < 0) abort();
    }
    if (orders_name) {
        int file = open(orders_name, O_RDWR | O_CLOEXEC);
        orders = mmap(NULL, sizeof *orders, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        if (file < 0 || orders == MAP_FAILED) abort();
        close(file);
    }
}

// MARK: What is looked at

/// The path of an open file below the folder, or NULL.
static const char *path_of(int file, char *buffer) {
    if (!folder_length) return NULL;
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, buffer, PATH_MAX - 1);
    if (length < (ssize_t) folder_length) return NULL;
    buffer[length] = 0;
    if (memcmp(buffer, folder, folder_length) != 0) return NULL;
    if (buffer[folder_length] == 0) return buffer + folder_length;
    return buffer[folder_length] == '/' ? buffer + folder_length + 1 : NULL;
}

/// The path that `name` has below the folder, seen from the directory `at`, or NULL.
static const char *path_at(int at, const char *name, char *buffer) {
    if (!folder_length || !name) return NULL;
    char directory[PATH_MAX];
    const char *parent = "";
    if (name[0] == '/') {
        // The folder may have been named through a symbolic link, but not what is in it.
        if (strncmp(name, folder, folder_length) != 0 || name[folder_length] != '/') return NULL;
        name += folder_length + 1;
    } else {
        if (at == AT_FDCWD) return NULL;
        parent = path_of(at, directory);
        if (!parent) return NULL;
    }
    snprintf(buffer, PATH_MAX, "%s%s%s", parent, *parent ? "/" : "", name);
    return buffer;
}

static uint64_t inode_of(int file) {
    struct stat status;
    return fstat(file, &status) == 0 ? status.st_ino : 0;
}

static int is_tcp(int file) {
    int domain = 0;
    socklen_t size = sizeof domain;
    if (!folder_length || getsockopt(file, SOL_SOCKET, SO_DOMAIN, &domain, &size) != 0) return 0;
    return domain == AF_INET || domain == AF_INET6;
}

// MARK: Records and steps

static void note(
    enum kind kind, const char *path, const char *other, uint64_t inode, int64_t offset,
    const struct iovec *vectors, int count, size_t length
) {
    if (record_file < 0) return;
    int error = errno;
    struct record record = {
        kind, path ? strlen(path) : 0, other ? strlen(other) : 0, length, inode, offset,
    };
    size_t size = sizeof record + record.path_length + record.other_length + length;
    char *buffer = malloc(size), *end = buffer + sizeof record;
    memcpy(buffer, &record, sizeof record);
    if (path) end = mempcpy(end, path, record.path_length);
    if (other) end = mempcpy(end, other, record.other_length);
    for (int index = 0; index < count && length > 0; index++) {
        size_t some = vectors[index].iov_len < length ? vectors[index].iov_len : length;
        end = mempcpy(end, vectors[index].iov_base, some);
        length -= some;
    }
    pthread_mutex_lock(&lock);
    for (size_t done = 0; done < size;) {
        ssize_t some = syscall(SYS_write, record_file, buffer + done, size - done);
        if (some < 0) abort();
        done += some;
    }
    pthread_mutex_unlock(&lock);
    free(buffer);
    errno = error;
}

/// Counts a step; not 0 where it must not be done.
static int step(void) {
    if (!orders) return 0;
    __atomic_add_fetch(&orders->steps, 1, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&orders->countdown, __ATOMIC_SEQ_CST) <= 0) return 0;
    return __atomic_sub_fetch(&orders->countdown, 1, __ATOMIC_SEQ_CST) == 0;
}

static void die(void) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

/// Counts a step and dies at the one it is told to; not 0, and `errno`, where it must fail.
static int refused(void) {
    if (!step()) return 0;
    if (!orders->error) die();
    errno = orders->error;
    return 1;
}

static size_t total(const struct iovec *vectors, int count) {
    size_t length = 0;
    for (int index = 0; index < count; index++) length += vectors[index].iov_len;
    return length;
}

// MARK: Writes

static void written(int file, const char *path, int64_t offset, const struct iovec *vectors, int count,
                    ssize_t length) {
    if (length > 0) note(WRITE, path, NULL, inode_of(file), offset, vectors, count, length);
}

/// Half of a write.
static void tear(int file, const struct iovec *vectors, int count, off_t offset) {
    if (!orders->torn || count == 0) return;
    syscall(SYS_pwrite64, file, vectors[0].iov_base, (vectors[0].iov_len + 1) / 2, offset);
}

static ssize_t write_at(int file, const struct iovec *vectors, int count, off_t offset) {
    char buffer[PATH_MAX];
    const char *path = path_of(file, buffer);
    if (path && step()) {
        if (orders->error) {
            errno = orders->error;
            return -1;
        }
        tear(file, vectors, count, offset);
        die();
    }
    ssize_t length = syscall(SYS_pwritev, file, vectors, (long) count, (long) offset, 0L);
    if (path) written(file, path, offset, vectors, count, length);
    return length;
}

ssize_t pwritev(int file, const struct iovec *vectors, int count, off_t offset) {
    return write_at(file, vectors, count, offset);
}
ssize_t pwritev64(int file, const struct iovec *vectors, int count, off64_t offset) {
    return write_at(file, vectors, count, offset);
}
ssize_t pwrite(int file, const void *bytes, size_t length, off_t offset) {
    struct iovec vector = { (void *) bytes, length };
    return write_at(file, &vector, 1, offset);
}
ssize_t pwrite64(int file, const void *bytes, size_t length, off64_t offset) {
    struct iovec vector = { (void *) bytes, length };
    return write_at(file, &vector, 1, offset);
}

static int is_created(const struct iovec *vectors, int count) {
    static const char head[] = "HTTP/1.1 201";
    return count > 0 && vectors[0].iov_len >= sizeof head - 1
        && memcmp(vectors[0].iov_base, head, sizeof head - 1) == 0;
}

/// What is said on a socket, or written where the file's position is.
static void say(int file, const struct iovec *vectors, int count) {
    if (!is_tcp(file)) return;
    if (orders && is_created(vectors, count) && __atomic_load_n(&orders->answers, __ATOMIC_SEQ_CST) > 0
        && __atomic_sub_fetch(&orders->answers, 1, __ATOMIC_SEQ_CST) == 0) die();
    // Networks fail elsewhere: an error is passed by here, and only a death counts.
    (void) refused();
    note(SAY, NULL, NULL, 0, file, vectors, count, total(vectors, count));
}

static ssize_t write_here(int file, const struct iovec *vectors, int count) {
    char buffer[PATH_MAX];
    const char *path = path_of(file, buffer);
    if (path && refused()) return -1;
    say(file, vectors, count);
    ssize_t length = syscall(SYS_writev, file, vectors, (long) count);
    if (path && length > 0)
        written(file, path, lseek(file, 0, SEEK_CUR) - length, vectors, count, length);
    return length;
}

ssize_t write(int file, const void *bytes, size_t length) {
    if (!folder_length) return syscall(SYS_write, file, bytes, length);
    struct iovec vector = { (void *) bytes, length };
    return write_here(file, &vector, 1);
}
ssize_t writev(int file, const struct iovec *vectors, int count) {
    return write_here(file, vectors, count);
}
ssize_t sendmsg(int file, const struct msghdr *message, int flags) {
    say(file, message->msg_iov, message->msg_iovlen);
    return syscall(SYS_sendmsg, file, message, flags);
}
ssize_t send(int file, const void *bytes, size_t length, int flags) {
    struct iovec vector = { (void *) bytes, length };
    say(file, &vector, 1);
    return syscall(SYS_sendto, file, bytes, length, flags, NULL, 0);
}

int ftruncate(int file, off_t size) {
    char buffer[PATH_MAX];
    const char *path = path_of(file, buffer);
    if (path && refused()) return -1;
    int result = syscall(SYS_ftruncate, file, size);
    if (path && result == 0) note(TRUNCATE, path, NULL, inode_of(file), size, NULL, 0, 0);
    return result;
}
int ftruncate64(int file, off64_t size) { return ftruncate(file, size); }

// MARK: Syncs

static int synced(int file, long call) {
    static int64_t numbers;
    char buffer[PATH_MAX];
    const char *path = path_of(file, buffer);
    if (!path) return syscall(call, file);
    if (refused()) return -1;
    int64_t number = __atomic_add_fetch(&numbers, 1, __ATOMIC_SEQ_CST);
    note(SYNC_BEGIN, path, NULL, inode_of(file), number, NULL, 0, 0);
    // What is on disk is decided by the test, so the real disk need not be waited for.
    note(SYNC_END, path, NULL, inode_of(file), number, NULL, 0, 0);
    return 0;
}

int fsync(int file) { return synced(file, SYS_fsync); }
int fdatasync(int file) { return synced(file, SYS_fdatasync); }

// MARK: Names

static int open_at(int at, const char *name, int flags, mode_t mode) {
    char buffer[PATH_MAX];
    const char *path = flags & O_CREAT ? path_at(at, name, buffer) : NULL;
    int existed = path && faccessat(at, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
    if (path && !existed && refused()) return -1;
    int file = syscall(SYS_openat, at, name, flags, mode);
    if (path && !existed && file >= 0) note(CREATE, path, NULL, inode_of(file), 0, NULL, 0, 0);
    return file;
}

#define MODE(flags) ({ mode_t mode = 0; \
    if (flags & O_CREAT) { va_list list; va_start(list, flags); mode = va_arg(list, mode_t); \
        va_end(list); } mode; })

int open(const char *name, int flags, ...) { return open_at(AT_FDCWD, name, flags, MODE(flags)); }
int open64(const char *name, int flags, ...) { return open_at(AT_FDCWD, name, flags, MODE(flags)); }
int openat(int at, const char *name, int flags, ...) { return open_at(at, name, flags, MODE(flags)); }
int openat64(int at, const char *name, int flags, ...) { return open_at(at, name, flags, MODE(flags)); }

int mkdirat(int at, const char *name, mode_t mode) {
    char buffer[PATH_MAX];
    const char *path = path_at(at, name, buffer);
    if (path && refused()) return -1;
    int result = syscall(SYS_mkdirat, at, name, mode);
    if (path && result == 0) note(FOLDER, path, NULL, 0, 0, NULL, 0, 0);
    return result;
}
int mkdir(const char *name, mode_t mode) { return mkdirat(AT_FDCWD, name, mode); }

int linkat(int from, const char *name, int to, const char *new_name, int flags) {
    char old_buffer[PATH_MAX], new_buffer[PATH_MAX];
    const char *path = path_at(from, name, old_buffer);
    const char *other = path_at(to, new_name, new_buffer);
    if (other && refused()) return -1;
    // As where the two names would lie on two disks.
    if (other && getenv("WITNESS_NO_LINKS")) return errno = EXDEV, -1;
    int result = syscall(SYS_linkat, from, name, to, new_name, flags);
    if (other && result == 0) note(LINK, path, other, 0, 0, NULL, 0, 0);
    return result;
}
int link(const char *name, const char *new_name) {
    return linkat(AT_FDCWD, name, AT_FDCWD, new_name, 0);
}

int unlinkat(int at, const char *name, int flags) {
    char buffer[PATH_MAX];
    const char *path = path_at(at, name, buffer);
    if (path && refused()) return -1;
    int result = syscall(SYS_unlinkat, at, name, flags);
    if (path && result == 0) note(UNLINK, path, NULL, 0, 0, NULL, 0, 0);
    return result;
}
int unlink(const char *name) { return unlinkat(AT_FDCWD, name, 0); }

int renameat2(int from, const char *name, int to, const char *new_name, unsigned flags) {
    char old_buffer[PATH_MAX], new_buffer[PATH_MAX];
    const char *path = path_at(from, name, old_buffer);
    const char *other = path_at(to, new_name, new_buffer);
    if ((path || other) && refused()) return -1;
    int result = syscall(SYS_renameat2, from, name, to, new_name, flags);
    if (path && other && result == 0) note(RENAME, path, other, 0, 0, NULL, 0, 0);
    return result;
}
int renameat(int from, const char *name, int to, const char *new_name) {
    return renameat2(from, name, to, new_name, 0);
}
int rename(const char *name, const char *new_name) {
    return renameat2(AT_FDCWD, name, AT_FDCWD, new_name, 0);
}
