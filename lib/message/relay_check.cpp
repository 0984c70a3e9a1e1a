#include "message/relay_check.h"

#include "crypto/x25519.h"
#include "message/layout.h"

namespace wcmp::message {
namespace {

constexpr std::uint8_t suite_never_0 = 0;
constexpr std::uint8_t suite_never_255 = 255;

// Steps 1 to 5: what the header and the length say.
Result<Header> check_shape(ByteView message) {
    if (message.size() > limits::message_bytes_max) return fail(Errc::size, "longer than any message");
    WCMP_ASSIGN(const auto header, parse_header(message));
    if (header.suite == suite_never_0 || header.suite == suite_never_255)
        return fail(Errc::suite, "the first byte names a suite that is never assigned");
    if (header.suite != suite_1) {
        if (message.size() < limits::opaque_message_bytes_min)
            return fail(Errc::size, "too short for any suite");
        return header;
    }
    if (!exponents_in_range(header.body_exp, header.slot_exp))
        return fail(Errc::shape, "the sizes in the header are out of range");
    if (message.size() != message_bytes(header.body_exp, header.slot_exp))
        return fail(Errc::size, "cut off, or too long: the length is not what the header says");
    return header;
}

// Steps 7 and 8, which need a suite that is known.
Result<void> check_slots(ByteView message, const Header& header) {
    if (header.suite != suite_1) return {};
    const std::size_t count = std::size_t{1} << header.slot_exp;
    for (std::size_t i = 0; i < count; ++i)
        if (!crypto::x25519_is_canonical(slot_at(message, header, i).enc))
            return fail(Errc::encoding, "an enc is not below p");
    for (std::size_t i = 1; i < count; ++i)
        if (!std::ranges::lexicographical_compare(slot_at(message, header, i - 1).to_tag,
                                                  slot_at(message, header, i).to_tag))
            return fail(Errc::order, "to_tags do not ascend");
    return {};
}

}  // namespace

Result<void> check_structure(ByteView message) {
    WCMP_ASSIGN(const auto header, check_shape(message));
    return check_slots(message, header);
}

Result<void> check_day(Day expires, const Today& today) {
    if (expires <= today.floor) return fail(Errc::expired, "the message has expired");
    if (today.trusted && expires.number > std::uint64_t{today.trusted->number} + limits::horizon_days)
        return fail(Errc::horizon, "the message expires more than 182 days from now");
    return {};
}

Result<void> relay_check(ByteView message, const Today& today) {
    WCMP_ASSIGN(const auto header, check_shape(message));
    WCMP_TRY(check_day(header.expires, today));
    return check_slots(message, header);
}

}  // namespace wcmp::message
