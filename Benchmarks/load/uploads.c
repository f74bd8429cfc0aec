// Sends the file of each target, several at a time, straight from the page cache.
//
//   put   PUT of the file to the target's path
//   raw   POST of the file to the target's path
//   tus   creation at the target's path, then one PATCH with the whole file
#define _GNU_SOURCE
#include "load.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static struct {
    const struct options *options;
    struct targets targets;
    atomic_int next, failures;
    atomic_long bytes;
} load;

static bool read_answer(int descriptor, struct response *response) {
    char buffer[8192];
    response->length = 0;
    while (whole_length(response) == 0) {
        ssize_t length = read(descriptor, buffer, sizeof buffer);
        if (length <= 0) return false;
        add_bytes(response, buffer, (size_t)length);
    }
    return true;
}

static bool send_all(int descriptor, int file, off_t size) {
    off_t offset = 0;
    while (offset < size) {
        ssize_t sent = sendfile(descriptor, file, &offset, (size_t)(size - offset));
        if (sent <= 0) return false;
    }
    return true;
}

static bool exchange(int descriptor, struct response *response, const char *head, int file,
                     off_t size, int expected) {
    size_t length = strlen(head);
    bool sent = send(descriptor, head, length, MSG_NOSIGNAL | (size ? MSG_MORE : 0)) == (ssize_t)length
        && send_all(descriptor, file, size);
    bool good = read_answer(descriptor, response) && sent;
    if (good && status_of(response) / 100 == expected / 100) return true;
    fprintf(stderr, "upload: %s\n", response->length ? response->bytes : "no answer");
    return false;
}

static bool send_file(int descriptor, struct response *response, struct target *target, int file,
                      off_t size) {
    const char *kind = load.options->kind;
    int port = load.options->port;
    char head[2048], location[512];
    const char *path = target->path;
    if (strcmp(kind, "tus") == 0) {
        snprintf(head, sizeof head,
            "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nTus-Resumable: 1.0.0\r\nContent-Length: 0\r\n"
            "Upload-Length: %lld\r\nUpload-Metadata: filename SU1HXzAwMDEuanBn\r\n%s\r\n",
            path, port, (long long)size, load.options->headers);
        if (!exchange(descriptor, response, head, file, 0, 201)) return false;
        if (!header_of(response, "location", location, sizeof location)) return false;
        char *place = strstr(location, "://");
        place = place ? strchr(place + 3, '/') : location;
        if (place == NULL) return false;
        snprintf(head, sizeof head,
            "PATCH %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\n"
            "Content-Type: application/offset+octet-stream\r\nContent-Length: %lld\r\n%s\r\n",
            place, port, (long long)size, load.options->headers);
    } else {
        snprintf(head, sizeof head,
            "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Type: image/jpeg\r\n"
            "Content-Disposition: attachment; filename=\"photo.jpg\"\r\nContent-Length: %lld\r\n%s\r\n",
            strcmp(kind, "put") == 0 ? "PUT" : "POST", path, port, (long long)size,
            load.options->headers);
    }
    return exchange(descriptor, response, head, file, size, 200);
}

static void *work(void *unused) {
    (void)unused;
    struct response response = {0};
    int descriptor = connect_to(load.options->port, true);
    int index;
    while ((index = atomic_fetch_add(&load.next, 1)) < load.targets.count) {
        struct target *target = &load.targets.items[index];
        struct stat facts;
        int file = open(target->rest, O_RDONLY | O_CLOEXEC);
        if (file < 0 || fstat(file, &facts) < 0) fail(target->rest);
        if (send_file(descriptor, &response, target, file, facts.st_size)) {
            atomic_fetch_add(&load.bytes, facts.st_size);
        } else {
            atomic_fetch_add(&load.failures, 1);
            close(descriptor);
            descriptor = connect_to(load.options->port, true);
        }
        close(file);
    }
    close(descriptor);
    forget(&response);
    return NULL;
}

int run_uploads(const struct options *options) {
    load.options = options;
    load.targets = read_targets(options->paths, false);
    pthread_t *threads = calloc((size_t)options->count, sizeof *threads);
    if (threads == NULL) fail("memory");
    double began = monotonic();
    for (int i = 0; i < options->count; i++)
        if (pthread_create(&threads[i], NULL, work, NULL) != 0) fail("thread");
    for (int i = 0; i < options->count; i++) pthread_join(threads[i], NULL);
    printf("{\"seconds\":%.3f,\"files\":%d,\"failed\":%d,\"bytes\":%ld}\n", monotonic() - began,
           load.targets.count, atomic_load(&load.failures), atomic_load(&load.bytes));
    free(threads);
    return 0;
}
