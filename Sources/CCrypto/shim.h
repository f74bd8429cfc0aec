// OpenSSL's SHA-1 and SHA-256 (FIPS 180-4) and its comparison in constant time.
//
// OpenSSL 3 prefers its EVP interface to these functions and would warn of them. They stay here because
// their state is plain memory: a value that Swift copies and forgets, without a context to allocate and
// free for each upload (docs/decisions/0015).
#pragma once
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
