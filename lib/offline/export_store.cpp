#include "offline/export_store.h"

#include "core/limits.h"
#include "offline/journal_bundles.h"
#include "offline/store_day.h"

#include <numeric>

namespace wcmp::offline {
namespace {

// Gives, and takes nothing: it has no room.
class GivingStore final : public sync::Local {
public:
    explicit GivingStore(sync::Readers bundles) : bundles_(std::move(bundles)) {}

    sync::Readers bundles() override { return bundles_; }
    io::Directory* directory() override { return nullptr; }
    sync::StoreRoom room() override { return {.disk_bytes = 0, .share_bytes = 0}; }
    Result<void> publish(std::span<const bundle::Name>, std::span<const bundle::Name>,
                         std::span<const MessageKey>) override {
        return {};
    }

private:
    sync::Readers bundles_;
};

// To its end, so that one that is wrong or that the disk does not give hides no other later.
Result<void> go_through_index(const std::shared_ptr<const bundle::Reader>& bundle,
                              const std::stop_token& stop) {
    bundle::IndexStream index(bundle, limits::drive_read_bytes);
    for (;;) {
        if (stop.stop_requested()) return fail(Errc::cancelled, "the export was abandoned");
        WCMP_ASSIGN(const auto entry, index.next());
        if (!entry) return {};
    }
}

// Nothing is mapped: a place that the disk does not give is an error then, not a signal. Days do not count
// yet, for a name alone says nothing.
Result<sync::Readers> open_all(const io::Directory& store, const std::stop_token& stop, Random& random,
                               ExportResult& result) {
    WCMP_ASSIGN(auto found, bundle::scan(store, {}, 0, random));
    result.damaged = found.damaged.size() + found.dead.size();
    result.unknown_format = found.unknown_format;
    result.damaged += std::erase_if(found.bundles, [&](const auto& bundle) {
        return !stop.stop_requested() && !go_through_index(bundle, stop);
    });
    WCMP_ASSIGN(auto journals, journal_bundles(store));
    result.journal_messages = journals.messages;
    result.unreadable_journals = journals.unreadable;
    found.bundles.insert(found.bundles.end(), journals.bundles.begin(), journals.bundles.end());
    return std::move(found.bundles);
}

}  // namespace

std::uint64_t ExportResult::bad_messages() const {
    return std::accumulate(visit.invalid.begin(), visit.invalid.end(), visit.unreadable);
}

Result<void> export_store(const io::Directory& store, io::Directory& folder, const ExportStore& how,
                          const Clock& clock, Random& random, ExportResult& result) {
    WCMP_ASSIGN(const auto today, day_of_store(store, how.build_day, clock));
    WCMP_ASSIGN(auto bundles, open_all(store, how.stop, random, result));
    GivingStore giving(std::move(bundles));
    sync::Visit visit(giving, folder, {}, today, random);
    visit.on_progress = how.on_progress;
    const auto done = visit.run(result.visit, how.stop);
    result.damaged += result.visit.wrong_in_store.size();
    return done;
}

}  // namespace wcmp::offline
