#include "crypto/secret.h"

#include "crypto/botan_guard.h"

#include <botan/mem_ops.h>

namespace wcmp::crypto {

void wipe(MutableBytes bytes) {
    if (!bytes.empty()) Botan::secure_scrub_memory(bytes.data(), bytes.size());
}

bool equal_constant_time(ByteView a, ByteView b) {
    return a.size() == b.size() && Botan::constant_time_compare(a.data(), b.data(), a.size());
}

}  // namespace wcmp::crypto
