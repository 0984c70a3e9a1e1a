// Keeps the store within its quota: what is too much goes by the rule of lib/bundle/BUNDLE.md, section 7, on
// a worker of its own, since a rewrite takes as long as the disk does and clients must not wait for it.
#pragma once

#include "node/view.h"
#include "store/evictor.h"
#include "sync/visit.h"

#include <stop_token>

namespace wcmp::node {

class Evictions {
public:
    // damaged: called with bundles that it came upon.
    Evictions(Context& context, View& view, std::function<void(std::span<const bundle::Name>)> damaged);

    // After whatever may have brought the store above its quota, and at the start.
    void look();
    // After a visit, or an upload: more may come in again.
    void visited(const sync::VisitResult& result);
    void stop() { stop_.request_stop(); }

    std::uint64_t evicted() const { return evicted_; }  // messages, in this run

private:
    struct Done {
        store::Evicted evicted;
        Result<void> ended;
    };
    static Done evict(store::Store& store, WriteTurn& turn, const message::Today& today,
                      const std::stop_token& stop);
    void ended(const Done& done);

    Context& context_;
    View& view_;
    std::function<void(std::span<const bundle::Name>)> damaged_;
    std::stop_source stop_;
    std::unique_ptr<Worker> worker_;              // while it is at work
    std::optional<std::uint64_t> left_at_bytes_;  // nothing more could go: not again before that changes
    std::optional<std::chrono::nanoseconds> raised_;
    std::uint64_t evicted_ = 0;
};

}  // namespace wcmp::node
