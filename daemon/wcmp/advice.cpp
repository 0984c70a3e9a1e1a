#include "advice.h"

#include <array>
#include <string_view>
#include <utility>

namespace wcmp::program {

namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 12> advice = {{
    {"no_cover", "drives show what was sent from here; set cover.messages_per_visit"},
    {"clock_behind", "set the machine's clock right, or tell the day: wcmp clock set"},
    {"clock_ahead",
     "set the machine's clock right; a right one is believed once a time server kept it for a day, or at "
     "once when it is confirmed: wcmp clock set"},
    {"clock_unsynced",
     "let the machine find a time server, or tell the day: wcmp clock set; until then only the time that "
     "passed is believed"},
    {"store_full", "give the store more room: free space on its disk"},
    {"store_failing", "replace the disk; the relay only reads from it"},
    {"store_damaged", "look at the disk: bundles of the store were damaged, what could be saved was saved"},
    {"store_volatile", "put the store on a disk ([store] path): where it is now, a restart empties it"},
    {"under_voltage", "use a stronger power supply or a shorter cable; drives fail on a weak one"},
    {"no_mounter", "start wcmp-mountd: no stick is used without it; or set [drives] source = \"none\""},
    {"drive_damaged", "let the relay write to the damaged drive, or copy it to another"},
    {"directory_silent",
     "see whether the disk or server behind a configured directory works; `wcmp drives` has more"},
}};

}  // namespace

std::string with_advice(const std::string& code) {
    for (const auto& [known, what] : advice)
        if (known == code) return code + ": " + std::string(what);
    return code;
}

}  // namespace wcmp::program
