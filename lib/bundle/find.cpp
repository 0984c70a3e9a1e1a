#include "bundle/index_search.h"
#include "bundle/reader.h"

#include <algorithm>

namespace wcmp::bundle {
namespace {

constexpr std::size_t cache_line_bytes = 64;

// The next guess is near, and each look at memory that is in no cache is waited for: so they are made at
// once.
void fetch_around(const Reader& reader, std::uint32_t position, std::uint32_t begin, std::uint32_t end) {
    constexpr std::uint32_t entries = 6;
    const auto first = position - std::min(entries, position - begin);
    const auto last = std::min(end, position + entries + 1);
    const auto raw = reader.read_index(first, last - first, {});
    if (!raw) return;
    for (std::size_t at = 0; at < raw->size(); at += cache_line_bytes) __builtin_prefetch(raw->data() + at);
}

Result<Entry> search_in_day(const Reader& reader, std::size_t day, const MessageId& id) {
    std::array<std::uint8_t, limits::bundle_entry_bytes> buffer;
    const std::uint32_t begin = reader.first_of_day(day);
    const std::uint32_t end = reader.first_of_day(day + 1);
    const auto id_at = [&](std::uint32_t position) -> Result<const std::uint8_t*> {
        if (reader.is_mapped()) fetch_around(reader, position, begin, end);
        WCMP_ASSIGN(const ByteView entry, reader.read_index(position, 1, buffer));
        return entry.data();
    };
    DaySearch search(begin, end, id, id_at);
    if (reader.is_mapped()) WCMP_TRY(search.look_at_ends());
    WCMP_ASSIGN(const std::uint32_t position, search.lower_bound());
    if (position == end) return fail(Errc::not_found, "no such message in this bundle");
    WCMP_ASSIGN(const ByteView raw, reader.read_index(position, 1, buffer));
    Entry entry;
    decode_entry(raw.data(), reader.days()[day].day, entry);
    if (entry.key.id != id) return fail(Errc::not_found, "no such message in this bundle");
    return entry;
}

// Among zeros that came up meanwhile nothing is where it was: then again, by reading.
Result<Entry> find_in_day(const Reader& reader, std::size_t day, const MessageId& id) {
    const bool was_whole = reader.is_whole();
    auto found = search_in_day(reader, day, id);
    if (was_whole && !reader.is_whole()) found = search_in_day(reader, day, id);
    return found;
}

}  // namespace

Result<Entry> Reader::find(const MessageKey& key) const {
    if (key.day < name_.first || name_.last < key.day)
        return fail(Errc::not_found, "this bundle is of other days");
    const auto day = std::ranges::lower_bound(days_, key.day, {}, &DayCount::day);
    if (day == days_.end() || day->day != key.day)
        return fail(Errc::not_found, "no message of this day in this bundle");
    return find_in_day(*this, static_cast<std::size_t>(day - days_.begin()), key.id);
}

Result<Entry> Reader::find(const MessageId& id) const {
    for (std::size_t day = 0; day < days_.size(); ++day) {
        auto found = find_in_day(*this, day, id);
        if (found || found.error().code != Errc::not_found) return found;
    }
    return fail(Errc::not_found, "no such message in this bundle");
}

}  // namespace wcmp::bundle
