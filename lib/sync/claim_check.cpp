#include "sync/claim_check.h"

#include "core/limits.h"

#include <algorithm>

namespace wcmp::sync {
namespace {

class ClaimCheck {
public:
    bool holds(const ClaimSample& sample, const std::shared_ptr<const bundle::Reader>& reader,
               const std::shared_ptr<const bundle::IndexDigests>& digests) {
        bundle::VerifiedIndex index(reader, digests);
        for (const auto position : sample.positions()) {
            const auto entry = index.at(position);
            if (!entry || !reader->read_message(*entry, identifier_, buffer_)) return false;
        }
        return true;
    }

private:
    message::Identifier identifier_;
    Bytes buffer_;
};

// Bundles with claims, at most as many as are checked in a visit: those whose last turn is longest ago, at
// random where it is the same.
Result<std::vector<std::uint32_t>> choose_carriers(const Plan& plan, const Readers& drive, CheckTurns* turns,
                                                   Random& random) {
    std::vector<std::uint32_t> carriers;
    for (std::uint32_t i = 0; i < plan.claims.size(); ++i)
        if (plan.claims[i].offered() > 0) carriers.push_back(i);
    if (carriers.size() <= limits::claims_checked_per_visit_max) return carriers;
    WCMP_TRY(shuffle(random, carriers));
    if (turns != nullptr) {
        std::vector<std::uint64_t> last(drive.size());
        for (const auto carrier : carriers)
            last[carrier] = turns->last(drive[carrier]->name(), drive[carrier]->header().file_bytes);
        // Those that are equal keep the chance that the shuffle gave them.
        std::ranges::sort(carriers, {}, [&](std::uint32_t carrier) { return last[carrier]; });
    }
    carriers.resize(limits::claims_checked_per_visit_max);
    return carriers;
}

}  // namespace

Result<std::vector<std::uint32_t>> find_liars(const Plan& plan, const Readers& drive, CheckTurns* turns,
                                              Random& random, const std::stop_token& stop) {
    WCMP_ASSIGN(const auto carriers, choose_carriers(plan, drive, turns, random));
    ClaimCheck check;
    std::vector<std::uint32_t> liars;
    for (const auto carrier : carriers) {
        if (stop.stop_requested()) return fail(Errc::cancelled, "the visit was abandoned");
        if (turns != nullptr) turns->note(drive[carrier]->name(), drive[carrier]->header().file_bytes);
        if (!check.holds(plan.claims[carrier], drive[carrier], plan.drive_digests[carrier]))
            liars.push_back(carrier);
    }
    return liars;
}

}  // namespace wcmp::sync
