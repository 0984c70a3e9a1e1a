#include "store/store_stats.h"

#include "bundle/directory.h"
#include "core/limits.h"
#include "store/journal.h"

#include <algorithm>
#include <bit>

namespace wcmp::store {
namespace {

constexpr std::size_t index_read_bytes = std::size_t{256} << 10;

void count(StoreStats::Part& part, std::uint64_t length) {
    ++part.messages;
    part.bytes += length;
}

// Nothing of an index counts before all of it is verified.
struct IndexStats {
    std::map<Day, StoreStats::Part> by_day;
    decltype(StoreStats::by_size) by_size{};
};

Result<IndexStats> stats_of(const std::shared_ptr<const bundle::Reader>& bundle,
                            const std::stop_token& stop) {
    bundle::IndexStream index(bundle, index_read_bytes);
    IndexStats stats;
    for (;;) {
        if (stop.stop_requested()) return fail(Errc::cancelled, "the work was abandoned");
        WCMP_ASSIGN(const auto entry, index.next());
        if (!entry) return stats;
        count(stats.by_day[entry->key.day], entry->length);
        count(stats.by_size[size_class(entry->length)], entry->length);
    }
}

void add(StoreStats::Part& to, const StoreStats::Part& part) {
    to.messages += part.messages;
    to.bytes += part.bytes;
}

void add(StoreStats& to, const IndexStats& stats) {
    for (const auto& [day, part] : stats.by_day) {
        add(to.by_day[day], part);
        add(to.all, part);
    }
    for (std::size_t i = 0; i < stats.by_size.size(); ++i) add(to.by_size[i], stats.by_size[i]);
}

}  // namespace

std::size_t size_class(std::uint64_t length) {
    const auto steps = static_cast<std::size_t>(std::bit_width(length / StoreStats::smallest_class_bytes));
    return std::min(steps, decltype(StoreStats::by_size){}.size() - 1);
}

Result<StoreStats> store_stats(const io::Directory& directory, Random& random, const std::stop_token& stop) {
    constexpr message::Today every_day{.floor = Day{0}};
    WCMP_ASSIGN(const auto found, bundle::scan(directory, every_day, 0, random));
    StoreStats stats;
    stats.unusable = found.damaged.size();
    for (const auto& bundle : found.bundles) {
        const auto of_index = stats_of(bundle, stop);
        if (!of_index && of_index.error().code == Errc::cancelled) return std::unexpected(of_index.error());
        if (!of_index) {
            ++stats.unusable;
            continue;
        }
        add(stats, *of_index);
        ++stats.bundles;
        stats.bundle_bytes += bundle->header().file_bytes;
    }
    for (const auto name : journal_names)
        if (const auto journal = JournalFile::open_for_reading(directory, name))
            stats.journal_messages += journal->records().size();
    return stats;
}

}  // namespace wcmp::store
