// Each rule alone, and the order of the rules; the vectors hold one broken message for most of them.
#include "message/relay_check.h"

#include "correspondents.h"
#include "message/layout.h"

namespace wcmp::message {
namespace {

constexpr std::size_t expires_at = 33;
constexpr std::size_t body_exp_at = 37;
constexpr std::size_t slot_exp_at = 38;

Bytes good() {
    return Correspondents(1).letter();
}

MutableBytes slot(Bytes& message, std::size_t index) {
    return MutableBytes(message).subspan(prefix_bytes(10) + index * slot_bytes, slot_bytes);
}

void set_expires(Bytes& message, std::uint32_t day) {
    for (std::size_t i = 0; i < 4; ++i)
        message[expires_at + i] = static_cast<std::uint8_t>(day >> (24 - 8 * i));
}

std::string checked(const Bytes& message, const Today& today = trusted(written)) {
    return outcome(relay_check(message, today));
}

TEST(RelayCheck, TakesWhatIsWellFormed) {
    EXPECT_EQ(checked(good()), "ok");
    EXPECT_EQ(outcome(check_structure(good())), "ok");
}

TEST(RelayCheck, EveryOtherLengthIsRefused) {
    auto message = good();
    for (std::size_t length = 0; length < message.size(); ++length)
        EXPECT_EQ(outcome(check_structure(ByteView(message).first(length))), "E_SIZE");
    message.push_back(0);
    EXPECT_EQ(checked(message), "E_SIZE");
    message.resize(limits::message_bytes_max + 1);
    EXPECT_EQ(checked(message), "E_SIZE");
}

TEST(RelayCheck, ExponentsHaveARange) {
    for (int value = 0; value < 256; ++value) {
        auto message = good();
        message[body_exp_at] = static_cast<std::uint8_t>(value);
        EXPECT_EQ(checked(message), value == 10 ? "ok" : value > 10 && value <= 24 ? "E_SIZE" : "E_SHAPE");
        message = good();
        message[slot_exp_at] = static_cast<std::uint8_t>(value);
        EXPECT_EQ(checked(message), value == 2 ? "ok" : value > 2 && value <= 8 ? "E_SIZE" : "E_SHAPE");
    }
}

TEST(RelayCheck, UnknownSuitesAreCarriedUnread) {
    for (const auto suite : std::initializer_list<std::uint8_t>{2, 3, 128, 254}) {
        Bytes opaque(limits::opaque_message_bytes_min, 0xff);
        opaque[0] = suite;
        set_expires(opaque, written.number + 1);
        EXPECT_EQ(checked(opaque), "ok");
        EXPECT_EQ(outcome(check_structure(opaque)), "ok");
        set_expires(opaque, written.number);
        EXPECT_EQ(checked(opaque), "E_EXPIRED");
        opaque.pop_back();
        EXPECT_EQ(checked(opaque), "E_SIZE");
        opaque.resize(limits::message_bytes_max, 0);
        set_expires(opaque, written.number + 1);
        EXPECT_EQ(checked(opaque), "ok");
    }
}

TEST(RelayCheck, SuitesThatAreNeverAssignedAreRefusedWhateverElseIsWrong) {
    for (const auto suite : std::initializer_list<std::uint8_t>{0, 255}) {
        Bytes message(39);
        message[0] = suite;
        EXPECT_EQ(checked(message), "E_SUITE");
        EXPECT_EQ(checked(Bytes(38, suite)), "E_SIZE");
    }
}

TEST(RelayCheck, EveryEncIsBelowP) {
    for (std::size_t i = 0; i < 4; ++i) {
        auto message = good();
        slot(message, i)[31] |= 0x80;
        EXPECT_EQ(checked(message), "E_ENCODING");
        std::ranges::fill(slot(message, i).first(32), std::uint8_t{0xff});
        slot(message, i)[31] = 0x7f;
        slot(message, i)[0] = 0xed;  // p
        EXPECT_EQ(checked(message), "E_ENCODING");
        slot(message, i)[0] = 0xec;
        EXPECT_EQ(checked(message), "ok");
    }
}

TEST(RelayCheck, TagsAscendStrictly) {
    for (std::size_t i = 1; i < 4; ++i) {
        auto message = good();
        std::ranges::copy(slot(message, i).last(16), slot(message, i - 1).last(16).begin());
        EXPECT_EQ(checked(message), "E_ORDER");
        message = good();
        std::ranges::swap_ranges(slot(message, i).last(16), slot(message, i - 1).last(16));
        EXPECT_EQ(checked(message), "E_ORDER");
    }
}

TEST(RelayCheck, TheFirstErrorInTheOrderOfTheTextIsReported) {
    auto message = good();
    std::ranges::fill(slot(message, 0).last(16), std::uint8_t{0xff});
    EXPECT_EQ(checked(message), "E_ORDER");
    slot(message, 3)[31] = 0xff;
    EXPECT_EQ(checked(message), "E_ENCODING");
    set_expires(message, written.number + 183);
    EXPECT_EQ(checked(message), "E_HORIZON");
    EXPECT_EQ(outcome(check_structure(message)), "E_ENCODING");
    set_expires(message, written.number);
    EXPECT_EQ(checked(message), "E_EXPIRED");
    message.pop_back();
    EXPECT_EQ(checked(message), "E_SIZE");
    message[slot_exp_at] = 1;
    EXPECT_EQ(checked(message), "E_SHAPE");
    message[0] = 255;
    EXPECT_EQ(checked(message), "E_SUITE");
}

TEST(CheckDay, DeadFromItsDayOnTrustedOrNot) {
    for (const Today today : {trusted(written), Today{.floor = written}}) {
        EXPECT_EQ(outcome(check_day(Day{0}, today)), "E_EXPIRED");
        EXPECT_EQ(outcome(check_day(written, today)), "E_EXPIRED");
        EXPECT_EQ(outcome(check_day(Day{written.number + 1}, today)), "ok");
    }
}

TEST(CheckDay, TheHorizonNeedsATrustedClock) {
    const Day beyond{written.number + 183};
    EXPECT_EQ(outcome(check_day(Day{written.number + 182}, trusted(written))), "ok");
    EXPECT_EQ(outcome(check_day(beyond, trusted(written))), "E_HORIZON");
    EXPECT_EQ(outcome(check_day(Day{0xffff'ffff}, trusted(written))), "E_HORIZON");
    EXPECT_EQ(outcome(check_day(beyond, Today{.floor = written})), "ok");
    EXPECT_EQ(outcome(check_day(Day{0xffff'ffff}, Today{.floor = written})), "ok");
    EXPECT_EQ(outcome(check_day(beyond, Today{.floor = written, .trusted = Day{written.number + 1}})), "ok");
    EXPECT_EQ(outcome(check_day(Day{0xffff'ffff}, trusted(Day{0xffff'fff0}))), "ok");
}

}  // namespace
}  // namespace wcmp::message
