#include "store/cover.h"

#include "message/identify.h"
#include "message/layout.h"
#include "message/seal.h"
#include "store/eviction.h"

namespace wcmp::store {
namespace {

// For each dummy, and for all: a threshold of 1/16 lets them pass, one that lets in next to nothing does not
// keep the visit waiting for ever.
constexpr std::uint64_t draws_per_dummy = 64;

}  // namespace

Result<std::uint64_t> draw_cover_count(std::uint32_t mean, Random& random) {
    if (mean == 0) return 0;
    for (std::uint64_t count = 0;; ++count) {
        WCMP_ASSIGN(const auto drawn, uniform(random, std::uint64_t{mean} + 1));
        if (drawn == 0) return count;
    }
}

Result<std::vector<Bytes>> seal_cover(std::uint64_t count, const message::AdmissionRules& rules,
                                      const State& state, const message::Today& today, Random& random) {
    Ranking ranking(state.eviction_salt);
    std::vector<Bytes> made;
    for (std::uint64_t left = count * draws_per_dummy; made.size() < count; --left) {
        if (left == 0) return fail(Errc::no_space, "the rules leave no room for dummies");
        WCMP_ASSIGN(auto dummy, message::seal_dummy(today.floor, random));
        WCMP_ASSIGN(const auto header, message::parse_header(dummy));
        if (message::admit(header.expires, dummy.size(), rules, today) != message::Verdict::admitted)
            continue;
        const auto id = message::message_id(dummy);
        if (!is_evicted(ranking.rank(id.view()), state.eviction_threshold)) made.push_back(std::move(dummy));
    }
    return made;
}

}  // namespace wcmp::store
