#include "sync/transfer.h"

#include <algorithm>
#include <map>

namespace wcmp::sync {
namespace {

// Remembers why messages were refused, for the counters.
class WatchedSource final : public bundle::MessageSource {
public:
    explicit WatchedSource(bundle::MessageSource& source) : source_(source) {}

    Result<bundle::Reader::Message> fetch(std::size_t index, const bundle::Item& item) override {
        auto message = source_.fetch(index, item);
        if (!message) errors_[index] = message.error().code;
        return message;
    }

    Errc why(std::size_t index) const {
        const auto found = errors_.find(index);
        return found == errors_.end() ? Errc::wrong_hash : found->second;
    }

private:
    bundle::MessageSource& source_;
    std::map<std::size_t, Errc> errors_;  // of bad messages only: at most a piece's
};

bool is_new(const bundle::PieceItems& items, std::size_t item, std::size_t giving_bundles) {
    for (auto copy = items.first_copy[item]; copy < items.first_copy[item + 1]; ++copy)
        if (items.copies[copy].source >= giving_bundles) return false;
    return true;
}

CommittedPiece describe(const bundle::PieceItems& items, bundle::CommitResult commit,
                        std::size_t giving_bundles) {
    CommittedPiece piece{.commit = std::move(commit), .added = {}};
    if (piece.commit.skipped) return piece;
    auto bad = piece.commit.bad.begin();
    for (std::size_t i = 0; i < items.items.size(); ++i) {
        if (bad != piece.commit.bad.end() && *bad == i) {
            ++bad;
            continue;
        }
        if (!is_new(items, i, giving_bundles)) continue;
        piece.added.push_back(items.items[i].key);
        piece.added_bytes += items.items[i].length;
    }
    return piece;
}

Result<void> carry_piece(TransferOrder& order, const bundle::Piece& piece) {
    WCMP_ASSIGN(const auto items, bundle::gather(order.transfer.selection, piece));
    if (items.items.empty()) return {};
    const auto copies = bundle::copy_source(order.transfer.selection, items, order.buffer_bytes);
    WatchedSource source(*copies);
    WCMP_ASSIGN(auto done, order.commit_piece(items.items, source, order.options));
    for (const auto index : done.bad) order.bad_message(source.why(index));
    return order.committed(describe(items, std::move(done), order.giving_bundles));
}

}  // namespace

Result<void> carry_out(TransferOrder& order, Random& random) {
    WCMP_TRY(shuffle(random, order.transfer.pieces));
    for (const auto& piece : order.transfer.pieces) WCMP_TRY(carry_piece(order, piece));
    return {};
}

}  // namespace wcmp::sync
