// A visit of a folder that only the person can read: everything on the person's side of the socket.
#pragma once

#include "client/relay.h"
#include "core/random.h"
#include "sync/visit.h"

#include <filesystem>
#include <functional>
#include <stop_token>

namespace wcmp::client {

struct FolderSync {
    std::filesystem::path scratch;  // where pieces are made on their way to the relay
    std::function<void(const sync::Progress&)> on_progress{};
    std::stop_token stop{};
};

// `drive` is the folder that holds the bundles (WCMP/). Begins again, at most 3 times, when the relay merges
// a bundle away while it is read. An error means that it ended early; what was done by then is in `result`.
Result<void> sync_folder(Relay& relay, io::Directory& drive, const FolderSync& how, Random& random,
                         sync::VisitResult& result);

}  // namespace wcmp::client
