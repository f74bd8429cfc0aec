// libwebp's encoder, called directly because libvips hides its progress hook. libvips links the
// same library, so this adds nothing to the process.
#pragma once
#include <webp/encode.h>

/// Gets a percentage, not linear in time; false stops the encoder.
typedef int (*cwebp_progress)(int percent, void *context);
/// Takes encoded bytes; false stops the encoder.
typedef int (*cwebp_write)(const uint8_t *bytes, size_t size, void *context);

struct cwebp_sink {
    cwebp_progress progress;
    cwebp_write write;
    void *context;
};

static inline int cwebp_on_progress(int percent, const WebPPicture *picture) {
    struct cwebp_sink *sink = (struct cwebp_sink *)picture->user_data;
    return sink->progress(percent, sink->context);
}

static inline int cwebp_on_write(const uint8_t *bytes, size_t size, const WebPPicture *picture) {
    struct cwebp_sink *sink = (struct cwebp_sink *)picture->custom_ptr;
    return sink->write(bytes, size, sink->context);
}

/// Encodes packed 8-bit pixels, RGB or RGBA, with 1 to 4 segments: kinds of places that are quantized
/// differently. 0, or a WebPEncodingError, or -1.
static inline int cwebp_encode(
    const uint8_t *pixels, int width, int height, int has_alpha, float quality, int method,
    int segments, struct cwebp_sink sink) {
    WebPConfig config;
    WebPPicture picture;
    if (!WebPConfigInit(&config) || !WebPPictureInit(&picture)) return -1;
    config.quality = quality;
    config.method = method;
    config.segments = segments;
    if (!WebPValidateConfig(&config)) return -1;
    picture.width = width;
    picture.height = height;
    picture.writer = cwebp_on_write;
    picture.custom_ptr = &sink;
    picture.progress_hook = cwebp_on_progress;
    picture.user_data = &sink;
    int good = has_alpha ? WebPPictureImportRGBA(&picture, pixels, width * 4)
                         : WebPPictureImportRGB(&picture, pixels, width * 3);
    if (good) good = WebPEncode(&config, &picture);
    int error = good ? 0 : (picture.error_code ? (int)picture.error_code : -1);
    WebPPictureFree(&picture);
    return error;
}
