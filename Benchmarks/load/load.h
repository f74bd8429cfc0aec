// What the parts of the load generator share. One program plays every client of the benchmarks, so
// that all servers meet the same one; it is plain C, since on two cores the client must cost little.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct options {
    int port;
    // What to do, a word that each command explains.
    const char *kind;
    // Connections, streams or threads.
    int count;
    // Requests a second, and for how long.
    double rate, seconds;
    // A file with one path a line; after a tab, header lines of its own or a file to send.
    const char *paths;
    // A path to get on each connection before its stream.
    const char *warm;
    // Header lines for every request, each ending with CRLF.
    char headers[1024];
    // Of readers: the event to begin after, and the seconds between two polls, and between two that find
    // nothing (0: the same), and those that the server may hold an answer.
    long after;
    double every, rest, wait;
};

// What `--paths` holds.
struct target {
    char *path;
    // After the first tab: header lines with CRLF, or the name of a file.
    char *rest;
    // Events published there so far.
    long seq;
};
struct targets {
    struct target *items;
    int count;
};
struct targets read_targets(const char *file, bool rest_is_headers);

// Milliseconds, kept to say percentiles of.
struct samples {
    float *values;
    size_t count, room;
};
void add_sample(struct samples *samples, double milliseconds);
// Prints `"name":{"n":…,"p50":…,"p99":…,"max":…}` and forgets them.
void print_samples(const char *name, struct samples *samples);

double monotonic(void);  // seconds
double wall(void);       // seconds since 1970
// RFC 3339 in UTC with milliseconds, 24 characters.
void print_time(double seconds, char text[32]);
double parse_time(const char *text);

// Where to connect from now on, by its name or address; 127.0.0.1 before.
void set_host(const char *name);
// As it stands in `Host`.
const char *host_header(void);
int connect_to(int port, bool blocking);
void fail(const char *what) __attribute__((noreturn));

// A response as far as it has come.
struct response {
    char *bytes;
    size_t length, room;
};
void add_bytes(struct response *response, const char *bytes, size_t length);
// The length of the whole head with its empty line, or 0 while it is not there.
size_t head_length(const struct response *response);
int status_of(const struct response *response);
// The value of a header, copied; false where there is none.
bool header_of(const struct response *response, const char *name, char *value, size_t room);
// The length of head and body, or 0 while it is not all there.
size_t whole_length(const struct response *response);
void forget(struct response *response);

enum { CARRY = 64 };
// What is known of the events of one connection so far.
struct scanner {
    // The end of what was read, where an event may begin.
    char carry[CARRY];
    int carried;
    // When the event whose number comes next was made; 0 where its time has not come.
    double made;
};
typedef void (*note_event)(void *owner, long seq, double made);
// `bytes` has CARRY free bytes before it.
void scan(struct scanner *scanner, char *bytes, size_t length, note_event note, void *owner);
// The same of bytes that have none before them.
void scan_copy(
    struct scanner *scanner, const char *bytes, size_t length, note_event note, void *owner);

int run_readers(const struct options *options);
int run_streams(const struct options *options);
int run_requests(const struct options *options);
int run_uploads(const struct options *options);
