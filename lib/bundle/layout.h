// The fields of a bundle file (BUNDLE.md, section 1).
#pragma once

#include "core/error.h"
#include "core/ids.h"
#include "core/limits.h"

namespace wcmp::bundle {

struct Header {
    std::uint64_t file_bytes = 0;
    std::uint32_t days = 0;
    std::uint32_t messages = 0;
    std::uint64_t messages_offset = 0;
    IndexHash index_hash;

    std::uint64_t index_offset() const {
        return limits::bundle_header_bytes + limits::bundle_day_bytes * std::uint64_t{days};
    }
};

struct DayCount {
    Day day;
    std::uint32_t count = 0;

    auto operator<=>(const DayCount&) const = default;
};

// Where a message stands in its bundle.
struct Entry {
    MessageKey key;
    std::uint32_t offset = 0;  // from the start of the messages
    std::uint32_t length = 0;

    auto operator<=>(const Entry&) const = default;
};

enum class HeaderKind : std::uint8_t {
    valid,
    void_file,       // shorter than a header, or 64 zero bytes: a write that was cut off
    unknown_format,  // another magic: belongs to the future
    damaged,         // our magic, and something in it does not fit
};

// What the first 64 bytes (or fewer) of a file of this size are.
HeaderKind classify_header(ByteView start, std::uint64_t file_size);

// E_BUNDLE when a field does not fit the file's size or the limits.
Result<Header> parse_header(ByteView start, std::uint64_t file_size);
std::array<std::uint8_t, limits::bundle_header_bytes> encode_header(const Header& header);

// The size of a file of so many days and messages, whose messages have so many bytes in all.
constexpr std::uint64_t file_bytes(std::uint64_t days, std::uint64_t messages, std::uint64_t message_bytes) {
    return limits::bundle_header_bytes + limits::bundle_day_bytes * days +
           limits::bundle_entry_bytes * messages + message_bytes;
}

// What a message adds to a file at most: its entry, and a day of its own.
constexpr std::uint64_t file_bytes_with(std::uint64_t message_bytes) {
    return limits::bundle_day_bytes + limits::bundle_entry_bytes + message_bytes;
}

}  // namespace wcmp::bundle
