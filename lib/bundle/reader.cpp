#include "bundle/reader.h"

#include "bundle/entry_codec.h"
#include "core/cursor.h"

#include <algorithm>

namespace wcmp::bundle {
namespace {

// What a file promised and does not hold is the bundle's fault, not the medium's.
Result<void> read_promised(const io::ReadableFile& file, std::uint64_t offset, MutableBytes into) {
    auto read = io::read_exactly(file, offset, into);
    if (!read && read.error().code == Errc::truncated)
        return fail(Errc::bundle, "a bundle is shorter than it says");
    return read;
}

Result<void> check_name(const Name& given, const Name& computed) {
    if (given != computed) return fail(Errc::bundle, "a bundle's name is not its own");
    return {};
}

// Decodes a day table whose size the header gave, and checks it against the number of messages.
Result<std::vector<DayCount>> parse_day_table(ByteView table, const Header& header) {
    Cursor cursor(table);
    std::vector<DayCount> days;
    days.reserve(header.days);
    std::uint64_t total = 0;
    for (std::uint32_t i = 0; i < header.days; ++i) {
        DayCount day;
        WCMP_ASSIGN(day.day.number, cursor.u32());
        WCMP_ASSIGN(day.count, cursor.u32());
        if (day.count == 0) return fail(Errc::bundle, "a day without messages");
        if (!days.empty() && day.day <= days.back().day)
            return fail(Errc::bundle, "a bundle's days are not ascending");
        total += day.count;
        days.push_back(day);
    }
    if (total != header.messages) return fail(Errc::bundle, "a bundle's days count other messages");
    return days;
}

}  // namespace

Result<std::shared_ptr<Reader>> Reader::open(std::unique_ptr<io::ReadableFile> file,
                                             std::optional<Name> name) {
    WCMP_ASSIGN(const io::FileStatus status, file->status());
    std::array<std::uint8_t, first_read_bytes> buffer;
    WCMP_ASSIGN(const std::size_t got, file->read_at(0, buffer));
    const auto start = ByteView(buffer).first(got);
    WCMP_ASSIGN(const Header header, parse_header(start, status.size));

    std::shared_ptr<Reader> reader(new Reader);
    reader->file_ = std::move(file);
    reader->header_ = header;
    WCMP_TRY(reader->read_day_table(start.subspan(limits::bundle_header_bytes)));
    reader->name_ = name_of(reader->days_.front().day, reader->days_.back().day, header.index_hash);
    if (name) WCMP_TRY(check_name(*name, reader->name_));
    return reader;
}

// `start` is what was read behind the header already, and perhaps all of it.
Result<void> Reader::read_day_table(ByteView start) {
    const std::size_t table_bytes = header_.days * limits::bundle_day_bytes;
    Bytes table;
    if (start.size() < table_bytes) {
        table.resize(table_bytes);
        WCMP_TRY(read_promised(*file_, limits::bundle_header_bytes, table));
        start = table;
    }
    WCMP_ASSIGN(days_, parse_day_table(start.first(table_bytes), header_));
    first_of_day_.reserve(days_.size() + 1);
    std::uint32_t position = 0;
    for (const auto& day : days_) {
        first_of_day_.push_back(position);
        position += day.count;
    }
    first_of_day_.push_back(position);
    return {};
}

std::size_t Reader::day_at(std::uint32_t position) const {
    const auto after = std::ranges::upper_bound(first_of_day_, position);
    return static_cast<std::size_t>(after - first_of_day_.begin()) - 1;
}

Result<void> Reader::map_index() {
    WCMP_ASSIGN(index_, file_->map(header_.index_offset(), header_.messages * limits::bundle_entry_bytes));
    return {};
}

Result<ByteView> Reader::read_index(std::uint32_t first, std::uint32_t count, MutableBytes buffer) const {
    const std::size_t offset = first * limits::bundle_entry_bytes;
    const std::size_t length = count * limits::bundle_entry_bytes;
    if (index_ && (index_->is_whole() || buffer.size() < length))
        return index_->bytes().subspan(offset, length);
    const auto into = buffer.first(length);
    WCMP_TRY(read_promised(*file_, header_.index_offset() + offset, into));
    return ByteView(into);
}

Result<void> Reader::read_entries(std::uint32_t first, std::span<Entry> out) const {
    if (first > header_.messages || out.size() > header_.messages - first)
        return fail(Errc::invalid, "positions beyond the index");
    const bool was_whole = is_whole();
    constexpr std::size_t step = 256;
    std::array<std::uint8_t, step * limits::bundle_entry_bytes> buffer;
    std::size_t day = out.empty() ? 0 : day_at(first);
    for (std::size_t done = 0; done < out.size();) {
        const auto count = static_cast<std::uint32_t>(std::min(step, out.size() - done));
        const auto position = static_cast<std::uint32_t>(first + done);
        WCMP_ASSIGN(const ByteView raw, read_index(position, count, buffer));
        for (std::uint32_t i = 0; i < count; ++i) {
            if (position + i == first_of_day_[day + 1]) ++day;
            decode_entry(&raw[i * limits::bundle_entry_bytes], days_[day].day, out[done + i]);
        }
        done += count;
    }
    if (was_whole && !is_whole()) return read_entries(first, out);
    return {};
}

}  // namespace wcmp::bundle
