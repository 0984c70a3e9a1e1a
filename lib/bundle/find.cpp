#include "bundle/index_search.h"
#include "bundle/reader.h"

#include <algorithm>

namespace wcmp::bundle {
namespace {

Result<Entry> find_in_day(const Reader& reader, std::size_t day, const MessageId& id) {
    std::array<std::uint8_t, limits::bundle_entry_bytes> buffer;
    const auto id_at = [&](std::uint32_t position) -> Result<const std::uint8_t*> {
        WCMP_ASSIGN(const ByteView entry, reader.read_index(position, 1, buffer));
        return entry.data();
    };
    const std::uint32_t end = reader.first_of_day(day + 1);
    DaySearch search(reader.first_of_day(day), end, id, id_at);
    if (reader.is_mapped()) WCMP_TRY(search.look_at_ends());
    WCMP_ASSIGN(const std::uint32_t position, search.lower_bound());
    if (position == end) return fail(Errc::not_found, "no such message in this bundle");
    WCMP_ASSIGN(const ByteView raw, reader.read_index(position, 1, buffer));
    Entry entry;
    decode_entry(raw.data(), reader.days()[day].day, entry);
    if (entry.key.id != id) return fail(Errc::not_found, "no such message in this bundle");
    return entry;
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
