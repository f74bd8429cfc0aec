// zlib, whose initialisers are macros that Swift cannot call.
#pragma once
#include <stddef.h>
#include <zlib.h>

// Writes all of `input` as one gzip stream (RFC 1952) at the best level. Returns its length, or 0
// where it does not fit into `room` bytes or there is no memory for it.
static inline size_t revela_gzip(const void *input, size_t count, void *output, size_t room) {
    z_stream stream = {0};
    const int with_gzip_header = MAX_WBITS + 16;
    if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, with_gzip_header, MAX_MEM_LEVEL,
                     Z_DEFAULT_STRATEGY) != Z_OK)
        return 0;
    stream.next_in = (Bytef *)input;
    stream.avail_in = (uInt)count;
    stream.next_out = (Bytef *)output;
    stream.avail_out = (uInt)room;
    const int status = deflate(&stream, Z_FINISH);
    const size_t written = stream.total_out;
    deflateEnd(&stream);
    return status == Z_STREAM_END ? written : 0;
}
