// Requests at a steady rate over kept-alive connections, timed from the moment they were due: a
// slow answer delays those behind it, and that counts.
//
//   get      GET, with the header lines of each target
//   publish  POST of an event made here, to a publisher of nchan
//   tus      creates an upload, and when its turn comes again deletes it: two cheap events
#define _GNU_SOURCE
#include "load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

struct connection {
    int descriptor;
    bool isBusy;
    double due;
    struct response response;
    // The upload to delete next.
    char location[256];
};

static struct {
    const struct options *options;
    struct targets targets;
    struct connection *connections;
    struct connection **idle;
    int idleCount, epoll, nextTarget;
    long sent, answered, statuses[6], notModified, failures;
    struct samples delays;
} load;

static int compose(struct connection *connection, char *text, size_t room) {
    const char *kind = load.options->kind, *headers = load.options->headers;
    int port = load.options->port;
    if (connection->location[0]) {
        int length = snprintf(text, room,
            "DELETE %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nTus-Resumable: 1.0.0\r\n%s\r\n",
            connection->location, port, headers);
        connection->location[0] = 0;
        return length;
    }
    struct target *target = &load.targets.items[load.nextTarget++ % load.targets.count];
    if (strcmp(kind, "tus") == 0) {
        return snprintf(text, room,
            "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nTus-Resumable: 1.0.0\r\n"
            "Upload-Length: 3000000\r\nContent-Length: 0\r\n"
            "Upload-Metadata: filename SU1HXzAwMDEuanBn\r\n%s\r\n",
            target->path, port, headers);
    }
    if (strcmp(kind, "publish") == 0) {
        // As long as Revela's image.created on the wire.
        char body[512], time[32];
        print_time(wall(), time);
        int length = snprintf(body, sizeof body,
            "{\"at\":\"%s\",\"image\":\"i_%026ld\",\"patch\":{\"images\":{\"i_%026ld\":"
            "{\"name\":\"IMG_0001.jpg\",\"position\":1,\"size\":3000000,"
            "\"state\":\"uploading\"}}},\"seq\":%ld,\"type\":\"image.created\"}",
            time, target->seq + 1, target->seq + 1, target->seq + 1);
        target->seq++;
        return snprintf(text, room,
            "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Type: application/json\r\n"
            "Content-Length: %d\r\n%s\r\n%s", target->path, port, length, headers, body);
    }
    return snprintf(text, room, "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n%s%s\r\n", target->path,
                    port, headers, target->rest);
}

static void issue(struct connection *connection, double due) {
    char text[4096];
    int length = compose(connection, text, sizeof text);
    if (send(connection->descriptor, text, (size_t)length, MSG_NOSIGNAL) != length) fail("send");
    connection->isBusy = true;
    connection->due = due;
    load.sent++;
}

static void keep_location(struct connection *connection) {
    char value[256];
    if (strcmp(load.options->kind, "tus") != 0 || status_of(&connection->response) != 201) return;
    if (!header_of(&connection->response, "location", value, sizeof value)) return;
    char *path = strstr(value, "://");
    path = path ? strchr(path + 3, '/') : value;
    snprintf(connection->location, sizeof connection->location, "%s", path ? path : "");
}

static void answered(struct connection *connection) {
    int status = status_of(&connection->response);
    if (status == 304) load.notModified++;
    if (status >= 400 && load.failures++ == 0)
        fprintf(stderr, "refused: %s\n", connection->response.bytes);
    load.statuses[status / 100 % 6]++;
    load.answered++;
    add_sample(&load.delays, (monotonic() - connection->due) * 1000);
    keep_location(connection);
    connection->response.length = 0;
    connection->isBusy = false;
    load.idle[load.idleCount++] = connection;
}

static void readable(struct connection *connection) {
    char buffer[16384];
    ssize_t length = read(connection->descriptor, buffer, sizeof buffer);
    if (length < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (length <= 0) fail("a connection was closed");
    add_bytes(&connection->response, buffer, (size_t)length);
    if (connection->isBusy && whole_length(&connection->response) > 0) answered(connection);
}

static void prepare(const struct options *options) {
    load.options = options;
    load.targets = read_targets(options->paths, true);
    load.connections = calloc((size_t)options->count, sizeof *load.connections);
    load.idle = calloc((size_t)options->count, sizeof *load.idle);
    load.epoll = epoll_create1(EPOLL_CLOEXEC);
    if (load.connections == NULL || load.idle == NULL || load.epoll < 0) fail("start");
    for (int i = 0; i < options->count; i++) {
        struct connection *connection = &load.connections[i];
        connection->descriptor = connect_to(options->port, true);
        load.idle[load.idleCount++] = connection;
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
        if (epoll_ctl(load.epoll, EPOLL_CTL_ADD, connection->descriptor, &event) < 0)
            fail("epoll_ctl");
    }
}

int run_requests(const struct options *options) {
    prepare(options);
    long total = (long)(options->rate * options->seconds);
    double began = monotonic();
    struct epoll_event events[64];
    while (load.answered < total) {
        double now = monotonic();
        while (load.sent < total && load.idleCount > 0) {
            double due = began + (double)load.sent / options->rate;
            if (due > now) break;
            issue(load.idle[--load.idleCount], due);
        }
        int count = epoll_wait(load.epoll, events, 64, 1);
        for (int i = 0; i < count; i++) readable(events[i].data.ptr);
        if (now > began + options->seconds + 60) break;
    }
    printf("{\"seconds\":%.3f,\"sent\":%ld,\"answered\":%ld,\"ok\":%ld,\"not_modified\":%ld,"
           "\"failed\":%ld,", monotonic() - began, load.sent, load.answered, load.statuses[2],
           load.notModified, load.failures);
    print_samples("delay_ms", &load.delays);
    printf("}\n");
    return 0;
}
