#include "sync/absorption.h"

#include "bundle/absorb.h"
#include "core/limits.h"

#include <algorithm>

namespace wcmp::sync {
namespace {

// Positions of live days only; what the store would refuse by its other rules is carried over.
bundle::SelectedEntries live_entries(const std::shared_ptr<const bundle::Reader>& reader,
                                     const message::Today& today) {
    bundle::SelectedEntries selected(reader);
    const auto days = reader->days();
    for (std::size_t day = 0; day < days.size(); ++day) {
        if (!message::check_day(days[day].day, today)) continue;
        for (auto position = reader->first_of_day(day); position < reader->first_of_day(day + 1); ++position)
            selected.select(position);
    }
    return selected;
}

}  // namespace

std::vector<bundle::Name> absorb(Transfer& transfer, const Readers& taking,
                                 const std::vector<std::shared_ptr<const bundle::IndexDigests>>& digests,
                                 const std::vector<bool>& excluded, const message::Today& today,
                                 std::uint64_t room_bytes) {
    std::vector<bundle::Name> names;
    if (transfer.pieces.size() != 1) return names;
    std::vector<bundle::AbsorbCandidate> candidates;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < taking.size(); ++i) {
        if (i < excluded.size() && excluded[i]) continue;
        const auto& header = taking[i]->header();
        candidates.push_back(
            {.name = taking[i]->name(), .file_bytes = header.file_bytes, .messages = header.messages});
        places.push_back(i);
    }
    auto& piece = transfer.pieces.front();
    const bundle::AbsorbRoom room{
        .file_bytes = room_bytes,
        .messages =
            limits::piece_copies_max - std::min<std::uint64_t>(piece.copies, limits::piece_copies_max)};
    for (const auto chosen :
         bundle::choose_absorbed(candidates, transfer.message_bytes, transfer.file_bytes, room)) {
        const auto place = places[chosen];
        auto selected = live_entries(taking[place], today);
        selected.digests = digests[place];
        piece.copies += selected.count();
        if (!selected.empty()) transfer.selection.push_back(std::move(selected));
        names.push_back(taking[place]->name());
    }
    // The one piece now reaches over everything that was added.
    if (!names.empty()) {
        constexpr std::uint32_t day_max = ~std::uint32_t{0};
        piece.first = {};
        piece.last.day = Day{day_max};
        piece.last.id.bytes.fill(0xff);
    }
    return names;
}

}  // namespace wcmp::sync
