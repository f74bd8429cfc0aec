// Thousands of readers of one batch, who resume from their cursor whatever happens, each in the way of
// `--kind`:
//
//   sse, ws   a stream
//   poll      a question every --every seconds; every --rest where one is given and nothing moves;
//             with --wait the server may hold its answer for so many
//
// `--paths` has one path that ends with the cursor's epoch and a full stop; the number of the last event is
// put behind it. `--after` is the one to begin with.
//
// On standard input:
//   end N     a report once every reader has event N, or after --seconds
#define _GNU_SOURCE
#include "load.h"

#include <errno.h>
#include <netinet/in.h>
#include <linux/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { OPENING_AT_ONCE = 64, BUFFER = 1 << 16, PATH = 1024 };
static const double PAUSE = 1;  // seconds before a reader comes back that was cut
static const double PONG = 20;  // seconds between two signs of life of a WebSocket

enum state { AWAY, CONNECTING, ASKED, STREAMING, RESTING };

struct reader {
    int descriptor;
    enum state state;
    bool wasOpen;
    // When one that is away or rests goes on.
    double due;
    struct response answer;
    struct scanner scanner;
    long seq, received;
    // Whether the answer that is read brought news.
    bool hasNews;
};

static struct {
    const struct options *options;
    const char *path;
    struct reader *readers;
    int epoll, opening, open;
    long requests, reconnects, repeated, connections;
    double bytes, end;
    long last;
    struct samples delays;
} load;

static bool is_polling(void) { return strcmp(load.options->kind, "poll") == 0; }

static void note(void *owner, long seq, double made) {
    struct reader *reader = owner;
    reader->hasNews = true;
    if (seq <= reader->seq) {
        load.repeated++;
        return;
    }
    reader->seq = seq;
    reader->received++;
    if (made > 0) add_sample(&load.delays, (wall() - made) * 1000);
}

// Bytes both ways, as the kernel counts them.
static void weigh(struct reader *reader) {
    struct tcp_info info;
    socklen_t length = sizeof info;
    if (getsockopt(reader->descriptor, IPPROTO_TCP, TCP_INFO, &info, &length) == 0)
        load.bytes += (double)(info.tcpi_bytes_acked + info.tcpi_bytes_received);
}

static void cut(struct reader *reader) {
    if (reader->state == CONNECTING || (reader->state == ASKED && !reader->wasOpen)) load.opening--;
    weigh(reader);
    close(reader->descriptor);
    forget(&reader->answer);
    reader->scanner = (struct scanner){0};
    reader->state = AWAY;
    reader->due = monotonic() + PAUSE;
}

static void open_reader(struct reader *reader) {
    reader->descriptor = connect_to(load.options->port, false);
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT, .data.ptr = reader};
    if (epoll_ctl(load.epoll, EPOLL_CTL_ADD, reader->descriptor, &event) < 0) fail("epoll_ctl");
    if (reader->wasOpen) load.reconnects++;
    reader->wasOpen = false;
    reader->state = CONNECTING;
    load.connections++;
    load.opening++;
}

static void ask(struct reader *reader) {
    static const char *webSocket =
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    const char *kind = load.options->kind;
    const char *extra = strcmp(kind, "ws") == 0 ? webSocket
        : strcmp(kind, "sse") == 0 ? "Accept: text/event-stream\r\n" : "Accept: application/json\r\n";
    // The first answer is not waited for: it shows that the way is open.
    char wait[32] = "";
    if (load.options->wait > 0 && reader->wasOpen)
        snprintf(wait, sizeof wait, "&wait=%g", load.options->wait);
    char request[PATH + 1024];
    int length = snprintf(
        request, sizeof request, "GET %s%ld%s HTTP/1.1\r\nHost: %s\r\n%s%s\r\n", load.path,
        reader->seq, wait, host_header(), load.options->headers, extra);
    if (send(reader->descriptor, request, (size_t)length, MSG_NOSIGNAL) != length) return cut(reader);
    load.requests++;
    reader->hasNews = false;
    reader->state = ASKED;
}

static void opened(struct reader *reader) {
    if (reader->wasOpen) return;
    reader->wasOpen = true;
    load.opening--;
}

static void rest(struct reader *reader) {
    const struct options *options = load.options;
    const char *body = reader->answer.bytes + head_length(&reader->answer);
    bool isMoving = reader->hasNews || strstr(body, "\"live\":{\"") != NULL;
    reader->due = monotonic() + (isMoving || options->rest == 0 ? options->every : options->rest);
    reader->state = RESTING;
    forget(&reader->answer);
    reader->scanner = (struct scanner){0};
}

static void read_answer(struct reader *reader) {
    struct response *answer = &reader->answer;
    size_t head = head_length(answer);
    if (head == 0) return;
    int status = status_of(answer);
    if (status != 200 && status != 101) return cut(reader);
    if (is_polling() && whole_length(answer) == 0) return;
    opened(reader);
    scan_copy(&reader->scanner, answer->bytes + head, answer->length - head, note, reader);
    if (is_polling()) return rest(reader);
    forget(answer);
    reader->state = STREAMING;
}

static void readable(struct reader *reader) {
    static char buffer[CARRY + BUFFER];
    ssize_t length = read(reader->descriptor, buffer + CARRY, BUFFER);
    if (length < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (length <= 0) return cut(reader);
    if (reader->state == STREAMING) {
        scan(&reader->scanner, buffer + CARRY, (size_t)length, note, reader);
    } else {
        add_bytes(&reader->answer, buffer + CARRY, (size_t)length);
        if (reader->state == ASKED) read_answer(reader);
    }
}

static void happen(struct reader *reader, uint32_t events) {
    if (reader->state == AWAY) return;
    if (reader->state != CONNECTING) return readable(reader);
    if (events & (EPOLLERR | EPOLLHUP)) return cut(reader);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = reader};
    if (epoll_ctl(load.epoll, EPOLL_CTL_MOD, reader->descriptor, &event) < 0) fail("epoll_ctl");
    ask(reader);
}

static void go_on(double now) {
    static double nextPong;
    static const char pong[] = {(char)0x8A, (char)0x80, 0, 0, 0, 0};
    bool isPong = strcmp(load.options->kind, "ws") == 0 && now > nextPong;
    if (isPong) nextPong = now + PONG;
    for (int i = 0; i < load.options->count; i++) {
        struct reader *reader = &load.readers[i];
        if (reader->state == RESTING && now >= reader->due) ask(reader);
        if (reader->state == AWAY && now >= reader->due && load.opening < OPENING_AT_ONCE)
            open_reader(reader);
        if (isPong && reader->state == STREAMING)
            send(reader->descriptor, pong, sizeof pong, MSG_NOSIGNAL);
    }
}

// What every reader has, and what is missing of the events from --after to the last.
static void report(void) {
    long lost = 0;
    for (int i = 0; i < load.options->count; i++) {
        struct reader *reader = &load.readers[i];
        lost += load.last - load.options->after - reader->received;
        if (reader->state != AWAY) weigh(reader);
    }
    printf("{\"requests\":%ld,\"reconnects\":%ld,\"connections\":%ld,\"bytes\":%.0f,\"lost\":%ld,"
           "\"repeated\":%ld,", load.requests, load.reconnects, load.connections, load.bytes, lost,
           load.repeated);
    print_samples("delay_ms", &load.delays);
    printf("}\n");
}

static bool all_have(long seq) {
    for (int i = 0; i < load.options->count; i++)
        if (load.readers[i].seq < seq) return false;
    return true;
}

static bool all_open(void) {
    for (int i = 0; i < load.options->count; i++)
        if (!load.readers[i].wasOpen) return false;
    return true;
}

static void hear(void) {
    char line[64];
    ssize_t length = read(0, line, sizeof line - 1);
    if (length <= 0) exit(0);
    line[length] = 0;
    if (strncmp(line, "end ", 4) != 0) return;
    load.last = atol(line + 4);
    load.end = monotonic() + load.options->seconds;
}

static void prepare(const struct options *options) {
    load.options = options;
    load.path = read_targets(options->paths, false).items[0].path;
    load.readers = calloc((size_t)options->count, sizeof *load.readers);
    load.epoll = epoll_create1(EPOLL_CLOEXEC);
    if (load.readers == NULL || load.epoll < 0) fail("start");
    // As people come: those who ask again and again do not all ask at once.
    double spread = options->every > 1 ? options->every : 1, now = monotonic();
    for (int i = 0; i < options->count; i++) {
        load.readers[i].seq = options->after;
        load.readers[i].due = now + spread * i / options->count;
    }
    struct epoll_event input = {.events = EPOLLIN, .data.ptr = NULL};
    if (epoll_ctl(load.epoll, EPOLL_CTL_ADD, 0, &input) < 0) fail("epoll_ctl");
}

int run_readers(const struct options *options) {
    prepare(options);
    bool isReady = false;
    struct epoll_event events[256];
    while (load.end == 0 || (monotonic() < load.end && !all_have(load.last))) {
        go_on(monotonic());
        if (!isReady && all_open()) {
            isReady = true;
            printf("{\"open\":%d}\n", options->count);
        }
        int count = epoll_wait(load.epoll, events, 256, 5);
        for (int i = 0; i < count; i++) {
            if (events[i].data.ptr == NULL) hear();
            else happen(events[i].data.ptr, events[i].events);
        }
    }
    report();
    return 0;
}
