#include "crypto/secret.h"

#include <new>

#include <gtest/gtest.h>

namespace wcmp::crypto {
namespace {

TEST(Secret, WipeLeavesZeros) {
    Bytes bytes(100, 0xaa);
    wipe(MutableBytes(bytes).subspan(10, 50));
    EXPECT_TRUE(std::all_of(bytes.begin() + 10, bytes.begin() + 60, [](auto byte) { return byte == 0; }));
    EXPECT_EQ(bytes[9], 0xaa);
    EXPECT_EQ(bytes[60], 0xaa);
    wipe({});
}

TEST(Secret, ComparesAsBytesDo) {
    const Bytes a{1, 2, 3};
    EXPECT_TRUE(equal_constant_time(a, a));
    EXPECT_TRUE(equal_constant_time({}, {}));
    EXPECT_FALSE(equal_constant_time(a, Bytes{1, 2}));
    for (std::size_t i = 0; i < a.size(); ++i) {
        auto b = a;
        b[i] ^= 0x80;
        EXPECT_FALSE(equal_constant_time(a, b));
    }
}

TEST(Secret, IsWipedWhenItGoes) {
    alignas(Secret32) std::array<std::uint8_t, sizeof(Secret32)> place{};
    auto* secret = new (place.data()) Secret32;
    std::ranges::fill(secret->writable(), std::uint8_t{0x55});
    EXPECT_EQ(place[5], 0x55);
    secret->~Secret();
    EXPECT_EQ(place, decltype(place){});
}

TEST(Secret, AScopeWipesUnlessReleased) {
    Bytes gone(8, 1), kept(8, 1);
    {
        const WipeOnExit wiped(gone);
        WipeOnExit released(kept);
        released.release();
    }
    EXPECT_EQ(gone, Bytes(8));
    EXPECT_EQ(kept, Bytes(8, 1));
}

}  // namespace
}  // namespace wcmp::crypto
