#include "message/layout.h"

#include "correspondents.h"

namespace wcmp::message {
namespace {

static_assert(message_bytes(10, 2) == limits::message_bytes_min);
static_assert(message_bytes(24, 8) == 16'801'927);
static_assert(message_bytes(20, 8) < 1'114'112);
static_assert(prefix_bytes(10) + 4 * slot_bytes + signature_bytes == message_bytes(10, 2));
static_assert(ct_at == enc_at + enc_bytes && to_tag_at == ct_at + ct_bytes &&
              slot_bytes == to_tag_at + HintTag::size);
static_assert(exponents_in_range(10, 2) && exponents_in_range(24, 8));
static_assert(!exponents_in_range(9, 2) && !exponents_in_range(25, 2));
static_assert(!exponents_in_range(10, 1) && !exponents_in_range(10, 9));

// Every byte its own number, so that a field tells where it was read.
Bytes numbered(std::size_t length) {
    Bytes result(length);
    for (std::size_t i = 0; i < length; ++i) result[i] = static_cast<std::uint8_t>(i);
    return result;
}

TEST(Layout, HeaderFieldsStandWhereTheTextSays) {
    const auto header = parse_header(numbered(39)).value();
    EXPECT_EQ(header.suite, 0);
    EXPECT_EQ(header.nonce1.bytes.front(), 1);
    EXPECT_EQ(header.nonce1.bytes.back(), 16);
    EXPECT_EQ(header.from_tag.bytes.front(), 17);
    EXPECT_EQ(header.from_tag.bytes.back(), 32);
    EXPECT_EQ(header.expires.number, 0x21222324u);
    EXPECT_EQ(header.body_exp, 37);
    EXPECT_EQ(header.slot_exp, 38);
}

TEST(Layout, AHeaderNeeds39Bytes) {
    for (std::size_t length = 0; length < 39; ++length)
        EXPECT_EQ(parse_header(numbered(length)).error().code, Errc::size);
}

TEST(Layout, SlotsFollowThePrefix) {
    const auto message = numbered(message_bytes(10, 2));
    const Header header{.body_exp = 10, .slot_exp = 2};
    for (std::size_t i = 0; i < 4; ++i) {
        const auto slot = slot_at(message, header, i);
        const auto start = message.data() + 39 + 1024 + 32 + 96 * i;
        EXPECT_EQ(slot.enc.data(), start);
        EXPECT_EQ(slot.enc.size(), 32u);
        EXPECT_EQ(slot.ct.data(), start + 32);
        EXPECT_EQ(slot.ct.size(), 48u);
        EXPECT_EQ(slot.to_tag.data(), start + 80);
        EXPECT_EQ(slot.to_tag.size(), 16u);
    }
}

}  // namespace
}  // namespace wcmp::message
