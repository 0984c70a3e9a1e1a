// A stick: a file system that forgets what was not synced, with a folder for bundles on it.
#pragma once

#include "drives/source.h"
#include "io/memory.h"
#include "side.h"
#include "unit/bundle/watched_directory.h"

namespace wcmp::sim {

struct DriveTraits {
    std::uint64_t capacity = 0;
    bool shared = false;  // a directory that others write too
};

class Drive final : public drives::Source {
public:
    Drive(const DriveTraits& traits, std::uint64_t seed, std::string name);

    // As a relay sees it.
    void start(drives::Listener) override {}
    void stop() override {}
    Result<std::unique_ptr<io::Directory>> open(drives::DriveId id) override;
    Result<void> release(drives::DriveId id) override;

    // As it lies there.
    std::unique_ptr<io::Directory> folder() const;
    std::uint64_t free_bytes() const;
    // It is out: what was not synced is gone.
    void pull();

    const DriveTraits traits;
    mutable io::MemoryFileSystem files;
    bundle::test::Watch watch;  // of what relays do
    Side side;
    bool read_only = false;
};

}  // namespace wcmp::sim
