// glibc's malloc.h, which Swift's Glibc module leaves out.
#pragma once
#include <malloc.h>
