// A fold takes a journal file into a new bundle, which absorbs small ones (lib/bundle/BUNDLE.md, section 6).
#include "bundle/absorb.h"
#include "store/commit_items.h"
#include "store/fold_source.h"
#include "store/store.h"

#include <algorithm>

namespace wcmp::store {
namespace {

// Gives the journal file back unless the fold came to its end.
class FoldGuard {
public:
    FoldGuard(Journal& journal, std::size_t file) : journal_(journal), fold_(journal.begin_fold(file)) {}
    FoldGuard(const FoldGuard&) = delete;
    FoldGuard& operator=(const FoldGuard&) = delete;
    ~FoldGuard() {
        if (!ended_) journal_.abandon_fold(fold_);
    }

    const Journal::Fold& fold() const { return fold_; }
    Result<void> end() {
        ended_ = true;
        return journal_.end_fold(fold_);
    }

private:
    Journal& journal_;
    Journal::Fold fold_;
    bool ended_ = false;
};

using Bundles = std::vector<std::shared_ptr<const bundle::Reader>>;

Bundles choose_absorbed(const Snapshot& snapshot, std::uint64_t new_bytes) {
    std::vector<bundle::AbsorbCandidate> candidates;
    candidates.reserve(snapshot.bundles.size());
    for (const auto& bundle : snapshot.bundles)
        candidates.push_back({bundle->name(), bundle->header().file_bytes});
    Bundles chosen;
    for (const auto place : bundle::choose_absorbed(candidates, new_bytes))
        chosen.push_back(snapshot.bundles[place]);
    return chosen;
}

std::uint64_t total_bytes(std::span<const bundle::Item> items) {
    std::uint64_t bytes = 0;
    for (const auto& item : items) bytes += item.length;
    return bytes;
}

std::vector<MessageKey> keys_of(std::span<const bundle::Item> items, std::span<const MessageKey> bad) {
    std::vector<MessageKey> keys;
    for (const auto& item : items) {
        if (!std::ranges::binary_search(bad, item.key)) keys.push_back(item.key);
    }
    return keys;
}

}  // namespace

// One new bundle in the making.
struct Store::FoldRun {
    const Journal::Fold& fold;
    FoldContents::Admit admit;
    std::vector<MessageKey> bad{};  // good in no copy
};

Result<std::vector<MessageKey>> Store::fold(const message::Today& today) {
    if (failing()) return fail(Errc::store_failing, "the store takes no more");
    std::vector<MessageKey> visible;
    for (const auto file : journal_->waiting()) {
        auto keys = fold_file(file, today);
        if (!keys) {
            note(keys.error());
            return keys;
        }
        visible.insert(visible.end(), keys->begin(), keys->end());
    }
    std::ranges::sort(visible);
    visible.erase(std::ranges::unique(visible).begin(), visible.end());
    return visible;
}

Result<std::vector<MessageKey>> Store::fold_file(std::size_t file, const message::Today& today) {
    FoldGuard guard(*journal_, file);
    FoldRun run{guard.fold(), [&, rules = settings().admission](const MessageKey& key, std::uint32_t length) {
                    return message::admit(key.day, length, rules, today) == message::Verdict::admitted;
                }};
    FoldContents fresh;
    fresh.add(run.fold.records, [&](const MessageKey& key, std::uint32_t length) {
        return run.admit(key, length) && !is_durable_in_bundle(key);
    });
    fresh.arrange();
    if (!fresh.items().empty()) {
        auto done = commit_fold(run, choose_absorbed(*snapshot(), total_bytes(fresh.items())));
        if (!done && done.error().code == Errc::no_space) done = commit_fold(run, {});
        if (!done) return std::unexpected(done.error());
    }
    WCMP_TRY(guard.end());
    return keys_of(fresh.items(), run.bad);
}

// A bundle whose index is wrong is left for salvage.
Result<void> Store::commit_fold(FoldRun& run,
                                std::span<const std::shared_ptr<const bundle::Reader>> absorbed) {
    FoldContents contents;
    std::vector<bundle::Name> covered;
    contents.add(run.fold.records, run.admit);
    for (const auto& bundle : absorbed) {
        const auto added = contents.add(bundle, run.admit);
        if (added) covered.push_back(bundle->name());
        if (!added && added.error().code != Errc::bundle) return added;
    }
    contents.arrange();
    const auto source = contents.source(*journal_, run.fold);
    Committed committed;
    const auto done = commit_items(*directory_, contents.items(), *source, random_, committed);
    run.bad.clear();
    for (const auto position : committed.bad) run.bad.push_back(contents.items()[position].key);
    if (!done) {
        WCMP_TRY(publish(committed.files, {}));
        return done;
    }
    return publish(committed.files, covered);
}

}  // namespace wcmp::store
