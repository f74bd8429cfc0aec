// Thousands of clients that only listen: what comes is counted, checked for gaps, and timed.
//
// On standard input:
//   count       what came since the last report
//   expect N    a report once N more events have come, or after 20 seconds without one
//   quit
#define _GNU_SOURCE
#include "load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { OPENING_AT_ONCE = 64, BUFFER = 1 << 16 };

enum state { CONNECTING, WARMING, ASKED, OPEN, CLOSED };

struct stream {
    int descriptor;
    enum state state;
    struct target *target;
    struct response head;
    struct scanner scanner;
    long seq;
};

static struct {
    const struct options *options;
    struct targets targets;
    struct stream *streams;
    int epoll, started, opening, open, closed, refused;
    long events, bytes, gaps, repeats, reported;
    double lastEvent;
    struct samples delays;
    // The count of events at which to report; 0 where nothing is awaited.
    long awaited;
    double patience;
} load;

static void report(void) {
    printf("{\"open\":%d,\"closed\":%d,\"refused\":%d,\"events\":%ld,\"bytes\":%ld,\"gaps\":%ld,"
           "\"repeats\":%ld,\"last\":%.6f,",
           load.open, load.closed, load.refused, load.events - load.reported, load.bytes,
           load.gaps, load.repeats, load.lastEvent);
    print_samples("delay_ms", &load.delays);
    printf("}\n");
    load.reported = load.events;
    load.awaited = 0;
}

// Events

static void note(void *owner, long seq, double made) {
    struct stream *stream = owner;
    if (stream->seq != 0 && seq > stream->seq + 1) load.gaps++;
    if (stream->seq != 0 && seq <= stream->seq) load.repeats++;
    stream->seq = seq;
    load.events++;
    load.lastEvent = wall();
    if (made > 0) add_sample(&load.delays, (load.lastEvent - made) * 1000);
}

// Opening

static void ask(struct stream *stream, const char *path, bool isStream) {
    static const char *webSocket =
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    const char *kind = load.options->kind;
    const char *extra = !isStream ? ""
        : strcmp(kind, "ws") == 0 ? webSocket
        : strcmp(kind, "sse") == 0 ? "Accept: text/event-stream\r\n" : "Accept: application/json\r\n";
    char request[2048];
    int length = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n%s%s%s\r\n",
                          path, load.options->port, load.options->headers, extra,
                          isStream ? stream->target->rest : "");
    if (send(stream->descriptor, request, (size_t)length, MSG_NOSIGNAL) != length) fail("send");
}

static void opened(struct stream *stream) {
    stream->state = OPEN;
    load.opening--;
    load.open++;
}

static void close_stream(struct stream *stream) {
    if (stream->state == OPEN) load.open--; else load.opening--;
    stream->state = CLOSED;
    load.closed++;
    close(stream->descriptor);
    forget(&stream->head);
}

static void begin(struct stream *stream) {
    if (load.options->warm && stream->state == CONNECTING) {
        stream->state = WARMING;
        ask(stream, load.options->warm, false);
        return;
    }
    stream->state = ASKED;
    ask(stream, stream->target->path, true);
    // A long poll says nothing until there is news.
    if (strcmp(load.options->kind, "longpoll") == 0) opened(stream);
}

static void start_next(void) {
    struct stream *stream = &load.streams[load.started];
    stream->target = &load.targets.items[load.started % load.targets.count];
    stream->descriptor = connect_to(load.options->port, false);
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT, .data.ptr = stream};
    if (epoll_ctl(load.epoll, EPOLL_CTL_ADD, stream->descriptor, &event) < 0) fail("epoll_ctl");
    load.started++;
    load.opening++;
}

static void listen_only(struct stream *stream) {
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = stream};
    if (epoll_ctl(load.epoll, EPOLL_CTL_MOD, stream->descriptor, &event) < 0) fail("epoll_ctl");
    begin(stream);
}

static void read_head(struct stream *stream, char *bytes, size_t length) {
    add_bytes(&stream->head, bytes, length);
    if (stream->state == WARMING) {
        if (whole_length(&stream->head) == 0) return;
        forget(&stream->head);
        begin(stream);
        return;
    }
    size_t head = head_length(&stream->head);
    if (head == 0) return;
    int status = status_of(&stream->head);
    if (status != 200 && status != 101) {
        if (load.refused++ == 0) fprintf(stderr, "refused: %s\n", stream->head.bytes);
        return close_stream(stream);
    }
    opened(stream);
    size_t rest = stream->head.length - head;
    load.bytes += (long)rest;
    scan_copy(&stream->scanner, stream->head.bytes + head, rest, note, stream);
    forget(&stream->head);
}

static void readable(struct stream *stream) {
    static char buffer[CARRY + BUFFER];
    ssize_t length = read(stream->descriptor, buffer + CARRY, BUFFER);
    if (length < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (length <= 0) return close_stream(stream);
    if (stream->state != OPEN) return read_head(stream, buffer + CARRY, (size_t)length);
    load.bytes += length;
    scan(&stream->scanner, buffer + CARRY, (size_t)length, note, stream);
}

// An unsolicited pong (RFC 6455, section 5.5.3) says that the client lives; it saves reading frames.
static void send_pongs(void) {
    static const char pong[] = {(char)0x8A, (char)0x80, 0, 0, 0, 0};
    for (int i = 0; i < load.started; i++) {
        struct stream *stream = &load.streams[i];
        if (stream->state == OPEN) send(stream->descriptor, pong, sizeof pong, MSG_NOSIGNAL);
    }
}

// Questions

static bool answer_input(void) {
    char line[128];
    ssize_t length = read(0, line, sizeof line - 1);
    if (length <= 0) return false;
    line[length] = 0;
    if (strncmp(line, "quit", 4) == 0) return false;
    if (strncmp(line, "count", 5) == 0) report();
    if (strncmp(line, "expect ", 7) == 0) {
        load.awaited = load.reported + atol(line + 7);
        load.patience = monotonic() + 20;
    }
    return true;
}

static void keep_time(void) {
    static double nextPong;
    static long seen;
    double now = monotonic();
    if (load.events != seen) load.patience = now + 20;
    seen = load.events;
    if (load.awaited && (load.events >= load.awaited || now > load.patience)) report();
    if (strcmp(load.options->kind, "ws") == 0 && now > nextPong) {
        if (nextPong > 0) send_pongs();
        nextPong = now + 20;
    }
}

int run_streams(const struct options *options) {
    load.options = options;
    load.targets = read_targets(options->paths, true);
    load.streams = calloc((size_t)options->count, sizeof *load.streams);
    load.epoll = epoll_create1(EPOLL_CLOEXEC);
    if (load.streams == NULL || load.epoll < 0) fail("start");
    struct epoll_event input = {.events = EPOLLIN, .data.ptr = NULL};
    if (epoll_ctl(load.epoll, EPOLL_CTL_ADD, 0, &input) < 0) fail("epoll_ctl");
    bool isReady = false;
    struct epoll_event events[256];
    while (true) {
        while (load.opening < OPENING_AT_ONCE && load.started < options->count) start_next();
        if (!isReady && load.started == options->count && load.opening == 0) {
            isReady = true;
            report();
        }
        int count = epoll_wait(load.epoll, events, 256, 20);
        for (int i = 0; i < count; i++) {
            struct stream *stream = events[i].data.ptr;
            if (stream == NULL) {
                if (!answer_input()) return 0;
            } else if (stream->state == CONNECTING) {
                listen_only(stream);
            } else if (stream->state != CLOSED) {
                readable(stream);
            }
        }
        keep_time();
    }
}
