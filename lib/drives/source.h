// A drive source tells which drives there are, and hands over their directories.
#pragma once

#include "core/error.h"
#include "io/file.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

namespace wcmp::drives {

enum class Kind : std::uint8_t { directory, desktop, mountd };
std::string_view to_string(Kind kind);

enum class FileSystemKind : std::uint8_t { vfat, exfat, ext4, other };
std::string_view to_string(FileSystemKind kind);

// Counts up during a run of the daemon; shown as "d1", "d2", ...
struct DriveId {
    std::uint32_t number = 0;
    auto operator<=>(const DriveId&) const = default;
};

struct DriveAdded {
    DriveId id;
    Kind kind = Kind::directory;
    FileSystemKind file_system = FileSystemKind::other;
    bool shared = false;
};
struct DriveChanged {  // something on it was changed by another's hand
    DriveId id;
};
struct DriveRemoved {
    DriveId id;
};

// What a source reports. Called on the thread that runs the io_context.
struct Listener {
    std::function<void(const DriveAdded&)> added;
    std::function<void(const DriveChanged&)> changed;
    std::function<void(const DriveRemoved&)> removed;
};

class Source {
public:
    virtual ~Source() = default;
    virtual void start(Listener listener) = 0;
    virtual void stop() = 0;
    // Opens the drive's root directory for one visit. Called on a worker. not_found when it has gone.
    virtual Result<std::unique_ptr<io::Directory>> open(DriveId id) = 0;
    // After every descriptor is closed: true when the drive may be taken out. Called on a worker.
    virtual Result<void> release(DriveId id) = 0;
};

}  // namespace wcmp::drives
