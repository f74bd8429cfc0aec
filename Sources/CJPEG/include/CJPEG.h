// What libjpeg says while libvips decodes a JPEG. libvips hands on nothing but the first warning, as
// text, and a file's missing pixels can come behind a harmless one.
#pragma once
#include <stdbool.h>

/// Forgets what was counted. One decode at a time, on whichever thread.
void cjpeg_begin(void);

/// Whether pixels were made up since `cjpeg_begin`, because the data ended before them.
bool cjpeg_made_up_pixels(void);

/// Whether libjpeg's warnings pass through here at all, once something was decoded.
bool cjpeg_is_listening(void);
