#include "bundle/parts.h"

#include "bundle/cut.h"

namespace wcmp::bundle {

std::vector<Part> cut_items(std::span<const Item> items) {
    Cutter cutter;
    std::vector<Piece> pieces;
    for (const auto& item : items) cutter.add(item.key, item.length, pieces);
    cutter.finish(pieces);
    std::vector<Part> parts;
    parts.reserve(pieces.size());
    std::size_t first = 0;
    for (const auto& piece : pieces) {
        parts.push_back({.first = first, .count = piece.messages});
        first += piece.messages;
    }
    return parts;
}

}  // namespace wcmp::bundle
