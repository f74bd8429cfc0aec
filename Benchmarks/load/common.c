// Clocks, samples, lists of targets, and just enough of HTTP/1.1 (RFC 9112) to read an answer.
#define _GNU_SOURCE
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

void fail(const char *what) {
    fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    exit(70);
}

static double seconds_of(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

double monotonic(void) { return seconds_of(CLOCK_MONOTONIC); }
double wall(void) { return seconds_of(CLOCK_REALTIME); }

void print_time(double seconds, char text[32]) {
    time_t whole = (time_t)seconds;
    struct tm parts;
    gmtime_r(&whole, &parts);
    size_t used = strftime(text, 32, "%Y-%m-%dT%H:%M:%S", &parts);
    snprintf(text + used, 32 - used, ".%03dZ", (int)((seconds - (double)whole) * 1000) % 1000);
}

double parse_time(const char *text) {
    struct tm parts = {0};
    double second = 0;
    if (sscanf(text, "%4d-%2d-%2dT%2d:%2d:%lfZ", &parts.tm_year, &parts.tm_mon, &parts.tm_mday,
               &parts.tm_hour, &parts.tm_min, &second) != 6)
        return 0;
    parts.tm_year -= 1900;
    parts.tm_mon -= 1;
    return (double)timegm(&parts) + second;
}

// Samples

void add_sample(struct samples *samples, double milliseconds) {
    if (samples->count == samples->room) {
        samples->room = samples->room ? 2 * samples->room : 1024;
        samples->values = realloc(samples->values, samples->room * sizeof *samples->values);
        if (samples->values == NULL) fail("memory");
    }
    samples->values[samples->count++] = (float)milliseconds;
}

static int compare(const void *left, const void *right) {
    float a = *(const float *)left, b = *(const float *)right;
    return (a > b) - (a < b);
}

void print_samples(const char *name, struct samples *samples) {
    size_t count = samples->count;
    printf("\"%s\":{\"n\":%zu", name, count);
    if (count > 0) {
        qsort(samples->values, count, sizeof *samples->values, compare);
        printf(",\"p50\":%.3f,\"p95\":%.3f,\"p99\":%.3f,\"max\":%.3f", samples->values[count / 2],
               samples->values[(size_t)((double)(count - 1) * 0.95)],
               samples->values[(size_t)((double)(count - 1) * 0.99)], samples->values[count - 1]);
    }
    printf("}");
    samples->count = 0;
}

// Targets

static char *headers_from(const char *text) {
    char *headers = calloc(1, 2 * strlen(text) + 3);
    if (headers == NULL) fail("memory");
    for (char *end = headers; *text; text++) {
        if (*text == '\t') { *end++ = '\r'; *end++ = '\n'; } else { *end++ = *text; }
    }
    return strcat(headers, "\r\n");
}

struct targets read_targets(const char *file, bool rest_is_headers) {
    FILE *stream = fopen(file, "r");
    if (stream == NULL) fail(file);
    struct targets targets = {0};
    char *line = NULL;
    size_t room = 0;
    while (getline(&line, &room, stream) > 0) {
        line[strcspn(line, "\n")] = 0;
        targets.items = realloc(targets.items, (size_t)(targets.count + 1) * sizeof(struct target));
        if (targets.items == NULL) fail("memory");
        char *tab = strchr(line, '\t');
        if (tab) *tab = 0;
        targets.items[targets.count++] = (struct target){
            .path = strdup(line),
            .rest = tab ? (rest_is_headers ? headers_from(tab + 1) : strdup(tab + 1)) : strdup(""),
        };
    }
    free(line);
    fclose(stream);
    if (targets.count == 0) fail("no targets");
    return targets;
}

// Connections and answers

static struct sockaddr_storage address = {.ss_family = AF_INET};
static socklen_t address_length;
static const char *host = "127.0.0.1";
static char with_port[300];

void set_host(const char *name) {
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found;
    int error = getaddrinfo(name, NULL, &hints, &found);
    if (error != 0) {
        fprintf(stderr, "load: %s: %s\n", name, gai_strerror(error));
        exit(70);
    }
    memcpy(&address, found->ai_addr, found->ai_addrlen);
    address_length = found->ai_addrlen;
    host = name;
    freeaddrinfo(found);
}

const char *host_header(void) { return with_port; }

int connect_to(int port, bool blocking) {
    if (address_length == 0) set_host(host);
    if (with_port[0] == 0)
        snprintf(with_port, sizeof with_port, strchr(host, ':') ? "[%s]:%d" : "%s:%d", host, port);
    // The port lies at the same place in the addresses of both families.
    ((struct sockaddr_in *)&address)->sin_port = htons((uint16_t)port);
    int one = 1, flags = SOCK_STREAM | SOCK_CLOEXEC | (blocking ? 0 : SOCK_NONBLOCK);
    int descriptor = socket(address.ss_family, flags, 0);
    if (descriptor < 0) fail("socket");
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(descriptor, (struct sockaddr *)&address, address_length) < 0
        && errno != EINPROGRESS)
        fail("connect");
    return descriptor;
}

void add_bytes(struct response *response, const char *bytes, size_t length) {
    if (response->length + length + 1 > response->room) {
        response->room = 2 * (response->length + length) + 1024;
        response->bytes = realloc(response->bytes, response->room);
        if (response->bytes == NULL) fail("memory");
    }
    memcpy(response->bytes + response->length, bytes, length);
    response->length += length;
    response->bytes[response->length] = 0;
}

void forget(struct response *response) {
    free(response->bytes);
    *response = (struct response){0};
}

size_t head_length(const struct response *response) {
    if (response->length == 0) return 0;
    char *end = memmem(response->bytes, response->length, "\r\n\r\n", 4);
    return end ? (size_t)(end - response->bytes) + 4 : 0;
}

int status_of(const struct response *response) {
    return response->length > 12 ? atoi(response->bytes + 9) : 0;
}

bool header_of(const struct response *response, const char *name, char *value, size_t room) {
    size_t length = strlen(name);
    const char *end = response->bytes + head_length(response);
    for (const char *line = strstr(response->bytes, "\r\n"); line && line + 4 < end;
         line = strstr(line + 2, "\r\n")) {
        const char *field = line + 2;
        if (strncasecmp(field, name, length) != 0 || field[length] != ':') continue;
        const char *start = field + length + 1 + strspn(field + length + 1, " ");
        snprintf(value, room, "%.*s", (int)strcspn(start, "\r"), start);
        return true;
    }
    return false;
}

size_t whole_length(const struct response *response) {
    size_t head = head_length(response);
    if (head == 0) return 0;
    int status = status_of(response);
    char value[64];
    if (status == 204 || status == 304 || status == 101) return head;
    if (header_of(response, "content-length", value, sizeof value)) {
        size_t whole = head + (size_t)atol(value);
        return response->length >= whole ? whole : 0;
    }
    if (header_of(response, "transfer-encoding", value, sizeof value)) {
        bool ended = response->length >= head + 5
            && memcmp(response->bytes + response->length - 5, "0\r\n\r\n", 5) == 0;
        return ended ? response->length : 0;
    }
    return head;
}
