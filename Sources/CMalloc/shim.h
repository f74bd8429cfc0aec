// malloc_trim (malloc_trim(3)) is glibc's own, and not in Swift's Glibc module.
#include <malloc.h>
