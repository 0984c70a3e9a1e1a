// A relay's store for an operator, while the relay is stopped.
#pragma once

#include "failure.h"
#include "io/file.h"

#include <memory>

namespace wcmp::program {

struct RestingStore {
    std::unique_ptr<io::Directory> directory;
    std::unique_ptr<io::Lock> lock;
};

// To be read: by whoever may read it. Refuses a folder that is no store, and one that a relay works in.
// `command` is the one below `wcmp store`, for the line that is to be run instead.
Outcome<RestingStore> open_to_read(const std::string& path, const std::string& command);

// To be changed, by its owner only: a file of another's in it would keep the relay out. Without the lock,
// which store::Store takes.
Outcome<std::unique_ptr<io::Directory>> open_to_change(const std::string& path, const std::string& command);

// What Errc::busy of a store's lock means.
Failure relay_works_in(const std::string& path);

}  // namespace wcmp::program
