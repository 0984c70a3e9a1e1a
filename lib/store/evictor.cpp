#include "store/evictor.h"

#include "bundle/commit.h"
#include "bundle/selection.h"
#include "core/limits.h"

#include <algorithm>

namespace wcmp::store {
namespace {

constexpr std::uint32_t entries_between_looks = 4096;

// Calls visit(entry, position) for each entry of a bundle whose index turns out sound in the end.
template <class Visit>
Result<void> for_each_entry(bundle::IndexStream& index, const std::stop_token& stop, Visit visit) {
    for (std::uint32_t count = 0;; ++count) {
        if (count % entries_between_looks == 0 && stop.stop_requested())
            return fail(Errc::cancelled, "the eviction was abandoned");
        WCMP_ASSIGN(const auto entry, index.next());
        if (!entry) return {};
        visit(*entry);
    }
}

// The medium's, or those of what lies on it. They end nothing but the work on one bundle.
bool is_of_the_input(const Error& error) {
    return error.code == Errc::io || error.code == Errc::bundle || error.code == Errc::not_found ||
           error.code == Errc::unreliable_medium || error.code == Errc::busy;
}

// Read anew, and nothing mapped: a sector that gives nothing is an error then, not a signal.
Result<std::shared_ptr<const bundle::Reader>> open_again(const io::Directory& directory,
                                                         const bundle::Name& name) {
    WCMP_ASSIGN(auto file, directory.open(bundle::to_string(name)));
    return bundle::Reader::open(std::move(file), name);
}

}  // namespace

// One bundle, and what becomes of it.
struct Evictor::Rewrite {
    bundle::Name name;
    bundle::SelectedEntries kept{};
    std::vector<bundle::Piece> pieces{};
    Share share{};
    std::vector<bundle::Name> files{};
    std::uint64_t written_messages = 0;
    std::uint64_t written_bytes = 0;  // of them
};

bool Evictor::goes(const MessageKey& key, std::uint64_t threshold) {
    return is_dead(key.day) || is_evicted(ranking_.rank(key.id.view()), threshold);
}

Evictor::Readers Evictor::usable() const {
    auto bundles = store_.snapshot()->bundles;
    std::erase_if(bundles, [this](const auto& bundle) { return left_.contains(bundle->name()); });
    return bundles;
}

void Evictor::leave(const bundle::Name& name, const Error& error) {
    left_.insert(name);
    if (error.code == Errc::bundle) done_.damaged.push_back(name);
}

// What is chosen may have been merged away since.
Result<bool> Evictor::choose(const std::stop_token& stop) {
    if (!store_.is_above_quota()) return false;
    if (queue_.empty() && !surveyed_) WCMP_TRY(survey(stop));
    if (queue_.empty()) {
        WCMP_TRY(lower_threshold(stop));
        WCMP_TRY(survey(stop));
    }
    return !queue_.empty();
}

// The order is random, since it comes from the salt, and the same after a restart: a bundle that is there
// beside what has been made of it goes before another one is begun.
Result<void> Evictor::survey(const std::stop_token& stop) {
    surveyed_ = true;
    std::vector<std::pair<std::uint64_t, bundle::Name>> found;
    for (const auto& bundle : usable()) {
        const auto share = share_of(bundle, stop);
        if (!share && !is_of_the_input(share.error())) return std::unexpected(share.error());
        if (!share) {
            leave(bundle->name(), share.error());
        } else if (is_worth_rewriting(share->dropped_bytes, share->bytes)) {
            found.emplace_back(ranking_.rank(bundle->header().index_hash.view()), bundle->name());
        }
    }
    std::ranges::sort(found);
    for (auto& [rank, name] : found) queue_.push_back(name);
    return {};
}

Result<Evictor::Share> Evictor::share_of(const std::shared_ptr<const bundle::Reader>& bundle,
                                         const std::stop_token& stop) {
    Share share;
    bundle::IndexStream index(bundle, limits::drive_read_bytes);
    WCMP_TRY(for_each_entry(index, stop, [&](const bundle::Entry& entry) {
        share.bytes += entry.length;
        if (!goes(entry.key, threshold_)) return;
        share.dropped_bytes += entry.length;
    }));
    return share;
}

// Saved before anything goes by it: what was dropped must not come back after a restart. Among bundles of
// which none is worth rewriting less than a fifth of all is evicted, so the new threshold is a lower one, and
// one of them is worth it by then.
Result<void> Evictor::lower_threshold(const std::stop_token& stop) {
    auto found = find_threshold(usable(), stop);
    while (!found && is_of_the_input(found.error())) found = find_threshold(usable(), stop);
    if (!found) return std::unexpected(found.error());
    threshold_ = std::min(threshold_, *found);
    return store_.change_state([this](State& state) { state.eviction_threshold = threshold_; });
}

Result<std::uint64_t> Evictor::find_threshold(const Readers& bundles, const std::stop_token& stop) {
    ThresholdSearch search;
    for (;;) {
        for (const auto& bundle : bundles) {
            const auto added = add_ranks(bundle, search, stop);
            if (!added && is_of_the_input(added.error())) leave(bundle->name(), added.error());
            WCMP_TRY(added);
        }
        if (const auto found = search.end_round()) return *found;
    }
}

// Of what is alive: the dead go in any case.
Result<void> Evictor::add_ranks(const std::shared_ptr<const bundle::Reader>& bundle, ThresholdSearch& search,
                                const std::stop_token& stop) {
    bundle::IndexStream index(bundle, limits::drive_read_bytes);
    return for_each_entry(index, stop, [&](const bundle::Entry& entry) {
        if (!is_dead(entry.key.day)) search.add(ranking_.rank(entry.key.id.view()), entry.length);
    });
}

Result<void> Evictor::rewrite_next(const std::stop_token& stop) {
    if (queue_.empty()) return {};
    Rewrite rewrite{.name = queue_.back()};
    queue_.pop_back();
    const auto current = store_.snapshot();
    if (std::ranges::find(current->bundles, rewrite.name,
                          [](const auto& bundle) { return bundle->name(); }) == current->bundles.end())
        return {};
    auto done = select(rewrite, stop);
    if (done) done = replace(rewrite, stop);
    if (done || store_.failing() || !is_of_the_input(done.error())) return done;
    leave(rewrite.name, done.error());
    return {};
}

// One bit for each message that stays, and where the files are cut that they become.
Result<void> Evictor::select(Rewrite& rewrite, const std::stop_token& stop) {
    WCMP_ASSIGN(const auto bundle, open_again(store_.directory(), rewrite.name));
    rewrite.kept = bundle::SelectedEntries(bundle);
    bundle::IndexStream index(bundle, limits::drive_read_bytes);
    bundle::Cutter cutter(limits::bundle_cut_bytes, limits::piece_copies_max);
    auto& share = rewrite.share;
    WCMP_TRY(for_each_entry(index, stop, [&](const bundle::Entry& entry) {
        share.bytes += entry.length;
        if (!goes(entry.key, threshold_)) {
            rewrite.kept.select(index.position());
            cutter.add(entry.key, entry.length, rewrite.pieces);
            return;
        }
        share.dropped_bytes += entry.length;
        share.dropped_alive += is_dead(entry.key.day) ? 0 : 1;
    }));
    cutter.finish(rewrite.pieces);
    rewrite.kept.digests = index.digests();
    return {};
}

// What has been written of a bundle that stays is no loss: it is there twice until the next attempt. Where
// what remains has no room, the bundle goes whole.
Result<void> Evictor::replace(Rewrite& rewrite, const std::stop_token& stop) {
    const auto written = write(rewrite, stop);
    const bool no_room = !written && written.error().code == Errc::no_space && !store_.failing();
    if (!written && !no_room) {
        WCMP_TRY(store_.publish(rewrite.files, {}));
        return written;
    }
    WCMP_TRY(store_.publish(rewrite.files, std::array{rewrite.name}));
    const auto alive = rewrite.kept.count() + rewrite.share.dropped_alive;
    done_.messages += no_room ? alive - rewrite.written_messages : rewrite.share.dropped_alive;
    done_.freed_bytes += rewrite.share.bytes - rewrite.written_bytes;
    done_.rewritten_bytes += rewrite.written_bytes;
    return {};
}

Result<void> Evictor::write(Rewrite& rewrite, const std::stop_token& stop) {
    const auto selection = std::span(&rewrite.kept, 1);
    for (const auto& piece : rewrite.pieces) {
        WCMP_ASSIGN(const auto items, bundle::gather(selection, piece));
        const auto source = bundle::copy_source(selection, items, limits::eviction_buffer_bytes);
        WCMP_ASSIGN(const auto commit,
                    bundle::commit(store_.directory(), items.items, *source, {.stop = stop}));
        if (commit.skipped) return fail(Errc::busy, "another writer is at this bundle");
        rewrite.files.insert(rewrite.files.end(), commit.files.begin(), commit.files.end());
        rewrite.written_messages += items.items.size();
        rewrite.written_bytes += piece.message_bytes;
    }
    return {};
}

}  // namespace wcmp::store
