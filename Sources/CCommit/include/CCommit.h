// The commit that the program was built from.
#pragma once

/// Its abbreviated name, or an empty string where the build was not told (Package.swift).
const char *revela_commit(void);
