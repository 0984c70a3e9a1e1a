// The bytes of a journal file (lib/bundle/BUNDLE.md, section 6). For the journal's own sources.
#pragma once

#include "core/crc32c.h"
#include "core/limits.h"
#include "core/writer.h"
#include "store/journal_file.h"

namespace wcmp::store {

inline constexpr std::array<std::uint8_t, 8> journal_magic{'W', 'C', 'M', 'P', 'J', 'N', 'L', '1'};
inline constexpr std::size_t journal_header_bytes = 8 + std::tuple_size_v<JournalTurn>;
inline constexpr std::size_t record_header_bytes = 8;

// Of a whole record, padding included.
constexpr std::size_t record_bytes(std::size_t message_bytes) {
    return (record_header_bytes + message_bytes + 7) / 8 * 8;
}
static_assert(journal_header_bytes % 8 == 0);
static_assert(journal_header_bytes + record_bytes(limits::journal_message_bytes_max) <=
              limits::journal_file_bytes);

// Over turn || length || message: a record of an earlier turn never verifies.
inline std::uint32_t record_checksum(const JournalTurn& turn, ByteView message) {
    std::array<std::uint8_t, 4> length{};
    put_number(length, static_cast<std::uint32_t>(message.size()));
    return crc32c(message, crc32c(length, crc32c(turn)));
}

inline void write_record(Writer& writer, const JournalTurn& turn, ByteView message) {
    writer.u32(static_cast<std::uint32_t>(message.size()));
    writer.u32(record_checksum(turn, message));
    writer.bytes(message);
    writer.zeros(record_bytes(message.size()) - record_header_bytes - message.size());
}

}  // namespace wcmp::store
