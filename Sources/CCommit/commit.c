// In a file of its own, so that another commit compiles nothing else anew.

#include "CCommit.h"

#define TEXT_OF(name) #name
#define TEXT(name) TEXT_OF(name)

#ifdef REVELA_COMMIT
const char *revela_commit(void) { return TEXT(REVELA_COMMIT); }
#else
const char *revela_commit(void) { return ""; }
#endif
