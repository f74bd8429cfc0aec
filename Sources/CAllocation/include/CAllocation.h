// Counts the requests for memory that this process could not have.
#pragma once
#include <stdint.h>

/// How many requests failed so far.
uint64_t callocation_failures(void);

/// Whether so many bytes could be had just now.
int callocation_has(uint64_t bytes);
