// The one way in which a message leaves a bundle: verified.
#include "bundle/read_ahead.h"
#include "bundle/reader.h"
#include "message/layout.h"
#include "message/relay_check.h"

namespace wcmp::bundle {

Result<Digest> verify_message(ByteView message, const MessageKey& key, message::Identifier& identifier) {
    const auto identity = identifier.identify(message);
    if (identity.id != key.id) return fail(Errc::wrong_hash, "a message is not what its id says");
    WCMP_TRY(message::check_structure(message));
    WCMP_ASSIGN(const auto header, message::parse_header(message));
    if (header.expires != key.day) return fail(Errc::bundle, "a message stands under another day");
    return identity.digest;
}

Result<Reader::Message> Reader::read_message(const Entry& entry, message::Identifier& identifier,
                                             Bytes& buffer) const {
    if (entry.length < limits::message_header_bytes || entry.length > limits::message_bytes_max ||
        entry.length > header_.file_bytes)
        return fail(Errc::bundle, "a message is not inside its bundle");
    buffer.resize(entry.length);
    WCMP_TRY(read_run(*this, entry.offset, buffer));
    WCMP_ASSIGN(const Digest digest, verify_message(buffer, entry.key, identifier));
    return Message{.bytes = buffer, .digest = digest};
}

}  // namespace wcmp::bundle
