#include "sync/claim_check.h"

#include "core/limits.h"

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

}  // namespace

Result<std::vector<std::uint32_t>> find_liars(const Plan& plan, const Readers& drive, Random& random,
                                              const std::stop_token& stop) {
    std::vector<std::uint32_t> carriers;
    for (std::uint32_t i = 0; i < plan.claims.size(); ++i)
        if (plan.claims[i].offered() > 0) carriers.push_back(i);
    // With more bundles than checks, others have their turn at other visits.
    WCMP_TRY(shuffle(random, carriers));
    if (carriers.size() > limits::claims_checked_per_visit_max)
        carriers.resize(limits::claims_checked_per_visit_max);

    ClaimCheck check;
    std::vector<std::uint32_t> liars;
    for (const auto carrier : carriers) {
        if (stop.stop_requested()) return fail(Errc::cancelled, "the visit was abandoned");
        if (!check.holds(plan.claims[carrier], drive[carrier], plan.drive_digests[carrier]))
            liars.push_back(carrier);
    }
    return liars;
}

}  // namespace wcmp::sync
