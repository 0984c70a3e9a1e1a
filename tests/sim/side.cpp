#include "side.h"

#include "core/hex.h"
#include "dice.h"

namespace wcmp::sim {
namespace {

Messages difference(const Messages& from, const Messages& without) {
    Messages left;
    for (const auto& entry : from)
        if (!without.contains(entry.first)) left.insert(entry);
    return left;
}

void check_gone(const Side& side, const Messages& gone, const Allowed& allowed) {
    for (const auto& [key, length] : gone) {
        if (allowed.power_cut && side.unsure.contains(key)) continue;
        expect(allowed.to_go(key), "lost on " + side.name + ": " + describe(key));
    }
}

void check_came(const Side& side, const Messages& came, const Allowed& allowed) {
    for (const auto& [key, length] : came) {
        if (side.buried.contains(key) || side.seen.savable.contains(key)) continue;
        if (allowed.power_cut && side.ghosts.contains(key)) continue;
        expect(allowed.to_come(key, length), "came to " + side.name + ": " + describe(key));
    }
}

}  // namespace

std::string describe(const MessageKey& key) {
    return "a message of day " + std::to_string(key.day.number) + ", " + to_hex(key.id.view().first(8));
}

Changes look_again(Side& side, const io::Directory& directory, const Allowed& allowed) {
    auto now = side.onlooker.look(directory);
    Changes changes{difference(side.seen.held, now.held), difference(now.held, side.seen.held)};
    check_gone(side, changes.gone, allowed);
    check_came(side, changes.came, allowed);
    expect(side.rotted || now.sound(), "damaged files on " + side.name +
                                           ", where nothing rotted: " + std::to_string(now.damaged) +
                                           " damaged, " + std::to_string(now.unknown_format) + " unknown, " +
                                           std::to_string(now.false_claims.size()) + " false claims");
    if (now.sound()) {
        side.rotted = false;
        side.buried.clear();
    }
    if (allowed.power_cut) {
        side.unsure.clear();
        side.ghosts.clear();
    }
    side.seen = std::move(now);
    return changes;
}

}  // namespace wcmp::sim
