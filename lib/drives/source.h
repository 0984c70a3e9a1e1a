// A drive source tells which drives there are, and hands over their directories.
#pragma once

#include "core/error.h"
#include "io/file.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

namespace wcmp::drives {

enum class Kind : std::uint8_t { directory, desktop, mountd };
std::string_view to_string(Kind kind);

enum class FileSystemKind : std::uint8_t { vfat, exfat, ext4, other };
inline constexpr std::size_t file_system_kind_count = 4;
std::string_view to_string(FileSystemKind kind);

// What can be told of a drive before it is opened.
enum class Readiness : std::uint8_t {
    ready,
    unsupported,  // a file system that is not used here, or nothing that is known
    encrypted,    // LUKS and the like: nobody here has the key
    empty,        // a card reader without a card, a drive without a file system
    waiting,      // somebody else has it: mounted, being formatted, or not mounted by the desktop yet
};
inline constexpr std::size_t readiness_count = 5;
// As in the API's list of drive states; `ready` is "waiting" there until the visit begins.
std::string_view to_string(Readiness readiness);

// Counts up during a run of the daemon; shown as "d1", "d2", ...
struct DriveId {
    std::uint32_t number = 0;
    auto operator<=>(const DriveId&) const = default;
};

// Gives the numbers: one for all the sources of a daemon.
class DriveNumbers {
public:
    DriveId next() { return {++last_}; }

private:
    std::atomic<std::uint32_t> last_ = 0;
};

struct DriveAdded {
    DriveId id;
    Kind kind = Kind::directory;
    FileSystemKind file_system = FileSystemKind::other;
    bool shared = false;
    Readiness readiness = Readiness::ready;
    // The same for all drives of this source that were plugged in as one; 0: nobody plugs it in, or it is not
    // known.
    std::uint32_t carrier = 0;
};
// It is ready now, or no longer (a card was put in, the desktop mounted it).
struct DriveReadiness {
    DriveId id;
    FileSystemKind file_system = FileSystemKind::other;
    Readiness readiness = Readiness::ready;
};
struct DriveChanged {  // something on it was changed by another's hand
    DriveId id;
};
struct DriveRemoved {
    DriveId id;
};
// Its visit should end soon: somebody wants to take it out, or the source is about to stop.
struct DriveWanted {
    DriveId id;
};

// It is free, though the release of its visit was answered with busy: it may be taken out now.
struct DriveFreed {
    DriveId id;
};

// A drive that is a directory has not answered for a while, or does so again.
struct DriveAnswers {
    DriveId id;
    bool answers = true;
};

// What a source reports. Called on the thread that runs the io_context.
struct Listener {
    std::function<void(const DriveAdded&)> added;
    std::function<void(const DriveChanged&)> changed;
    std::function<void(const DriveRemoved&)> removed;
    std::function<void(const DriveReadiness&)> readiness{};
    std::function<void(const DriveWanted&)> wanted{};
    std::function<void(const DriveFreed&)> freed{};
    std::function<void(const DriveAnswers&)> answers{};
};

class Source {
public:
    virtual ~Source() = default;
    virtual void start(Listener listener) = 0;
    virtual void stop() = 0;
    // Opens the drive's root directory for one visit. Called on a worker. not_found when it has gone.
    virtual Result<std::unique_ptr<io::Directory>> open(DriveId id) = 0;
    // After every descriptor is closed: success when the drive may be taken out. Called on a worker. busy
    // when somebody still uses it.
    virtual Result<void> release(DriveId id) = 0;
};

}  // namespace wcmp::drives
