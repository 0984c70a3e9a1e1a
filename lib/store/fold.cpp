// A fold takes a journal file into a new bundle, which absorbs small ones (lib/bundle/BUNDLE.md, section 6).
#include "bundle/absorb.h"
#include "store/commit_items.h"
#include "store/fold_run.h"

#include <algorithm>

namespace wcmp::store {
namespace {

std::vector<bundle::Name> choose_absorbed(const Snapshot& snapshot, std::uint64_t new_bytes,
                                          const std::set<bundle::Name>& excluded) {
    std::vector<bundle::AbsorbCandidate> candidates;
    for (const auto& bundle : snapshot.bundles) {
        if (!excluded.contains(bundle->name()))
            candidates.push_back({bundle->name(), bundle->header().file_bytes});
    }
    std::vector<bundle::Name> chosen;
    for (const auto place : bundle::choose_absorbed(candidates, new_bytes))
        chosen.push_back(candidates[place].name);
    return chosen;
}

// Read anew, and nothing mapped: a sector that gives nothing is an error then, not a signal.
Result<std::shared_ptr<const bundle::Reader>> open_unmapped(const io::Directory& directory,
                                                            const bundle::Name& name) {
    WCMP_ASSIGN(auto file, directory.open(bundle::to_string(name)));
    return bundle::Reader::open(std::move(file), name);
}

}  // namespace

std::uint64_t bytes_of(std::span<const bundle::Item> items) {
    std::uint64_t bytes = 0;
    for (const auto& item : items) bytes += item.length;
    return bytes;
}

std::vector<MessageKey> keys_of_good(std::span<const bundle::Item> items, std::span<const MessageKey> bad) {
    std::vector<MessageKey> keys;
    for (const auto& item : items) {
        if (!std::ranges::binary_search(bad, item.key)) keys.push_back(item.key);
    }
    return keys;
}

Result<std::vector<MessageKey>> Store::fold(const message::Today& today) {
    if (failing()) return fail(Errc::store_failing, "the store takes no more");
    std::vector<MessageKey> visible;
    for (const auto file : journal_->waiting()) {
        auto keys = fold_file(file, today);
        if (!keys) return keys;
        visible.insert(visible.end(), keys->begin(), keys->end());
    }
    std::ranges::sort(visible);
    visible.erase(std::ranges::unique(visible).begin(), visible.end());
    return visible;
}

Result<std::vector<MessageKey>> Store::fold_file(std::size_t file, const message::Today& today) {
    FoldGuard guard(*journal_, file);
    const Admission admission(state(), settings().admission, today);
    const auto admit = admission.admit();
    FoldRun run{guard.fold(), admit, admission.alive()};
    FoldContents fresh;
    fresh.add(run.fold.records, [&](const MessageKey& key, std::uint32_t length) {
        return admit(key, length) && !is_durable_in_bundle(key);
    });
    fresh.arrange();
    if (!fresh.items().empty()) WCMP_TRY(commit_fold(run, bytes_of(fresh.items())));
    WCMP_TRY(guard.end());
    return keys_of_good(fresh.items(), run.bad);
}

// What is new comes first: where a bundle cannot be read, or the room does not suffice, it goes without.
Result<void> Store::commit_fold(FoldRun& run, std::uint64_t new_bytes) {
    for (;;) {
        const auto absorbed = choose_absorbed(*snapshot(), new_bytes, unreadable_);
        const auto done = commit_fold(run, absorbed);
        if (done || absorbed.empty()) return done;
        if (run.unreadable) {
            unreadable_.insert(*run.unreadable);
            continue;
        }
        const auto code = done.error().code;
        if (code != Errc::no_space && code != Errc::unreliable_medium) return done;
        return commit_fold(run, std::span<const bundle::Name>{});
    }
}

Result<void> Store::commit_fold(FoldRun& run, std::span<const bundle::Name> absorbed) {
    run.start_over();
    run.contents.add(run.fold.records, run.admit);
    run.contents.add(run.dummy_keys, run.dummies);
    for (const auto& name : absorbed) {
        WCMP_ASSIGN(const bool added, add_absorbed(run, name));
        if (added) run.covered.push_back(name);
    }
    run.contents.arrange();
    FoldSource source(run.contents, *journal_, run.fold);
    Committed committed;
    const auto done = commit_items(*directory_, run.contents.items(), source, random_, committed);
    for (const auto position : committed.bad) run.bad.push_back(run.contents.items()[position].key);
    run.unreadable = source.unreadable();
    if (!done) {
        WCMP_TRY(publish(committed.files, {}));
        return done;
    }
    return publish(committed.files, run.covered);
}

// False for a bundle that stays as it is: its index is wrong, which is for salvage, or cannot be read.
Result<bool> Store::add_absorbed(FoldRun& run, const bundle::Name& name) {
    auto bundle = open_unmapped(*directory_, name);
    const auto added = bundle ? run.contents.add(std::move(*bundle), run.alive)
                              : Result<void>(std::unexpected(bundle.error()));
    if (added) return true;
    switch (added.error().code) {
    case Errc::io: unreadable_.insert(name); return false;
    case Errc::bundle:
    case Errc::not_found: return false;
    default: return std::unexpected(added.error());
    }
}

}  // namespace wcmp::store
