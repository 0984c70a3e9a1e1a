// The other end of the handover, as a test wants it: a real socket on which it says what it is told to say.
#pragma once

#include "drives/handover.h"

#include <filesystem>
#include <optional>

namespace wcmp::drives::test {

// Whatever does not happen within 20 s throws.
class ScriptedMountd {
public:
    // Listens at the path.
    explicit ScriptedMountd(std::filesystem::path socket);
    ScriptedMountd(const ScriptedMountd&) = delete;
    ScriptedMountd& operator=(const ScriptedMountd&) = delete;
    ~ScriptedMountd();

    void accept();
    // The next message of wcmpd; nothing when it has closed.
    std::optional<handover::Message> hear();
    void say(const handover::Message& message, int descriptor = -1);
    void say_bytes(ByteView bytes);
    // An O_PATH descriptor, as of a mount.
    void hand_over(std::uint32_t drive, const std::filesystem::path& directory);
    void hang_up() { channel_.reset(); }

    // Mounts the directory and says that it was released whenever it is asked, until wcmpd closes.
    void serve(std::uint32_t drive, const std::filesystem::path& directory);

private:
    std::filesystem::path path_;
    io::UniqueFd listening_;
    std::optional<handover::Channel> channel_;
};

}  // namespace wcmp::drives::test
