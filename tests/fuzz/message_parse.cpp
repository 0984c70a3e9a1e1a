// Hostile bytes as a relay meets them: the check, the header, the slots, the two hashes. What passes must be
// consistent with the text, and no byte outside the input may be read.
#include "crypto/sha256.h"
#include "message/admission.h"
#include "message/identify.h"
#include "message/layout.h"
#include "message/relay_check.h"

#include <cstdlib>

namespace {

using namespace wcmp;
using namespace wcmp::message;

void require(bool holds) {
    if (!holds) std::abort();
}

void check_suite_1(ByteView input, const Header& header) {
    require(input.size() == message_bytes(header.body_exp, header.slot_exp));
    for (std::size_t i = 0; i < std::size_t{1} << header.slot_exp; ++i) {
        const auto slot = slot_at(input, header, i);
        require((slot.enc.back() & 0x80) == 0);
        require(slot.to_tag.data() + slot.to_tag.size() <= input.data() + input.size() - signature_bytes);
    }
}

void check_carried(ByteView input) {
    const auto header = parse_header(input);
    require(header.has_value());
    if (header->suite == suite_1)
        check_suite_1(input, *header);
    else
        require(input.size() >= limits::opaque_message_bytes_min);
}

// The two ways of checking agree: the relay check is the structure and the day.
void check_agreement(ByteView input, const Today& today) {
    const auto whole = relay_check(input, today);
    const auto structure = check_structure(input);
    const auto header = parse_header(input);
    const bool parts = structure && header && check_day(header->expires, today);
    require(whole.has_value() == parts);
    if (!whole) require(is_format_class(whole.error().code));
    if (whole) {
        const auto verdict = admit(header->expires, input.size(), AdmissionRules{}, today);
        require(verdict == Verdict::admitted || verdict == Verdict::too_large);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input(data, size);
    if (check_structure(input)) check_carried(input);
    check_agreement(input, {.floor = Day{20'000}, .trusted = Day{20'000}});
    check_agreement(input, {.floor = Day{20'000}});
    require(Identifier().identify(input).id.bytes == crypto::sha256(input));
    return 0;
}
