// What a visit will do: a pure function of the indexes of both sides, the rules and the day. It never reads a
// message.
#pragma once

#include "bundle/selection.h"
#include "message/admission.h"
#include "sync/claims.h"
#include "sync/sampling.h"

#include <array>
#include <memory>
#include <span>
#include <stop_token>
#include <vector>

namespace wcmp::sync {

using Readers = std::vector<std::shared_ptr<const bundle::Reader>>;

struct PlanInput {
    std::span<const std::shared_ptr<const bundle::Reader>> store;
    std::span<const std::shared_ptr<const bundle::Reader>> drive;
    std::vector<bool> distrusted;  // by drive bundle: its claims do not count
    message::AdmissionRules admission{};
    message::Today today;
    Retention retention{};  // the store's
    Sampling import_sampling{};
    Sampling export_sampling{};
    std::size_t buffer_bytes = 0;
};

// One direction.
struct Transfer {
    std::vector<bundle::SelectedEntries> selection;  // by bundle of the giving side
    std::vector<bundle::Piece> pieces;
    std::uint64_t messages = 0;
    std::uint64_t message_bytes = 0;
    std::uint64_t file_bytes = 0;  // of all pieces
    std::uint64_t left_out = 0;    // by the sampling
};

struct Plan {
    Transfer imports;
    Transfer exports;
    RankBytes import_ranks{};  // of all imports, where the store ranks
    std::uint64_t known = 0;
    std::array<std::uint64_t, message::verdict_count> refused{};
    std::uint64_t too_short = 0;                // claimed by the drive, and shorter than a message can be
    std::vector<ClaimSample> claims;            // by drive bundle
    std::vector<bool> lacking_in_store;         // by drive bundle: live messages of it are, as claimed
    std::vector<std::uint32_t> wrong_in_drive;  // indexes that turned out wrong: this plan must not be used
    std::vector<std::uint32_t> wrong_in_store;
    std::vector<std::uint32_t> unreadable_in_drive;  // indexes that the medium does not give
    // Of indexes that were verified: by bundle.
    std::vector<std::shared_ptr<const bundle::IndexDigests>> store_digests;
    std::vector<std::shared_ptr<const bundle::IndexDigests>> drive_digests;

    bool usable() const {
        return wrong_in_drive.empty() && wrong_in_store.empty() && unreadable_in_drive.empty();
    }
};

// Errors are the media's, or cancelled.
Result<Plan> make_plan(const PlanInput& input, Random& random, const std::stop_token& stop);

}  // namespace wcmp::sync
