// Some entries of some bundles, one bit for each entry: how a plan remembers what it chose without growing
// with it.
#pragma once

#include "bundle/cut.h"
#include "bundle/join.h"
#include "bundle/message_source.h"

#include <memory>
#include <span>
#include <vector>

namespace wcmp::bundle {

// One source's part of a selection.
class SelectedEntries {
public:
    SelectedEntries() = default;
    explicit SelectedEntries(std::shared_ptr<const Reader> reader);

    void select(std::uint32_t position);
    bool empty() const { return count_ == 0; }
    std::uint32_t count() const { return count_; }
    const std::shared_ptr<const Reader>& reader() const { return reader_; }
    // The first selected position >= from, or nothing.
    std::optional<std::uint32_t> next(std::uint32_t from) const;

    std::shared_ptr<const IndexDigests> digests;  // set when the join has ended

private:
    std::shared_ptr<const Reader> reader_;
    std::vector<std::uint64_t> bits_;
    std::uint32_t count_ = 0;
};

// The items of one piece, each with all its copies, gathered from a selection. Memory is bounded by the
// copies that the piece counts. An item's length is its first copy's; copies that claim another are listed
// and never fetched.
struct PieceItems {
    std::vector<Item> items;
    std::vector<Copy> copies;               // of all items, one after the other
    std::vector<std::uint32_t> first_copy;  // items.size() + 1 positions in `copies`
};

// Every non-empty selection has its digests. E_BUNDLE when an index is no longer what it was.
Result<PieceItems> gather(std::span<const SelectedEntries> selection, const Piece& piece);

// Where copies of an item claim different lengths, the first that verifies decides: a false index must not
// hide an honest copy. Such items alone are read.
void settle_lengths(std::span<const SelectedEntries> selection, PieceItems& items);

// The messages of gathered items, each copy tried in turn, read ahead in large steps within buffer_bytes in
// all. `selection` and `items` must outlive it.
std::unique_ptr<MessageSource> copy_source(std::span<const SelectedEntries> selection,
                                           const PieceItems& items, std::size_t buffer_bytes);

}  // namespace wcmp::bundle
