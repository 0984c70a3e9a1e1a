#include "message/layout.h"

#include "core/cursor.h"

namespace wcmp::message {

Result<Header> parse_header(ByteView message) {
    if (message.size() < limits::message_header_bytes)
        return fail(Errc::size, "too short for a message: the header is not whole");
    Cursor cursor(message);
    Header header;
    WCMP_ASSIGN(header.suite, cursor.u8());
    WCMP_ASSIGN(header.nonce1, cursor.fixed<Nonce1>());
    WCMP_ASSIGN(header.from_tag, cursor.fixed<HintTag>());
    WCMP_ASSIGN(header.expires.number, cursor.u32());
    WCMP_ASSIGN(header.body_exp, cursor.u8());
    WCMP_ASSIGN(header.slot_exp, cursor.u8());
    return header;
}

SlotView slot_at(ByteView message, const Header& header, std::size_t index) {
    const auto slot = message.subspan(prefix_bytes(header.body_exp) + index * slot_bytes, slot_bytes);
    return {slot.subspan(enc_at, enc_bytes), slot.subspan(ct_at, ct_bytes), slot.subspan(to_tag_at)};
}

}  // namespace wcmp::message
