// The check that Botan's check_key() does not make: it answers true for every 32 bytes.
#include "crypto/botan_guard.h"
#include "crypto/ed25519.h"
#include "crypto/field25519.h"

#include <botan/bigint.h>
#include <botan/numthry.h>

namespace wcmp::crypto {
namespace {

// y of the points of order 8; the others of small order have y = 1, p - 1 and 0.
constexpr Bytes32 order_8_y_a{0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4,
                              0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6,
                              0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05};
constexpr Bytes32 order_8_y_b{0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b,
                              0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39,
                              0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a};

// Whatever the sign bit, a point with one of these y is of small order, or is no point (x = 0 with the sign).
constexpr std::array<Bytes32, 5> small_order_y{small_number(0), small_number(1), prime_minus(1), order_8_y_a,
                                               order_8_y_b};

Botan::BigInt number(ByteView little_endian) {
    const std::vector<std::uint8_t> big_endian(little_endian.rbegin(), little_endian.rend());
    return Botan::BigInt::decode(big_endian.data(), big_endian.size());
}

// x^2 = (y^2 - 1) / (d y^2 + 1) has a root exactly when the product of the two has one.
bool on_curve(ByteView y_bytes) {
    static const auto p = number(prime_minus(0));
    static const Botan::BigInt d("0x52036CEE2B6FFE738CC740797779E89800700A4D4141D8AB75EB4DCA135978A3");
    const auto y = number(y_bytes);
    const Botan::BigInt y_squared = y * y % p;
    const Botan::BigInt product = (y_squared + p - 1) * (d * y_squared + 1) % p;
    return Botan::jacobi(product, p) == 1;  // 0 is x = 0, which is of small order
}

}  // namespace

Result<bool> ed25519_is_strict(ByteView public_key) {
    if (public_key.size() != 32) return false;
    Bytes32 y;
    std::ranges::copy(public_key, y.begin());
    y.back() &= 0x7f;
    if (!less_little_endian(y, prime_minus(0)) || std::ranges::find(small_order_y, y) != small_order_y.end())
        return false;
    return guard_botan([&] { return on_curve(y); });
}

}  // namespace wcmp::crypto
