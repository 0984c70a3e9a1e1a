#include "bundle/selection.h"

#include <algorithm>
#include <bit>

namespace wcmp::bundle {
namespace {

constexpr std::uint32_t word_bits = 64;

// Appends one source's selected copies inside a piece, in ascending order.
Result<void> gather_source(std::uint32_t source, const SelectedEntries& selected, const Piece& piece,
                           std::vector<Copy>& copies) {
    VerifiedIndex index(selected.reader(), selected.digests);
    WCMP_ASSIGN(const std::uint32_t first, index.lower_bound(piece.first));
    for (auto position = selected.next(first); position; position = selected.next(*position + 1)) {
        WCMP_ASSIGN(const Entry entry, index.at(*position));
        if (piece.last < entry.key) break;
        copies.push_back({.source = source, .position = *position, .entry = entry});
    }
    return {};
}

bool by_key(const Copy& a, const Copy& b) {
    const auto order = a.entry.key <=> b.entry.key;
    return order != 0 ? order < 0 : a.source < b.source;
}

}  // namespace

SelectedEntries::SelectedEntries(std::shared_ptr<const Reader> reader)
    : reader_(std::move(reader)), bits_((reader_->header().messages + word_bits - 1) / word_bits) {}

void SelectedEntries::select(std::uint32_t position) {
    auto& word = bits_[position / word_bits];
    const auto bit = std::uint64_t{1} << position % word_bits;
    if ((word & bit) == 0) ++count_;
    word |= bit;
}

std::optional<std::uint32_t> SelectedEntries::next(std::uint32_t from) const {
    std::size_t at = from / word_bits;
    if (at >= bits_.size()) return std::nullopt;
    std::uint64_t word = bits_[at] & ~std::uint64_t{0} << from % word_bits;
    while (word == 0) {
        if (++at == bits_.size()) return std::nullopt;
        word = bits_[at];
    }
    return static_cast<std::uint32_t>(at) * word_bits + static_cast<std::uint32_t>(std::countr_zero(word));
}

// Source after source, so that one block of one index is in memory at a time; then sorted by key.
Result<PieceItems> gather(std::span<const SelectedEntries> selection, const Piece& piece) {
    PieceItems result;
    result.copies.reserve(std::max<std::uint64_t>(piece.messages, piece.copies));
    std::size_t contributing = 0;
    for (std::uint32_t source = 0; source < selection.size(); ++source) {
        if (selection[source].empty()) continue;
        const auto before = result.copies.size();
        WCMP_TRY(gather_source(source, selection[source], piece, result.copies));
        if (result.copies.size() > before) ++contributing;
    }
    if (contributing > 1) std::ranges::sort(result.copies, by_key);

    result.items.reserve(piece.messages);
    result.first_copy.reserve(piece.messages + std::size_t{1});
    for (std::uint32_t i = 0; i < result.copies.size(); ++i) {
        const Entry& entry = result.copies[i].entry;
        if (!result.items.empty() && result.items.back().key == entry.key) continue;
        result.items.push_back({.key = entry.key, .length = entry.length});
        result.first_copy.push_back(i);
    }
    result.first_copy.push_back(static_cast<std::uint32_t>(result.copies.size()));
    return result;
}

void settle_lengths(std::span<const SelectedEntries> selection, PieceItems& items) {
    message::Identifier identifier;
    Bytes buffer;
    for (std::size_t i = 0; i < items.items.size(); ++i) {
        auto& item = items.items[i];
        const auto copies = std::span(items.copies)
                                .subspan(items.first_copy[i], items.first_copy[i + 1] - items.first_copy[i]);
        const auto is_other = [&](const Copy& copy) { return copy.entry.length != item.length; };
        if (std::ranges::none_of(copies, is_other)) continue;
        const auto verified = std::ranges::find_if(copies, [&](const Copy& copy) {
            return selection[copy.source].reader()->read_message(copy.entry, identifier, buffer).has_value();
        });
        if (verified != copies.end()) item.length = verified->entry.length;
    }
}

}  // namespace wcmp::bundle
