// A visit of a folder that only the person can read: everything on the person's side of the socket.
#pragma once

#include "client/judged_day.h"
#include "client/relay.h"
#include "core/random.h"
#include "sync/visit.h"

#include <filesystem>
#include <functional>
#include <map>
#include <stop_token>

namespace wcmp::client {

struct FolderSync {
    std::filesystem::path scratch;  // a folder that holds pieces, without names, on their way to the relay
    OwnClock clock{};
    std::function<void(const sync::Progress&)> on_progress{};
    std::stop_token stop{};
};

// Counts have the names of the API's result of a visit (lib/api/API.md, "Bundles").
struct FolderResult {
    std::uint64_t imported = 0;  // what the relay says that it took
    std::uint64_t exported = 0;
    std::uint64_t known = 0;
    std::map<std::string, std::uint64_t> refused{};
    std::map<std::string, std::uint64_t> invalid{};
    std::uint64_t not_exported = 0;
    std::uint64_t not_sent = 0;  // there was no room in `scratch`
    std::uint64_t damaged = 0, saved = 0, lost = 0, damaged_left = 0;
    std::optional<Error> export_error{};   // what could not be written to the folder, and why
    std::optional<Error> scratch_error{};  // what could not be written to `scratch`, and why
    bool relay_full = false;
    DayDoubt doubt = DayDoubt::none;
    Day relay_day;
};

// `drive` is the folder that holds the bundles (WCMP/). Begins again, at most 3 times, when the relay merges
// a bundle away while it is read. An error means that it ended early; what was done by then is in `result`.
Result<void> sync_folder(Relay& relay, io::Directory& drive, const FolderSync& how, Random& random,
                         FolderResult& result);

}  // namespace wcmp::client
