#include "sync/transfer.h"

#include "bundle/parts.h"
#include "sync/watched_source.h"

#include <cerrno>

namespace wcmp::sync {
namespace {

bool is_new(const bundle::PieceItems& items, std::size_t item, std::size_t giving_bundles) {
    for (auto copy = items.first_copy[item]; copy < items.first_copy[item + 1]; ++copy)
        if (items.copies[copy].source >= giving_bundles) return false;
    return true;
}

CommittedPiece describe(const bundle::PieceItems& items, const bundle::Part& part,
                        bundle::CommitResult commit, std::size_t giving_bundles) {
    CommittedPiece piece{.commit = std::move(commit), .added = {}};
    if (piece.commit.skipped) return piece;
    auto bad = piece.commit.bad.begin();
    for (std::size_t i = 0; i < part.count; ++i) {
        if (bad != piece.commit.bad.end() && *bad == i) {
            ++bad;
            continue;
        }
        const auto item = part.first + i;
        if (!is_new(items, item, giving_bundles)) continue;
        piece.added.push_back(items.items[item].key);
        piece.added_bytes += items.items[item].length;
    }
    return piece;
}

// Commits one part. Where that ends midway, what counts by then is told all the same.
Result<bundle::CommitResult> commit_part(const TransferOrder& order, const bundle::PieceItems& items,
                                         const bundle::Part& part, bundle::MessageSource& messages) {
    CommittedPiece so_far;
    auto options = order.options;
    options.on_file = [&](const auto& name, std::span<const std::uint32_t> positions) {
        so_far.commit.files.push_back(name);
        for (const auto position : positions) {
            const auto item = part.first + position;
            if (!is_new(items, item, order.giving_bundles)) continue;
            so_far.added.push_back(items.items[item].key);
            so_far.added_bytes += items.items[item].length;
        }
    };
    const auto some = std::span(items.items).subspan(part.first, part.count);
    auto done = order.commit_piece(some, messages, options);
    const bool whole = done && !done->skipped;
    if (!whole && !so_far.commit.files.empty()) WCMP_TRY(order.committed(so_far));
    return done;
}

// One piece is one part, unless copies claimed false lengths. Inputs are covered when the last part is there.
Result<void> carry_parts(TransferOrder& order, const bundle::PieceItems& items, WatchedSource& source) {
    const auto parts = bundle::cut_items(items.items);
    bool skipped = false;
    for (const auto& part : parts) {
        bundle::PartSource messages(source, part);
        WCMP_ASSIGN(auto done, commit_part(order, items, part, messages));
        for (const auto index : done.bad)
            if (is_new(items, part.first + index, order.giving_bundles))
                order.bad_message(source.why(part.first + index));
        skipped = skipped || done.skipped;
        auto piece = describe(items, part, std::move(done), order.giving_bundles);
        piece.covers_inputs = &part == &parts.back() && !skipped && source.read_all();
        WCMP_TRY(order.committed(piece));
    }
    return {};
}

Result<void> carry_piece(TransferOrder& order, const bundle::Piece& piece) {
    auto items = bundle::gather(order.transfer.selection, piece);
    if (!items) {
        order.input_failed = true;
        if (items.error().os_error == EIO) return fail(Errc::bundle, "an index cannot be read again", EIO);
        return std::unexpected(items.error());
    }
    if (items->items.empty()) return {};
    bundle::settle_lengths(order.transfer.selection, *items);
    const auto copies = bundle::copy_source(order.transfer.selection, *items, order.buffer_bytes);
    WatchedSource source(*copies, order.unreadable_in_a_row_max);
    auto done = carry_parts(order, *items, source);
    order.input_failed = source.failed();
    return done;
}

}  // namespace

Result<void> carry_out(TransferOrder& order, Random& random) {
    WCMP_TRY(shuffle(random, order.transfer.pieces));
    for (const auto& piece : order.transfer.pieces) WCMP_TRY(carry_piece(order, piece));
    return {};
}

}  // namespace wcmp::sync
