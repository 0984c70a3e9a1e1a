#include "client/recognition_record.h"

#include "core/writer.h"

#include <gtest/gtest.h>

namespace wcmp::client {
namespace {

void put_record(Bytes& to, std::uint8_t slot_exp, std::size_t tags, std::uint16_t length_off_by = 0) {
    Writer out(to);
    out.u16(static_cast<std::uint16_t>(106 + 16 * tags + length_off_by));
    out.u8(1);
    out.u8(slot_exp);
    out.u32(21'000);
    out.u32(1543);
    out.bytes(Bytes(32, 0xaa));
    out.bytes(Bytes(32, 0xbb));
    out.bytes(Bytes(16, 0xcc));
    out.bytes(Bytes(16, 0xdd));
    for (std::size_t i = 0; i < tags; ++i) out.bytes(Bytes(16, static_cast<std::uint8_t>(i)));
}

std::size_t count(ByteView bytes) {
    std::size_t records = 0;
    if (!read_recognition(bytes, [&](const RecognitionRecord&) { ++records; })) return 0;
    return records;
}

TEST(RecognitionRecord, IsReadAsWritten) {
    Bytes bytes;
    put_record(bytes, 2, 4);
    put_record(bytes, 8, 256);
    std::vector<std::size_t> tags;
    ASSERT_TRUE(read_recognition(bytes, [&](const RecognitionRecord& record) {
        tags.push_back(record.to_tags.size());
        EXPECT_TRUE(record.known_suite);
        EXPECT_EQ(record.expires, Day{21'000});
        EXPECT_EQ(record.message_bytes, 1543U);
        EXPECT_EQ(record.digest.bytes[0], 0xbb);
        EXPECT_EQ(record.to_tags[1].bytes[15], 1);
    }));
    EXPECT_EQ(tags, (std::vector<std::size_t>{4, 256}));
}

TEST(RecognitionRecord, OfAnUnknownSuiteEndsAfterTheId) {
    Bytes bytes;
    Writer out(bytes);
    out.u16(42);
    out.u8(7);
    out.u8(255);
    out.u32(21'000);
    out.u32(300);
    out.bytes(Bytes(32, 0xaa));
    ASSERT_TRUE(read_recognition(bytes, [](const auto& record) { EXPECT_FALSE(record.known_suite); }));
    EXPECT_EQ(count(bytes), 1U);
}

TEST(RecognitionRecord, IsRefusedWhenTheRelayBreaksTheFormat) {
    for (const std::uint8_t exponent : std::initializer_list<std::uint8_t>{0, 1, 3, 9, 254}) {
        Bytes bytes;
        put_record(bytes, exponent, 4);
        EXPECT_EQ(count(bytes), 0U) << int{exponent};
    }
    Bytes bytes;
    put_record(bytes, 2, 4);
    for (std::size_t length = 1; length < bytes.size(); ++length)
        EXPECT_EQ(count(ByteView(bytes).first(length)), 0U) << length;
    Bytes longer;
    put_record(longer, 2, 4, 1);
    longer.push_back(0);
    EXPECT_EQ(count(longer), 0U);
}

}  // namespace
}  // namespace wcmp::client
