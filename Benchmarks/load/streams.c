// Thousands of clients that only listen. Each event is JSON with the time `at` which it was made and,
// after it, its `seq`: what comes is counted, checked for gaps, and timed. The same scan reads SSE
// and WebSocket frames, for both carry the JSON as it is.
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

enum { OPENING_AT_ONCE = 64, CARRY = 64, BUFFER = 1 << 16 };
// What must be there, from the start of its name, to read a time or a number.
enum { TIME_ROOM = 30, SEQ_ROOM = 24 };

enum state { CONNECTING, WARMING, ASKED, OPEN, CLOSED };

struct stream {
    int descriptor;
    enum state state;
    struct target *target;
    struct response head;
    // The end of what was read, where an event may begin.
    char carry[CARRY];
    int carried;
    long seq;
    // When the event whose number comes next was made; 0 where its time has not come.
    double made;
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

static void note_time(struct stream *stream, const char *start, const char *end) {
    const char *at = memmem(start, (size_t)(end - start), "\"at\":\"", 6);
    if (at != NULL && end - at >= TIME_ROOM) stream->made = parse_time(at + 6);
}

static void note(struct stream *stream, const char *event, double now) {
    long seq = atol(event + 6);
    if (stream->seq != 0 && seq > stream->seq + 1) load.gaps++;
    if (stream->seq != 0 && seq <= stream->seq) load.repeats++;
    stream->seq = seq;
    load.events++;
    load.lastEvent = now;
    if (stream->made > 0) add_sample(&load.delays, (now - stream->made) * 1000);
    stream->made = 0;
}

// `bytes` has CARRY free bytes before it.
static void scan(struct stream *stream, char *bytes, size_t length) {
    load.bytes += (long)length;
    char *start = bytes - stream->carried, *end = bytes + length;
    memcpy(start, stream->carry, (size_t)stream->carried);
    double now = wall();
    char *event;
    while ((event = memmem(start, (size_t)(end - start), "\"seq\":", 6)) != NULL
           && end - event >= SEQ_ROOM) {
        note_time(stream, start, event);
        note(stream, event, now);
        start = event + 6;
    }
    note_time(stream, start, end);
    if (end - start >= TIME_ROOM) start = end - TIME_ROOM + 1;
    stream->carried = (int)(end - start);
    memcpy(stream->carry, start, (size_t)stream->carried);
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
    char *copy = malloc(CARRY + rest);
    if (copy == NULL) fail("memory");
    memcpy(copy + CARRY, stream->head.bytes + head, rest);
    scan(stream, copy + CARRY, rest);
    free(copy);
    forget(&stream->head);
}

static void readable(struct stream *stream) {
    static char buffer[CARRY + BUFFER];
    ssize_t length = read(stream->descriptor, buffer + CARRY, BUFFER);
    if (length < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (length <= 0) return close_stream(stream);
    if (stream->state == OPEN) scan(stream, buffer + CARRY, (size_t)length);
    else read_head(stream, buffer + CARRY, (size_t)length);
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
