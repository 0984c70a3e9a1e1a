// A relay's store or a drive as the oracle knows it: plain sets, nothing else.
#pragma once

#include "look.h"
#include "rules.h"

#include <functional>
#include <string>

namespace wcmp::sim {

struct Side {
    std::string name;
    Onlooker onlooker{};
    Seen seen{};
    // Lay here in files that rot has taken hold of since: what can be saved of them comes back.
    std::set<MessageKey> buried{};
    // Came when the medium refused something: the next power cut may take it.
    std::set<MessageKey> unsure{};
    // Was there then: files whose removal the medium refused to write come back with the next power cut.
    std::set<MessageKey> ghosts{};
    bool rotted = false;  // since it was last found sound
    // A reading failed: there may be bundles here of which this run of the relay does not know.
    bool overlooked = false;
};

// What may have happened on a side since it was last looked at.
struct Allowed {
    std::function<bool(const MessageKey&)> to_go;
    std::function<bool(const MessageKey&, std::uint32_t length)> to_come;
    bool power_cut = false;
};

struct Changes {
    Messages gone;
    Messages came;
};

// Looks, and compares with what was there: nothing lost, nothing invented, no file that is neither valid nor
// void unless something rotted there. Throws Failure.
Changes look_again(Side& side, const io::Directory& directory, const Allowed& allowed);

std::string describe(const MessageKey& key);

}  // namespace wcmp::sim
