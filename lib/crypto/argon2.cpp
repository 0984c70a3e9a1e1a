#include "crypto/argon2.h"

#include "crypto/botan_guard.h"

#include <botan/pwdhash.h>

namespace wcmp::crypto {
namespace {

constexpr std::size_t salt_bytes_min = 8;
constexpr std::uint32_t lanes_max = 128;                          // what the library does
constexpr std::uint32_t memory_kib_max = std::uint32_t{8} << 20;  // 8 GiB, likewise

bool in_range(const Argon2Cost& cost) {
    return cost.passes >= 1 && cost.lanes >= 1 && cost.lanes <= lanes_max &&
           cost.memory_kib >= 8 * cost.lanes && cost.memory_kib <= memory_kib_max;
}

}  // namespace

Result<Secret32> argon2id(std::string_view password, ByteView salt, const Argon2Cost& cost) {
    if (salt.size() < salt_bytes_min || !in_range(cost))
        return fail(Errc::invalid, "salt or cost out of range");
    return guard_botan([&] {
        Secret32 key;
        Botan::PasswordHashFamily::create_or_throw("Argon2id")
            ->from_params(cost.memory_kib, cost.passes, cost.lanes)
            ->derive_key(key.data(), key.size(), password.data(), password.size(), salt.data(), salt.size());
        return key;
    });
}

}  // namespace wcmp::crypto
