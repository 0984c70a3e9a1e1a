// Carries out what upkeep has to do in a directory of bundles (lib/bundle/BUNDLE.md, section 3, step 6, and
// section 6): what a plan says, bundle by bundle, through the commit protocol. Stopped or cut off anywhere,
// it loses nothing.
#pragma once

#include "sync/distrust.h"
#include "sync/plan.h"
#include "sync/upkeep_plan.h"
#include "sync/visit.h"

#include <set>

namespace wcmp::sync {

// The directory, as upkeep needs it.
class UpkeepSide {
public:
    virtual ~UpkeepSide() = default;
    // As they are now.
    virtual Result<Readers> bundles(const std::stop_token& stop) = 0;
    virtual io::Directory& directory() = 0;
    // For an output while its inputs are still there.
    virtual std::uint64_t room_bytes() = 0;
    // Committed bundles are there from now on; others are unlinked, whose messages are elsewhere.
    virtual Result<void> publish(std::span<const bundle::Name> added,
                                 std::span<const bundle::Name> removed) = 0;
    // Bundles with a wrong index: for salvage, now or later.
    virtual Result<void> found_wrong(std::span<const bundle::Name> names, const std::stop_token& stop) = 0;
    // Around each step. An error ends the work.
    virtual Result<void> begin_step([[maybe_unused]] const std::stop_token& stop) { return {}; }
    virtual void end_step() {}
};

struct UpkeepSettings {
    bool store = false;        // by the store's rules
    bool spare_large = false;  // UpkeepRules
    bool shared = false;       // others write this directory too
    std::size_t buffer_bytes = std::size_t{8} << 20;
    // Bundles known to hold something invalid. Null: none.
    Distrust* distrust = nullptr;
    // Bundles that could not be read whole. Null: nothing is remembered, so they are tried again next time.
    std::set<bundle::Name>* unreadable = nullptr;
};

struct UpkeepResult {
    std::uint64_t merged = 0;  // bundles that became part of others
    std::uint64_t rewritten = 0;
    std::uint64_t dropped = 0;  // all dead
    std::uint64_t bytes_written = 0;
    std::array<std::uint64_t, 16> invalid{};  // messages left out, by Errc class, wrong_hash under `bundle`
    std::uint64_t verified_bytes = 0;
    std::vector<bundle::Name> found_invalid;  // by verification
    std::uint64_t wrong_bundles = 0;          // indexes that were wrong, and what was found invalid
    std::uint64_t salvaged = 0, lost = 0;
    std::uint64_t unreadable = 0;  // bundles left alone, for the medium does not give all of them
    std::uint64_t left = 0;        // other bundles left as they are
    std::optional<Error> error{};  // why, the first time

    bool did_something() const { return merged + rewritten + dropped + salvaged > 0; }
};

// What is known of bundles when their headers are.
std::vector<BundleFacts> facts_of(const Readers& bundles, const Distrust* distrust,
                                  const message::Today& today);

class Upkeep {
public:
    Upkeep(UpkeepSide& side, const UpkeepSettings& settings, const message::Today& today, Random& random)
        : side_(side), settings_(settings), today_(today), random_(random) {}

    std::function<void(const Progress&)> on_progress;

    // Plans and works until nothing is due. Then, if something was, verifies some of what is there. What one
    // bundle is in the way of is said in the result; an error ends the work: the medium's, or cancelled.
    Result<void> run(UpkeepResult& result, const std::stop_token& stop);

private:
    UpkeepSide& side_;
    UpkeepSettings settings_;
    message::Today today_;
    Random& random_;
};

}  // namespace wcmp::sync
