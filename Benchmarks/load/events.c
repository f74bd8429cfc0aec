// The events in what a server sends: JSON with the time `at` which each was made and, after it, its
// `seq`. The same scan reads SSE, WebSocket frames and the answers of polls, for all carry the JSON as it is.
#define _GNU_SOURCE
#include "load.h"

#include <stdlib.h>
#include <string.h>

// What must be there, from the start of its name, to read a time or a number.
enum { TIME_ROOM = 30, SEQ_ROOM = 24 };

static void note_time(struct scanner *scanner, const char *start, const char *end) {
    const char *at = memmem(start, (size_t)(end - start), "\"at\":\"", 6);
    if (at != NULL && end - at >= TIME_ROOM) scanner->made = parse_time(at + 6);
}

void scan(struct scanner *scanner, char *bytes, size_t length, note_event note, void *owner) {
    char *start = bytes - scanner->carried, *end = bytes + length;
    memcpy(start, scanner->carry, (size_t)scanner->carried);
    char *event;
    while ((event = memmem(start, (size_t)(end - start), "\"seq\":", 6)) != NULL
           && end - event >= SEQ_ROOM) {
        note_time(scanner, start, event);
        note(owner, atol(event + 6), scanner->made);
        scanner->made = 0;
        start = event + 6;
    }
    note_time(scanner, start, end);
    if (end - start >= TIME_ROOM) start = end - TIME_ROOM + 1;
    scanner->carried = (int)(end - start);
    memcpy(scanner->carry, start, (size_t)scanner->carried);
}

void scan_copy(
    struct scanner *scanner, const char *bytes, size_t length, note_event note, void *owner
) {
    char *copy = malloc(CARRY + length);
    if (copy == NULL) fail("memory");
    memcpy(copy + CARRY, bytes, length);
    scan(scanner, copy + CARRY, length, note, owner);
    free(copy);
}
