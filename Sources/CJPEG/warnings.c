// libvips calls `jpeg_start_decompress` before the first pixel is decoded. This definition stands
// before the library's in the dynamic linker's order (ld.so(8), "symbol interposition"): it has
// libjpeg tell its warnings to a listener first, and goes on with the library's own.
#define _GNU_SOURCE
#include "CJPEG.h"
#include <dlfcn.h>
#include <stdatomic.h>
#include <stdio.h>

#include <jpeglib.h>

#include <jerror.h>

typedef void (*emit_function)(j_common_ptr, int);

static _Atomic(emit_function) next;
static atomic_bool made_up;

/// Below zero the level means a warning: the data is flawed.
static void listen(j_common_ptr info, int level) {
    if (level < 0 && info->err->msg_code == JWRN_HIT_MARKER) atomic_store(&made_up, true);
    atomic_load(&next)(info, level);
}

boolean jpeg_start_decompress(j_decompress_ptr info) {
    boolean (*library)(j_decompress_ptr) =
        (boolean(*)(j_decompress_ptr))dlsym(RTLD_NEXT, "jpeg_start_decompress");
    if (info->err->emit_message != listen) {
        atomic_store(&next, info->err->emit_message);
        info->err->emit_message = listen;
    }
    return library(info);
}

void cjpeg_begin(void) { atomic_store(&made_up, false); }

bool cjpeg_made_up_pixels(void) { return atomic_load(&made_up); }

bool cjpeg_is_listening(void) { return atomic_load(&next) != NULL; }
