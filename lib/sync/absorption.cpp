#include "sync/absorption.h"

#include "bundle/absorb.h"

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
                                 const std::vector<bool>& excluded, const message::Today& today) {
    std::vector<bundle::Name> names;
    if (transfer.pieces.size() != 1) return names;
    std::vector<bundle::AbsorbCandidate> candidates;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < taking.size(); ++i) {
        if (i < excluded.size() && excluded[i]) continue;
        candidates.push_back({.name = taking[i]->name(), .file_bytes = taking[i]->header().file_bytes});
        places.push_back(i);
    }
    for (const auto chosen :
         bundle::choose_absorbed(candidates, transfer.message_bytes, transfer.file_bytes)) {
        const auto place = places[chosen];
        auto selected = live_entries(taking[place], today);
        selected.digests = digests[place];
        if (!selected.empty()) transfer.selection.push_back(std::move(selected));
        names.push_back(taking[place]->name());
    }
    // The one piece now reaches over everything that was added.
    if (!names.empty()) {
        constexpr std::uint32_t day_max = ~std::uint32_t{0};
        transfer.pieces.front().first = {};
        transfer.pieces.front().last.day = Day{day_max};
        transfer.pieces.front().last.id.bytes.fill(0xff);
    }
    return names;
}

}  // namespace wcmp::sync
