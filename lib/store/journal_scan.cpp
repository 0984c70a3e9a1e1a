#include "core/crc32c.h"
#include "core/cursor.h"
#include "message/identify.h"
#include "message/layout.h"
#include "store/journal_file.h"
#include "store/journal_layout.h"

namespace wcmp::store {
namespace {

// The message of the next record; nothing when it does not verify.
std::optional<ByteView> next_message(Cursor& cursor, const JournalTurn& turn) {
    const auto length = cursor.u32();
    const auto checksum = cursor.u32();
    if (!length || !checksum) return std::nullopt;
    if (*length < limits::message_header_bytes || *length > limits::journal_message_bytes_max)
        return std::nullopt;
    const auto message = cursor.take(*length);
    if (!message || record_checksum(turn, *message) != *checksum) return std::nullopt;
    if (!cursor.take(record_bytes(*length) - record_header_bytes - *length)) return std::nullopt;
    return *message;
}

std::uint64_t last_used_byte(ByteView file) {
    const auto last = std::find_if(file.rbegin(), file.rend(), [](std::uint8_t byte) { return byte != 0; });
    return static_cast<std::uint64_t>(file.rend() - last);
}

}  // namespace

JournalScan scan_journal(ByteView file) {
    JournalScan scan;
    scan.dirty_bytes = last_used_byte(file);
    Cursor cursor(file);
    const auto magic = cursor.take(journal_magic.size());
    const auto turn = cursor.take(std::tuple_size_v<JournalTurn>);
    if (!magic || !turn || !std::ranges::equal(*magic, journal_magic)) return scan;
    std::ranges::copy(*turn, scan.turn.emplace().begin());

    message::Identifier identifier;
    scan.used_bytes = journal_header_bytes;
    while (const auto message = next_message(cursor, *scan.turn)) {
        const auto header = message::parse_header(*message);
        if (!header) break;
        const MessageKey key{header->expires, identifier.identify(*message).id};
        const auto length = static_cast<std::uint32_t>(message->size());
        scan.records.push_back({key, scan.used_bytes + record_header_bytes, length});
        scan.used_bytes += record_bytes(length);
    }
    return scan;
}

}  // namespace wcmp::store
