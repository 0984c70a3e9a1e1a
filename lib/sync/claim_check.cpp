#include "sync/claim_check.h"

#include "core/limits.h"

#include <algorithm>

namespace wcmp::sync {
namespace {

// Fewer than the plan drew when many bundles share the checks: not those that came by first.
Result<std::vector<bundle::Entry>> some_of(const ClaimSample& sample, std::size_t count, Random& random) {
    auto entries = sample.entries();
    if (entries.size() <= count) return entries;
    WCMP_TRY(shuffle(random, entries));
    entries.resize(count);
    return entries;
}

class Reading {
public:
    // The error of the first claim that does not hold.
    Result<void> check(const std::vector<bundle::Entry>& entries, const bundle::Reader& reader) {
        for (const auto& entry : entries) WCMP_TRY(reader.read_message(entry, identifier_, buffer_));
        return {};
    }

private:
    message::Identifier identifier_;
    Bytes buffer_;
};

std::vector<std::uint32_t> carriers_of(const Plan& plan) {
    std::vector<std::uint32_t> carriers;
    for (std::uint32_t i = 0; i < plan.claims.size(); ++i)
        if (plan.claims[i].offered() > 0) carriers.push_back(i);
    return carriers;
}

}  // namespace

bool ClaimChecks::is_checked(const bundle::Reader& reader) const {
    return checked_.contains({reader.name(), reader.header().file_bytes});
}

void ClaimChecks::note(const bundle::Reader& reader) {
    checked_.emplace(reader.name(), reader.header().file_bytes);
    if (turns_ != nullptr) turns_->note(reader.name(), reader.header().file_bytes);
}

// At most as many as are checked in a visit: those whose last turn is longest ago, at random where it is the
// same.
Result<void> ClaimChecks::choose(std::vector<std::uint32_t>& carriers, const Readers& drive,
                                 Random& random) const {
    std::erase_if(carriers, [&](std::uint32_t carrier) { return is_checked(*drive[carrier]); });
    const auto left = limits::claims_checked_per_visit_max -
                      std::min(checked_.size(), limits::claims_checked_per_visit_max);
    if (carriers.size() <= left) return {};
    WCMP_TRY(shuffle(random, carriers));
    if (turns_ != nullptr) {
        std::vector<std::uint64_t> last(drive.size());
        for (const auto carrier : carriers)
            last[carrier] = turns_->last(drive[carrier]->name(), drive[carrier]->header().file_bytes);
        // Those that are equal keep the chance that the shuffle gave them.
        std::ranges::sort(carriers, {}, [&](std::uint32_t carrier) { return last[carrier]; });
    }
    carriers.resize(left);
    return {};
}

Result<std::vector<Liar>> ClaimChecks::find_liars(const Plan& plan, const Readers& drive, Random& random,
                                                  const std::stop_token& stop) {
    auto carriers = carriers_of(plan);
    const auto per_bundle = claims_per_bundle(carriers.size());
    WCMP_TRY(choose(carriers, drive, random));
    Reading reading;
    std::vector<Liar> liars;
    for (const auto carrier : carriers) {
        if (stop.stop_requested()) return fail(Errc::cancelled, "the visit was abandoned");
        note(*drive[carrier]);
        WCMP_ASSIGN(const auto entries, some_of(plan.claims[carrier], per_bundle, random));
        const auto held = reading.check(entries, *drive[carrier]);
        if (!held) liars.push_back({.bundle = carrier, .medium_failed = held.error().code == Errc::io});
    }
    return liars;
}

}  // namespace wcmp::sync
