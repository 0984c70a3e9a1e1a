// What the store consists of, and how that changes.
#include "message/relay_check.h"
#include "store/store.h"

#include <algorithm>

namespace wcmp::store {
namespace {

using Bundles = std::vector<std::shared_ptr<const bundle::Reader>>;

// Nothing when it vanished: then whoever unlinked it has its messages elsewhere (BUNDLE.md, section 4).
Result<std::shared_ptr<const bundle::Reader>> open_bundle(const io::Directory& directory,
                                                          const bundle::Name& name) {
    auto file = directory.open(bundle::to_string(name));
    if (!file && file.error().code == Errc::not_found) return nullptr;
    if (!file) return std::unexpected(file.error());
    WCMP_ASSIGN(auto reader, bundle::Reader::open(std::move(*file), name));
    WCMP_TRY(reader->map_index());
    return reader;
}

bool contains(std::span<const bundle::Name> names, const bundle::Name& name) {
    return std::ranges::find(names, name) != names.end();
}

std::shared_ptr<const Snapshot> make_snapshot(Bundles bundles) {
    std::ranges::sort(bundles, {}, [](const auto& bundle) { return bundle->name(); });
    auto result = std::make_shared<Snapshot>();
    for (const auto& bundle : bundles) {
        result->messages += bundle->header().messages;
        result->bytes += bundle->header().file_bytes;
    }
    result->bundles = std::move(bundles);
    return result;
}

}  // namespace

std::shared_ptr<const Snapshot> Store::snapshot() const {
    const std::scoped_lock lock(mutex_);
    return snapshot_;
}

void Store::set_bundles(Bundles bundles) {
    auto made = make_snapshot(std::move(bundles));
    const std::scoped_lock lock(mutex_);
    snapshot_ = std::move(made);
}

Result<void> Store::publish(std::span<const bundle::Name> added, std::span<const bundle::Name> removed,
                            std::optional<Drawer> drawer) {
    Bundles bundles;
    std::vector<bundle::Name> opened;
    for (const auto& name : added) {
        if (contains(opened, name)) continue;
        WCMP_ASSIGN(auto reader, open_bundle(*directory_, name));
        if (!reader) continue;
        opened.push_back(name);
        bundles.push_back(std::move(reader));
    }
    std::vector<bundle::Name> gone;
    std::ranges::copy_if(removed, std::back_inserter(gone),
                         [&](const auto& name) { return !contains(added, name); });
    const auto waiting = journal_->used_bytes();
    std::uint64_t before = 0, after = 0;
    {
        const std::scoped_lock lock(mutex_);
        before = snapshot_->bytes;
        for (const auto& bundle : snapshot_->bundles) {
            const auto& name = bundle->name();
            if (!contains(opened, name) && !contains(gone, name)) bundles.push_back(bundle);
        }
        snapshot_ = make_snapshot(std::move(bundles));
        after = snapshot_->bytes;
        for (const auto& name : gone) durable_.erase(name);
        durable_.insert(opened.begin(), opened.end());
    }
    if (drawer && after > before) draw(*drawer, before + waiting, after - before);
    return unlink_bundles(gone);
}

Result<void> Store::unlink_bundles(std::span<const bundle::Name> names) {
    bool changed = false;
    for (const auto& name : names) {
        sidecars_->remove(name);
        const auto unlinked = directory_->unlink(bundle::to_string(name));
        if (!unlinked && unlinked.error().code != Errc::not_found) return unlinked;
        changed = changed || unlinked;
    }
    return changed ? directory_->sync() : Result<void>{};
}

Result<std::uint64_t> Store::drop_dead(const message::Today& today) {
    std::uint64_t messages = 0;
    std::vector<bundle::Name> dead;
    const auto current = snapshot();
    for (const auto& bundle : current->bundles) {
        // Some days may be over and all others beyond the horizon.
        const bool alive = std::ranges::any_of(
            bundle->days(), [&](const auto& day) { return message::check_day(day.day, today).has_value(); });
        if (alive) continue;
        dead.push_back(bundle->name());
        messages += bundle->header().messages;
    }
    if (dead.empty()) return messages;
    if (failing()) return fail(Errc::store_failing, "the store takes no more");
    WCMP_TRY(publish({}, dead));
    return messages;
}

}  // namespace wcmp::store
