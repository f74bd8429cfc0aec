// libjpeg asks `jpeg_std_error` for the functions that take its messages, and programs set their own
// afterwards; libvips leaves `emit_message` as it is. This definition stands before the library's in
// the dynamic linker's order (ld.so(8), "symbol interposition") and puts a listener there.
#define _GNU_SOURCE
#include "CJPEG.h"
#include <dlfcn.h>
#include <stdatomic.h>
#include <stdio.h>

#include <jpeglib.h>

#include <jerror.h>

typedef struct jpeg_error_mgr *(*standard_error)(struct jpeg_error_mgr *);

static _Atomic(void (*)(j_common_ptr, int)) standard_emit;
static atomic_bool made_up;

/// Below zero the level means a warning: the data is flawed.
static void emit_message(j_common_ptr info, int level) {
    if (level < 0 && info->err->msg_code == JWRN_HIT_MARKER) atomic_store(&made_up, true);
    atomic_load(&standard_emit)(info, level);
}

struct jpeg_error_mgr *jpeg_std_error(struct jpeg_error_mgr *manager) {
    standard_error library = (standard_error)dlsym(RTLD_NEXT, "jpeg_std_error");
    library(manager);
    atomic_store(&standard_emit, manager->emit_message);
    manager->emit_message = emit_message;
    return manager;
}

void cjpeg_begin(void) { atomic_store(&made_up, false); }

bool cjpeg_made_up_pixels(void) { return atomic_load(&made_up); }

bool cjpeg_is_listening(void) { return atomic_load(&standard_emit) != NULL; }
