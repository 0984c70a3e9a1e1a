#include "tally.h"

#include <array>
#include <iomanip>

namespace wcmp::sim {

void Tally::add(const Tally& other) {
    constexpr std::array counts{&Tally::steps,           &Tally::visits,       &Tally::disturbed,
                                &Tally::tidied,          &Tally::upkeeps,      &Tally::power_cuts,
                                &Tally::pulls,           &Tally::refusals,     &Tally::restarts,
                                &Tally::floods,          &Tally::rotted_files, &Tally::written,
                                &Tally::acknowledged,    &Tally::refused,      &Tally::imported,
                                &Tally::exported,        &Tally::evicted,      &Tally::expired,
                                &Tally::rotted_messages, &Tally::left_out,     &Tally::displaced};
    for (const auto count : counts) this->*count += other.*count;
    note(other.trace);
}

std::ostream& operator<<(std::ostream& out, const Tally& t) {
    out << t.steps << " steps, " << t.visits << " visits (" << t.disturbed << " disturbed), " << t.tidied
        << " drives tidied, " << t.upkeeps << " store upkeeps\n"
        << t.power_cuts << " power cuts, " << t.pulls << " drives pulled out, " << t.refusals
        << " refusals of a medium, " << t.restarts << " restarts, " << t.floods << " floods, "
        << t.rotted_files << " rotted files\n"
        << t.written << " messages written, " << t.acknowledged << " acknowledged, " << t.refused
        << " refused, " << t.imported << " imported, " << t.exported << " exported, " << t.left_out
        << " left out, " << t.displaced << " displaced, " << t.evicted << " evicted, " << t.expired
        << " expired, " << t.rotted_messages << " rotted\n"
        << "trace " << std::hex << std::setw(16) << std::setfill('0') << t.trace << std::dec << "\n"
        << "lost 0, invented 0\n";
    return out;
}

}  // namespace wcmp::sim
