// Carries out one direction of a plan, piece after piece in random order. It decides nothing.
#pragma once

#include "bundle/commit.h"
#include "core/limits.h"
#include "sync/plan.h"

#include <functional>
#include <stop_token>

namespace wcmp::sync {

// How a piece is committed: a directory, or a store behind a socket.
using CommitPiece = std::function<Result<bundle::CommitResult>(
    std::span<const bundle::Item>, bundle::MessageSource&, const bundle::CommitOptions&)>;

struct CommittedPiece {
    bundle::CommitResult commit;
    std::vector<MessageKey> added;  // the messages that are new on the taking side, ascending
    std::uint64_t added_bytes = 0;
    // Everything of the absorbed bundles is written, but what is dead or invalid: they may go.
    bool covers_inputs = false;
};

struct TransferOrder {
    Transfer& transfer;
    std::size_t giving_bundles;  // selections from here on are absorbed ones: their messages are not new
    std::size_t buffer_bytes;
    bundle::CommitOptions options;
    CommitPiece commit_piece;
    // After each piece; also for what counts of one of which the rest failed.
    std::function<Result<void>(const CommittedPiece&)> committed;
    std::function<void(Errc)> bad_message;  // once for each new one that is bad in all copies
    // So many places in a row that give nothing mean that the medium is gone; before that they are left out.
    unsigned unreadable_in_a_row_max = limits::unreadable_in_a_row_max;
    bool input_failed = false;  // afterwards: an error came from reading, not from writing
};

// E_BUNDLE with input_failed: an index is not what it was when the plan was made.
Result<void> carry_out(TransferOrder& order, Random& random);

}  // namespace wcmp::sync
