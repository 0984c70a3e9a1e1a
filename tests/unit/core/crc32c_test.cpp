#include "core/crc32c.h"

#include "core/random.h"

#include <numeric>
#include <string_view>

#include <gtest/gtest.h>

namespace wcmp::core {
namespace {

// One bit at a time, as the definition says.
std::uint32_t slow_crc32c(ByteView bytes) {
    std::uint32_t crc = ~std::uint32_t{0};
    for (const auto byte : bytes) {
        crc ^= byte;
        for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82f63b78u : 0u);
    }
    return ~crc;
}

// RFC 3720, appendix B.4.
TEST(Crc32c, HasTheValuesOfRfc3720) {
    EXPECT_EQ(crc32c(Bytes(32, 0x00)), 0x8a9136aau);
    EXPECT_EQ(crc32c(Bytes(32, 0xff)), 0x62a8ab43u);
    Bytes ascending(32);
    std::iota(ascending.begin(), ascending.end(), std::uint8_t{0});
    EXPECT_EQ(crc32c(ascending), 0x46dd794eu);
    EXPECT_EQ(crc32c(Bytes(ascending.rbegin(), ascending.rend())), 0x113fdb5cu);
    const Bytes read_command{0x01, 0xc0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
                             0x00, 0x00, 0x00, 0x00, 0x14, 0x00, 0x00, 0x00, 0x00, 0x00, 0x04, 0x00,
                             0x00, 0x00, 0x00, 0x14, 0x00, 0x00, 0x00, 0x18, 0x28, 0x00, 0x00, 0x00,
                             0x00, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00};
    EXPECT_EQ(crc32c(read_command), 0xd9963a56u);
}

TEST(Crc32c, HasTheUsualCheckValue) {
    constexpr std::string_view digits = "123456789";
    EXPECT_EQ(crc32c(Bytes(digits.begin(), digits.end())), 0xe3069283u);
    EXPECT_EQ(crc32c({}), 0u);
}

TEST(Crc32c, AgreesWithTheDefinitionAtEveryLength) {
    SeededRandom random(1);
    for (std::size_t length = 0; length < 100; ++length) {
        Bytes bytes(length);
        ASSERT_TRUE(random.fill(bytes));
        EXPECT_EQ(crc32c(bytes), slow_crc32c(bytes)) << length;
    }
}

TEST(Crc32c, GoesOnFromAPart) {
    SeededRandom random(2);
    Bytes bytes(77);
    ASSERT_TRUE(random.fill(bytes));
    const ByteView view(bytes);
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut)
        EXPECT_EQ(crc32c(view.subspan(cut), crc32c(view.first(cut))), crc32c(view));
}

TEST(Crc32c, SeesEveryFlippedBit) {
    Bytes bytes(40, 0x5a);
    const auto before = crc32c(bytes);
    for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
        bytes[bit / 8] = static_cast<std::uint8_t>(bytes[bit / 8] ^ (1u << (bit % 8)));
        EXPECT_NE(crc32c(bytes), before);
        bytes[bit / 8] = static_cast<std::uint8_t>(bytes[bit / 8] ^ (1u << (bit % 8)));
    }
}

}  // namespace
}  // namespace wcmp::core
