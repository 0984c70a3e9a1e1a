#include "settings/byte_size.h"

#include "settings/spelling.h"

#include <vector>

#include <gtest/gtest.h>

namespace wcmp::settings {
namespace {

TEST(ByteSize, IsANumberAndAUnit) {
    EXPECT_EQ(parse_byte_size("0 B"), 0u);
    EXPECT_EQ(parse_byte_size("1543B"), 1543u);
    EXPECT_EQ(parse_byte_size("3 KiB"), 3072u);
    EXPECT_EQ(parse_byte_size("512 MiB"), std::uint64_t{512} << 20);
    EXPECT_EQ(parse_byte_size("4GiB"), std::uint64_t{4} << 30);
    EXPECT_EQ(parse_byte_size("2 TiB"), std::uint64_t{2} << 40);
    EXPECT_EQ(parse_byte_size("8388607 TiB"), std::uint64_t{8388607} << 40);
}

TEST(ByteSize, AnythingElseIsNone) {
    for (const auto* text :
         {"", " ", "5", "B", "MiB", "5 MB", "5 mib", "5  MiB", " 5 MiB", "5 MiB ", "-5 MiB", "+5 B",
          "1.5 GiB", "0x10 B", "8388608 TiB", "18446744073709551616 B", "5 MiBB"})
        EXPECT_FALSE(parse_byte_size(text)) << text;
}

TEST(ByteSize, IsShownInTheLargestWholeUnit) {
    for (const auto* text : {"0 B", "1543 B", "1 KiB", "1025 B", "512 MiB", "4 GiB", "2 TiB"})
        EXPECT_EQ(byte_size_text(parse_byte_size(text).value()), text);
}

TEST(Spelling, FindsTheNearestWord) {
    const std::vector<std::string> known{"bytes_max", "keep_free_bytes", "path"};
    EXPECT_EQ(nearest("byte_max", known), "bytes_max");
    EXPECT_EQ(nearest("max_bytes", known), "");
    EXPECT_EQ(nearest("keepfreebytes", known), "keep_free_bytes");
    EXPECT_EQ(nearest("pth", known), "path");
    EXPECT_EQ(nearest("path", known), "path");
    EXPECT_EQ(nearest("something_else", known), "");
    EXPECT_EQ(nearest("", known), "");
    EXPECT_EQ(nearest(std::string(100'000, 'x'), known), "");
    EXPECT_EQ(nearest("x", {}), "");
}

}  // namespace
}  // namespace wcmp::settings
