// Brings a store that is above its quota back to it: bundles are rewritten without what is evicted
// (lib/bundle/BUNDLE.md, section 7, "Eviction").
//
//     Evictor evictor(store, today);
//     while (evictor.choose(stop)) ... evictor.rewrite_next(stop);
//
// It can end or break off at any step. The threshold is saved before anything goes by it; a bundle goes after
// what remains of it is durable; and the next one begins with the bundle at which this one broke off.
#pragma once

#include "store/eviction.h"
#include "store/store.h"

#include <stop_token>

namespace wcmp::store {

struct Evicted {
    std::uint64_t messages = 0;     // that were alive
    std::uint64_t freed_bytes = 0;  // of messages, the dead ones too
    std::uint64_t rewritten_bytes = 0;
    std::vector<bundle::Name> damaged{};  // their indexes are wrong: for salvage
};

class Evictor {
public:
    Evictor(Store& store, const message::Today& today) : store_(store), today_(today) {}

    // Whether another bundle must and can go. Reads indexes, and perhaps lowers the threshold. Needs no write
    // turn.
    Result<bool> choose(const std::stop_token& stop);

    // With the write turn held. A bundle that cannot be read is left as it is.
    Result<void> rewrite_next(const std::stop_token& stop);

    const Evicted& done() const { return done_; }

private:
    struct Rewrite;
    // What of a bundle goes.
    struct Share {
        std::uint64_t bytes = 0;
        std::uint64_t dropped_bytes = 0;
        std::uint64_t dropped_alive = 0;  // messages
    };
    using Readers = std::vector<std::shared_ptr<const bundle::Reader>>;

    bool goes(const MessageKey& key, std::uint64_t threshold);
    bool is_dead(Day day) const { return !message::check_day(day, today_); }
    Readers usable() const;
    void leave(const bundle::Name& name, const Error& error);

    Result<void> survey(const std::stop_token& stop);
    Result<Share> share_of(const std::shared_ptr<const bundle::Reader>& bundle, const std::stop_token& stop);
    Result<void> lower_threshold(const std::stop_token& stop);
    Result<std::uint64_t> find_threshold(const Readers& bundles, const std::stop_token& stop);
    Result<void> add_ranks(const std::shared_ptr<const bundle::Reader>& bundle, ThresholdSearch& search,
                           const std::stop_token& stop);

    Result<void> select(Rewrite& rewrite, const std::stop_token& stop);
    Result<void> write(Rewrite& rewrite, const std::stop_token& stop);
    Result<void> replace(Rewrite& rewrite, const std::stop_token& stop);

    Store& store_;
    message::Today today_;
    Ranking ranking_{store_.state().eviction_salt};
    std::uint64_t threshold_ = store_.state().eviction_threshold;
    std::vector<bundle::Name> queue_;  // the next one last
    bool surveyed_ = false;
    std::set<bundle::Name> left_;  // damaged, or not to be read: they stay
    Evicted done_;
};

}  // namespace wcmp::store
