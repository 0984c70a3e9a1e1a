#include "bundle/layout.h"

#include "core/cursor.h"
#include "core/writer.h"

#include <algorithm>

namespace wcmp::bundle {
namespace {

constexpr std::array<std::uint8_t, 8> magic{'W', 'C', 'M', 'P', 'B', 'D', 'L', '1'};

std::unexpected<Error> damaged(std::string_view what) {
    return fail(Errc::bundle, what);
}

Result<Header> read_fields(ByteView start) {
    Cursor cursor(start);
    WCMP_ASSIGN(const ByteView found, cursor.take(magic.size()));
    if (!std::ranges::equal(found, magic)) return damaged("not a bundle");
    Header header;
    WCMP_ASSIGN(header.file_bytes, cursor.u64());
    WCMP_ASSIGN(header.days, cursor.u32());
    WCMP_ASSIGN(header.messages, cursor.u32());
    WCMP_ASSIGN(header.messages_offset, cursor.u64());
    WCMP_ASSIGN(header.index_hash, cursor.fixed<IndexHash>());
    return header;
}

}  // namespace

HeaderKind classify_header(ByteView start, std::uint64_t file_size) {
    if (file_size < limits::bundle_header_bytes) return HeaderKind::void_file;
    if (start.size() < limits::bundle_header_bytes) return HeaderKind::damaged;
    const ByteView fields = start.first(limits::bundle_header_bytes);
    if (std::ranges::all_of(fields, [](std::uint8_t byte) { return byte == 0; }))
        return HeaderKind::void_file;
    if (!std::ranges::equal(fields.first(magic.size()), magic)) return HeaderKind::unknown_format;
    return parse_header(fields, file_size) ? HeaderKind::valid : HeaderKind::damaged;
}

Result<Header> parse_header(ByteView start, std::uint64_t file_size) {
    const auto fields = read_fields(start);
    if (!fields) return damaged(fields.error().what);
    const Header& header = *fields;
    if (header.file_bytes != file_size || file_size >= limits::bundle_bytes_limit)
        return damaged("a bundle's length is not the file's");
    if (header.days < 1 || header.days > limits::bundle_days_max || header.days > header.messages)
        return damaged("a bundle's number of days is out of range");
    if (header.messages > limits::bundle_messages_max)
        return damaged("a bundle's number of messages is out of range");
    if (header.messages_offset != bundle::file_bytes(header.days, header.messages, 0))
        return damaged("a bundle's messages start elsewhere");
    if (header.messages_offset > file_size) return damaged("a bundle is shorter than its index");
    return header;
}

std::array<std::uint8_t, limits::bundle_header_bytes> encode_header(const Header& header) {
    std::array<std::uint8_t, limits::bundle_header_bytes> result{};
    const MutableBytes into(result);
    std::ranges::copy(magic, into.begin());
    put_number(into.subspan(8), header.file_bytes);
    put_number(into.subspan(16), header.days);
    put_number(into.subspan(20), header.messages);
    put_number(into.subspan(24), header.messages_offset);
    std::ranges::copy(header.index_hash.bytes, into.begin() + 32);
    return result;
}

}  // namespace wcmp::bundle
