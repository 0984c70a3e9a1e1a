#include "core/crc32c.h"
#include "core/writer.h"
#include "message/layout.h"
#include "store/sidecar.h"
#include "store/sidecar_layout.h"

#include <cerrno>

namespace wcmp::store {
namespace {

void write_unknown(Writer& writer, std::uint8_t suite) {
    writer.u8(suite);
    writer.u8(slot_exp_unknown);
}

// The message has passed the relay check, so suite 1 has all its slots.
Result<void> write_record(Writer& writer, const bundle::Reader::Message& message) {
    WCMP_ASSIGN(const auto header, message::parse_header(message.bytes));
    if (header.suite != message::suite_1) {
        write_unknown(writer, header.suite);
        return {};
    }
    writer.u8(header.suite);
    writer.u8(header.slot_exp);
    writer.bytes(message.digest.view());
    writer.bytes(header.nonce1.view());
    writer.bytes(header.from_tag.view());
    for (std::size_t slot = 0; slot < std::size_t{1} << header.slot_exp; ++slot)
        writer.bytes(message::slot_at(message.bytes, header, slot).to_tag);
    return {};
}

// One place of the medium that gives nothing, while the rest does.
bool is_unreadable(const Result<bundle::Reader::Message>& message) {
    return !message && message.error().os_error == EIO;
}

// A message that is damaged or cannot be read is named like one of an unknown suite: whoever fetches it is
// told that it is gone.
Result<void> add_record(Writer& writer, const Result<bundle::Reader::Message>& message) {
    if (message) return write_record(writer, *message);
    const auto code = message.error().code;
    if (!is_format_class(code) && code != Errc::wrong_hash && !is_unreadable(message))
        return std::unexpected(message.error());
    write_unknown(writer, 0);
    return {};
}

// All messages in index order; answers how many could not be read.
Result<std::size_t> add_records(Writer& writer, const std::shared_ptr<const bundle::Reader>& bundle) {
    bundle::IndexStream index(bundle, limits::drive_read_bytes);
    message::Identifier identifier;
    Bytes buffer;
    std::size_t unreadable = 0;
    unsigned in_a_row = 0;
    while (true) {
        WCMP_ASSIGN(const auto entry, index.next());
        if (!entry) return unreadable;
        const auto message = bundle->read_message(*entry, identifier, buffer);
        in_a_row = is_unreadable(message) ? in_a_row + 1 : 0;
        if (in_a_row >= limits::unreadable_in_a_row_max) return std::unexpected(message.error());
        unreadable += is_unreadable(message) ? 1 : 0;
        WCMP_TRY(add_record(writer, message));
    }
}

}  // namespace

Result<BuiltSidecar> build_sidecar(const std::shared_ptr<const bundle::Reader>& bundle) {
    BuiltSidecar built;
    Writer writer(built.bytes);
    writer.bytes(sidecar_magic);
    writer.bytes(bundle->header().index_hash.view());
    writer.u32(bundle->header().messages);
    writer.u32(0);  // the checksum, below
    WCMP_ASSIGN(built.unreadable, add_records(writer, bundle));
    const auto records = ByteView(built.bytes).subspan(sidecar_header_bytes);
    put_number(MutableBytes(built.bytes).subspan(sidecar_header_bytes - 4, 4), crc32c(records));
    return built;
}

}  // namespace wcmp::store
