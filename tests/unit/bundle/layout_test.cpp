#include "bundle/layout.h"

#include "core/writer.h"

#include <gtest/gtest.h>

namespace wcmp::bundle {
namespace {

Header sound_header() {
    Header header;
    header.days = 3;
    header.messages = 6;
    header.messages_offset = 64 + 8 * 3 + 40 * 6;
    header.file_bytes = header.messages_offset + 6 * 1543;
    header.index_hash.bytes.fill(0xab);
    return header;
}

Errc error_of(const Header& header, std::uint64_t size) {
    const auto parsed = parse_header(encode_header(header), size);
    EXPECT_EQ(classify_header(encode_header(header), size), parsed ? HeaderKind::valid : HeaderKind::damaged);
    return parsed ? Errc{} : parsed.error().code;
}

TEST(Layout, ReadsWhatItWrites) {
    const auto header = sound_header();
    const auto parsed = parse_header(encode_header(header), header.file_bytes);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(encode_header(*parsed), encode_header(header));
    EXPECT_EQ(parsed->index_offset(), 64u + 24);
    EXPECT_EQ(classify_header(encode_header(header), header.file_bytes), HeaderKind::valid);
}

TEST(Layout, WritesTheBytesOfTheText) {
    const auto bytes = encode_header(sound_header());
    EXPECT_EQ(std::string(bytes.begin(), bytes.begin() + 8), "WCMPBDL1");
    EXPECT_EQ(bytes[19], 3);
    EXPECT_EQ(bytes[23], 6);
    EXPECT_EQ(bytes[30] * 256 + bytes[31], 64 + 24 + 240);
}

TEST(Layout, EveryFieldIsComparedWithTheFile) {
    const auto sound = sound_header();
    const auto altered = [&](auto change) {
        Header header = sound;
        change(header);
        return error_of(header, sound.file_bytes);
    };
    EXPECT_EQ(altered([](Header& h) { ++h.file_bytes; }), Errc::bundle);
    EXPECT_EQ(altered([](Header& h) { --h.file_bytes; }), Errc::bundle);
    EXPECT_EQ(altered([](Header& h) { h.days = 0; }), Errc::bundle);
    EXPECT_EQ(altered([](Header& h) { h.days = 7; }), Errc::bundle);
    EXPECT_EQ(altered([](Header& h) { h.days = ~std::uint32_t{0}; }), Errc::bundle);
    EXPECT_EQ(altered([](Header& h) { h.messages = 0; }), Errc::bundle);
    EXPECT_EQ(altered([](Header& h) { ++h.messages; }), Errc::bundle);
    EXPECT_EQ(altered([](Header& h) { h.messages = ~std::uint32_t{0}; }), Errc::bundle);
    EXPECT_EQ(altered([](Header& h) { ++h.messages_offset; }), Errc::bundle);
    EXPECT_EQ(altered([](Header& h) { h.messages_offset = h.file_bytes + 1; }), Errc::bundle);
    EXPECT_EQ(altered([](Header& h) { h.messages_offset = ~std::uint64_t{0}; }), Errc::bundle);
}

TEST(Layout, LimitsHold) {
    Header header = sound_header();
    header.days = limits::bundle_days_max;
    header.messages = limits::bundle_messages_max;
    header.messages_offset = file_bytes(header.days, header.messages, 0);
    header.file_bytes = limits::bundle_bytes_limit - 1;
    EXPECT_EQ(error_of(header, header.file_bytes), Errc{});
    ++header.file_bytes;
    EXPECT_EQ(error_of(header, header.file_bytes), Errc::bundle) << "2^32 bytes";
    --header.file_bytes;
    ++header.days;
    header.messages_offset += 8;
    EXPECT_EQ(error_of(header, header.file_bytes), Errc::bundle) << "4097 days";
    --header.days;
    ++header.messages;
    header.messages_offset += 40 - 8;
    EXPECT_EQ(error_of(header, header.file_bytes), Errc::bundle) << "2^24 + 1 messages";
}

TEST(Layout, TheIndexMustFitIntoTheFile) {
    Header header = sound_header();
    header.file_bytes = header.messages_offset - 1;
    EXPECT_EQ(error_of(header, header.file_bytes), Errc::bundle);
}

TEST(Layout, WhatAFileCanBe) {
    const auto sound = sound_header();
    const auto bytes = encode_header(sound);
    const Bytes zeros(64);
    EXPECT_EQ(classify_header({}, 0), HeaderKind::void_file);
    EXPECT_EQ(classify_header(ByteView(bytes).first(63), 63), HeaderKind::void_file);
    EXPECT_EQ(classify_header(zeros, 64), HeaderKind::void_file);
    EXPECT_EQ(classify_header(zeros, sound.file_bytes), HeaderKind::void_file);
    EXPECT_EQ(classify_header(ByteView(bytes).first(10), sound.file_bytes), HeaderKind::damaged);
    auto later = bytes;
    later[7] = '2';
    EXPECT_EQ(classify_header(later, sound.file_bytes), HeaderKind::unknown_format);
    EXPECT_EQ(parse_header(later, sound.file_bytes).error().code, Errc::bundle);
    auto torn = zeros;
    torn[63] = 1;
    EXPECT_EQ(classify_header(torn, 64), HeaderKind::unknown_format);
}

TEST(Layout, ShorterThanAHeaderIsNoBundle) {
    const auto bytes = encode_header(sound_header());
    for (std::size_t length = 0; length < bytes.size(); ++length)
        EXPECT_EQ(parse_header(ByteView(bytes).first(length), length).error().code, Errc::bundle);
}

}  // namespace
}  // namespace wcmp::bundle
