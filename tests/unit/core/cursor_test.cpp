#include "core/cursor.h"

#include "core/ids.h"
#include "core/writer.h"

#include <gtest/gtest.h>

namespace wcmp::core {
namespace {

const Bytes input{0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f};

TEST(Cursor, ReadsBigEndian) {
    Cursor cursor(input);
    EXPECT_EQ(cursor.u8().value(), 0x01);
    EXPECT_EQ(cursor.u16().value(), 0x0203);
    EXPECT_EQ(cursor.u32().value(), 0x04050607u);
    EXPECT_EQ(cursor.u64().value(), 0x08090a0b0c0d0e0fu);
    EXPECT_EQ(cursor.remaining(), 0u);
    EXPECT_TRUE(cursor.finish());
}

TEST(Cursor, NeverReadsBeyondTheEnd) {
    for (std::size_t length = 0; length < 8; ++length) {
        const auto view = ByteView(input).first(length);
        EXPECT_EQ(Cursor(view).u8().has_value(), length >= 1);
        EXPECT_EQ(Cursor(view).u16().has_value(), length >= 2);
        EXPECT_EQ(Cursor(view).u32().has_value(), length >= 4);
        const auto number = Cursor(view).u64();
        EXPECT_EQ(number.error().code, Errc::truncated);
    }
}

TEST(Cursor, AFailureTakesNothing) {
    Cursor cursor(ByteView(input).first(3));
    EXPECT_FALSE(cursor.u32());
    EXPECT_FALSE(cursor.take(4));
    EXPECT_EQ(cursor.remaining(), 3u);
    EXPECT_EQ(cursor.u16().value(), 0x0102);
}

TEST(Cursor, TakesViewsOfTheInput) {
    Cursor cursor(input);
    const auto view = cursor.take(4).value();
    EXPECT_EQ(view.data(), input.data());
    EXPECT_EQ(view.size(), 4u);
    EXPECT_TRUE(cursor.take(0).value().empty());
    EXPECT_EQ(cursor.take(~std::size_t{0}).error().code, Errc::truncated);
    EXPECT_EQ(cursor.remaining(), 11u);
}

TEST(Cursor, ReadsFixedBytes) {
    using Four = FixedBytes<struct FourTag, 4>;
    Cursor cursor(ByteView(input).first(6));
    EXPECT_EQ(cursor.fixed<Four>().value(), (Four{{1, 2, 3, 4}}));
    EXPECT_EQ(cursor.fixed<Four>().error().code, Errc::truncated);
}

TEST(Cursor, SizedBytesHaveALimit) {
    Bytes bytes{0, 0, 0, 3, 'a', 'b', 'c', 'd'};
    Cursor cursor(bytes);
    const auto view = cursor.sized_bytes(3).value();
    EXPECT_EQ(Bytes(view.begin(), view.end()), (Bytes{'a', 'b', 'c'}));
    EXPECT_EQ(cursor.remaining(), 1u);
    EXPECT_EQ(Cursor(bytes).sized_bytes(2).error().code, Errc::too_large);
    bytes[3] = 5;
    EXPECT_EQ(Cursor(bytes).sized_bytes(100).error().code, Errc::truncated);
    bytes[0] = 0xff;
    EXPECT_EQ(Cursor(bytes).sized_bytes(100).error().code, Errc::too_large);
    EXPECT_EQ(Cursor(ByteView(bytes).first(3)).sized_bytes(100).error().code, Errc::truncated);
}

TEST(Cursor, FinishRefusesTrailingBytes) {
    Cursor cursor(ByteView(input).first(2));
    EXPECT_EQ(cursor.finish().error().code, Errc::invalid);
    EXPECT_TRUE(cursor.u16());
    EXPECT_TRUE(cursor.finish());
    EXPECT_TRUE(Cursor({}).finish());
}

TEST(Writer, WritesWhatTheCursorReads) {
    Bytes bytes{0xee};  // appends
    Writer writer(bytes);
    writer.u8(0x01);
    writer.u16(0x0203);
    writer.u32(0x04050607);
    writer.u64(0x08090a0b0c0d0e0f);
    EXPECT_EQ(Bytes(bytes.begin() + 1, bytes.end()), input);
    writer.zeros(2);
    writer.bytes(ByteView(input).first(1));
    EXPECT_EQ(Bytes(bytes.end() - 3, bytes.end()), (Bytes{0, 0, 1}));
}

TEST(PutNumber, WritesInPlace) {
    Bytes bytes(9, 0xee);
    put_number(MutableBytes(bytes).subspan(1), std::uint32_t{0x01020304});
    EXPECT_EQ(bytes, (Bytes{0xee, 1, 2, 3, 4, 0xee, 0xee, 0xee, 0xee}));
    put_number(MutableBytes(bytes).subspan(1), std::uint64_t{0x1112131415161718});
    EXPECT_EQ(bytes, (Bytes{0xee, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18}));
}

}  // namespace
}  // namespace wcmp::core
