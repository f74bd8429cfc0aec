// What Swift cannot see in libvips: variadic functions, GObject's cast macros and signals.
// Everything is static inline, so the system library needs no target of its own.
#pragma once
#include <malloc.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <vips/vips.h>

// VIPS_INIT also checks that the headers and the library fit together.
static inline int cvips_start(void) { return VIPS_INIT("revela-worker"); }

static inline void cvips_unref(void *object) { g_object_unref(object); }

// MARK: Operations, by name and by argument, as in `vips_call` but without variadics.

/// Sets a numeric, boolean, enum or flags argument. -1 when there is none of that name, or the
/// value is outside its range: g_object_set_property would only warn and take the default.
static inline int cvips_set_number(VipsOperation *operation, const char *name, double number) {
    GParamSpec *spec = g_object_class_find_property(G_OBJECT_GET_CLASS(operation), name);
    if (!spec) return -1;
    GType type = G_PARAM_SPEC_VALUE_TYPE(spec);
    GValue value = G_VALUE_INIT;
    g_value_init(&value, type);
    if (G_TYPE_IS_ENUM(type)) g_value_set_enum(&value, (gint)number);
    else if (G_TYPE_IS_FLAGS(type)) g_value_set_flags(&value, (guint)number);
    else if (type == G_TYPE_BOOLEAN) g_value_set_boolean(&value, number != 0);
    else if (type == G_TYPE_INT) g_value_set_int(&value, (gint)number);
    else if (type == G_TYPE_INT64) g_value_set_int64(&value, (gint64)number);
    else if (type == G_TYPE_UINT64) g_value_set_uint64(&value, (guint64)number);
    else if (type == G_TYPE_DOUBLE) g_value_set_double(&value, number);
    else {
        g_value_unset(&value);
        return -1;
    }
    // TRUE means that the value had to be changed to be valid.
    gboolean changed = g_param_value_validate(spec, &value);
    if (!changed) g_object_set_property(G_OBJECT(operation), name, &value);
    g_value_unset(&value);
    return changed ? -1 : 0;
}

/// Sets an argument of any type from text; enums by nickname, arrays by blanks.
static inline int cvips_set_text(VipsOperation *operation, const char *name, const char *text) {
    if (!g_object_class_find_property(G_OBJECT_GET_CLASS(operation), name)) return -1;
    return vips_object_set_argument_from_string(VIPS_OBJECT(operation), name, text);
}

static inline int cvips_set_object(VipsOperation *operation, const char *name, void *object) {
    if (!g_object_class_find_property(G_OBJECT_GET_CLASS(operation), name)) return -1;
    GValue value = G_VALUE_INIT;
    g_value_init(&value, G_TYPE_OBJECT);
    g_value_set_object(&value, object);
    g_object_set_property(G_OBJECT(operation), name, &value);
    g_value_unset(&value);
    return 0;
}

static inline int cvips_set_numbers(
    VipsOperation *operation, const char *name, const double *numbers, int count) {
    if (!g_object_class_find_property(G_OBJECT_GET_CLASS(operation), name)) return -1;
    GValue value = G_VALUE_INIT;
    g_value_init(&value, VIPS_TYPE_ARRAY_DOUBLE);
    vips_value_set_array_double(&value, numbers, count);
    g_object_set_property(G_OBJECT(operation), name, &value);
    g_value_unset(&value);
    return 0;
}

static inline int cvips_build(VipsOperation *operation) {
    return vips_object_build(VIPS_OBJECT(operation));
}

/// The image output of that name with a reference of the caller's own, or NULL.
static inline VipsImage *cvips_output(VipsOperation *operation, const char *name) {
    GValue value = G_VALUE_INIT;
    g_value_init(&value, VIPS_TYPE_IMAGE);
    g_object_get_property(G_OBJECT(operation), name, &value);
    VipsImage *image = (VipsImage *)g_value_dup_object(&value);
    g_value_unset(&value);
    return image;
}

static inline void cvips_end(VipsOperation *operation) {
    vips_object_unref_outputs(VIPS_OBJECT(operation));
    g_object_unref(operation);
}

// MARK: Images

static inline int cvips_has(VipsImage *image, const char *field) {
    return vips_image_get_typeof(image, field) != 0;
}

/// Copies one field of metadata, where there is one.
static inline void cvips_copy_field(VipsImage *from, VipsImage *to, const char *field) {
    GValue value = G_VALUE_INIT;
    if (!cvips_has(from, field) || vips_image_get(from, field, &value)) return;
    vips_image_set(to, field, &value);
    g_value_unset(&value);
}

/// Bytes a pixel.
static inline size_t cvips_pixel_size(VipsImage *image) { return VIPS_IMAGE_SIZEOF_PEL(image); }

typedef void (*cvips_progress)(VipsImage *, VipsProgress *, void *);

/// Calls `progress` about once for each 16 rows while the image is computed.
static inline unsigned long cvips_watch(VipsImage *image, cvips_progress progress, void *context) {
    vips_image_set_progress(image, TRUE);
    return g_signal_connect_data(
        image, "eval", G_CALLBACK(progress), context, NULL, (GConnectFlags)0);
}

static inline void cvips_unwatch(VipsImage *image, unsigned long handler) {
    g_signal_handler_disconnect(image, handler);
    vips_image_set_progress(image, FALSE);
}

// MARK: Sources and targets of our own

typedef gint64 (*cvips_read)(VipsSourceCustom *, void *, gint64, void *);
typedef gint64 (*cvips_seek)(VipsSourceCustom *, gint64, int, void *);
typedef gint64 (*cvips_write)(VipsTargetCustom *, const void *, gint64, void *);

/// Called with the context once libvips is done with the stream.
typedef void (*cvips_release)(void *, GClosure *);

static inline VipsSource *_Nonnull cvips_source(
    cvips_read read, cvips_seek seek, cvips_release release, void *context) {
    VipsSourceCustom *source = vips_source_custom_new();
    g_signal_connect_data(source, "read", G_CALLBACK(read), context, release, (GConnectFlags)0);
    g_signal_connect_data(source, "seek", G_CALLBACK(seek), context, NULL, (GConnectFlags)0);
    return VIPS_SOURCE(source);
}

static inline VipsTarget *_Nonnull cvips_target(
    cvips_write write, cvips_release release, void *context) {
    VipsTargetCustom *target = vips_target_custom_new();
    g_signal_connect_data(target, "write", G_CALLBACK(write), context, release, (GConnectFlags)0);
    return VIPS_TARGET(target);
}

/// A memory file, as memfd_create(2), which headers hide behind _GNU_SOURCE.
static inline int cvips_memory_file(void) {
    return (int)syscall(SYS_memfd_create, "sample", 1u /* MFD_CLOEXEC */);
}

/// fstat(2) itself: some versions of glibc call newfstatat(2) for it, which takes names as well and
/// so is denied in the sandbox.
static inline int cvips_file_status(int descriptor, struct stat *status) {
    return (int)syscall(SYS_fstat, descriptor, status);
}

/// Gives the memory of freed pictures back to the system.
static inline void cvips_trim(void) { malloc_trim(0); }
