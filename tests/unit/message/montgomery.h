// Where on Curve25519 a 32-byte u stands: an oracle for tests, slow and not constant time.
#pragma once

#include "core/bytes.h"

namespace wcmp::message::montgomery {

__extension__ using Wide = unsigned __int128;

// A number modulo p = 2^255 - 19 in four limbs, little-endian; any value below 2^256 stands for its rest.
struct Element {
    std::array<std::uint64_t, 4> limbs{};
};

inline std::uint64_t low(Wide value) {
    return static_cast<std::uint64_t>(value);
}

// 2^256 is 38 modulo p.
inline Element fold(Element a, std::uint64_t above) {
    while (above != 0) {
        Wide carry = Wide{above} * 38;
        for (auto& limb : a.limbs) {
            carry += limb;
            limb = low(carry);
            carry >>= 64;
        }
        above = low(carry);
    }
    return a;
}

inline Element operator+(const Element& a, const Element& b) {
    Element sum;
    Wide carry = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        carry += Wide{a.limbs[i]} + b.limbs[i];
        sum.limbs[i] = low(carry);
        carry >>= 64;
    }
    return fold(sum, low(carry));
}

inline Element operator*(const Element& a, const Element& b) {
    std::array<std::uint64_t, 8> product{};
    for (std::size_t i = 0; i < 4; ++i) {
        Wide carry = 0;
        for (std::size_t j = 0; j < 4; ++j) {
            carry += Wide{a.limbs[i]} * b.limbs[j] + product[i + j];
            product[i + j] = low(carry);
            carry >>= 64;
        }
        product[i + 4] = low(carry);
    }
    Element result;
    Wide carry = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        carry += Wide{product[i + 4]} * 38 + product[i];
        result.limbs[i] = low(carry);
        carry >>= 64;
    }
    return fold(result, low(carry));
}

inline Element number(std::uint64_t value) {
    return {{value, 0, 0, 0}};
}

// p - 1, by which a factor is made negative.
inline Element minus_one() {
    return {{0xffff'ffff'ffff'ffec, ~std::uint64_t{0}, ~std::uint64_t{0}, 0x7fff'ffff'ffff'ffff}};
}

inline Element operator-(const Element& a, const Element& b) {
    return a + minus_one() * b;
}

inline bool is_zero(const Element& a) {
    // 0, p and 2p are the three forms of zero below 2^256.
    const auto is = [&a](std::uint64_t first, std::uint64_t middle, std::uint64_t last) {
        return a.limbs == std::array{first, middle, middle, last};
    };
    constexpr auto ones = ~std::uint64_t{0};
    return is(0, 0, 0) || is(ones - 18, ones, ones >> 1) || is(ones - 37, ones, ones);
}

inline Element decode(ByteView little_endian) {
    Element result;
    for (std::size_t i = 0; i < 32; ++i)
        result.limbs[i / 8] |= std::uint64_t{little_endian[i]} << (8 * (i % 8));
    return result;
}

inline bool bit(const Element& a, int index) {
    const auto at = static_cast<std::size_t>(index);
    return (a.limbs[at / 64] >> (at % 64) & 1) != 0;
}

inline Element power(const Element& base, const Element& exponent) {
    Element result = number(1);
    for (int i = 255; i >= 0; --i) {
        result = result * result;
        if (bit(exponent, i)) result = result * base;
    }
    return result;
}

// u^3 + 486662 u^2 + u is a square: otherwise u is on the twist.
inline bool on_curve(ByteView u_bytes) {
    const auto u = decode(u_bytes);
    const auto right = u * (u * u + number(486662) * u + number(1));
    const Element half{{0xffff'ffff'ffff'fff6, ~std::uint64_t{0}, ~std::uint64_t{0}, 0x3fff'ffff'ffff'ffff}};
    return is_zero(power(right, half) - number(1));
}

// L times the point is nothing: the ladder of RFC 7748, section 5, without clamping.
inline bool has_prime_order(ByteView u_bytes) {
    const Element order{{0x5812631a5cf5d3ed, 0x14def9dea2f79cd6, 0, 0x1000000000000000}};
    const auto u = decode(u_bytes);
    Element x2 = number(1), z2, x3 = u, z3 = number(1);
    for (int i = 252; i >= 0; --i) {
        const bool swap = bit(order, i);
        if (swap) {
            std::swap(x2, x3);
            std::swap(z2, z3);
        }
        const auto a = x2 + z2, b = x2 - z2, c = x3 + z3, d = x3 - z3;
        const auto aa = a * a, bb = b * b, e = aa - bb, da = d * a, cb = c * b;
        x3 = (da + cb) * (da + cb);
        z3 = u * ((da - cb) * (da - cb));
        x2 = aa * bb;
        z2 = e * (aa + number(121665) * e);
        if (swap) {
            std::swap(x2, x3);
            std::swap(z2, z3);
        }
    }
    return is_zero(z2);
}

}  // namespace wcmp::message::montgomery
