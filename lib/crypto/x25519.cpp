#include "crypto/x25519.h"

#include "crypto/botan_guard.h"
#include "crypto/field25519.h"

#if __has_include(<botan/x25519.h>)
#include <botan/x25519.h>
#else
#include <botan/curve25519.h>
#endif

namespace wcmp::crypto {
namespace {

// The two points of order 8 (https://cr.yp.to/ecdh.html, "validation").
constexpr Bytes32 order_8_a{0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3,
                            0xfa, 0xf1, 0x9f, 0xc4, 0x6a, 0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32,
                            0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00};
constexpr Bytes32 order_8_b{0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1,
                            0x55, 0x9c, 0x83, 0xef, 0x5b, 0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c,
                            0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57};

constexpr std::array<Bytes32, 5> low_order{small_number(0), small_number(1), order_8_a, order_8_b,
                                           prime_minus(1)};

}  // namespace

Result<X25519Public> x25519_public_key(ByteView secret) {
    if (secret.size() != 32) return fail(Errc::invalid, "an X25519 secret has 32 bytes");
    return guard_botan([&] {
        X25519Public result;
        Botan::curve25519_basepoint(result.data(), secret.data());
        return result;
    });
}

Result<Secret32> x25519(ByteView secret, ByteView public_key) {
    if (secret.size() != 32 || public_key.size() != 32)
        return fail(Errc::invalid, "X25519 keys have 32 bytes");
    Secret32 shared;
    WCMP_TRY(guard_botan([&] { Botan::curve25519_donna(shared.data(), secret.data(), public_key.data()); }));
    if (equal_constant_time(shared.view(), Bytes32{}))
        return fail(Errc::invalid, "the shared secret is zero");
    return shared;
}

bool x25519_is_canonical(ByteView public_key) {
    return public_key.size() == 32 && less_little_endian(public_key, prime_minus(0));
}

bool x25519_is_strict(ByteView public_key) {
    return x25519_is_canonical(public_key) && std::ranges::none_of(low_order, [&](const Bytes32& point) {
               return std::ranges::equal(point, public_key);
           });
}

}  // namespace wcmp::crypto
