// A file system mounted for one test, where the machine allows it.
#pragma once

#include <filesystem>
#include <string>

#include <sched.h>
#include <sys/mount.h>

namespace wcmp::tests {

// In a mount namespace of this process, so that nothing is left behind if the test dies. Threads and
// descriptors from before the first one stay outside.
class Mounted {
public:
    Mounted(const char* type, const std::filesystem::path& at, const std::string& options = "")
        : at_(at),
          mounted_(namespace_entered() && ::mount("none", at.c_str(), type, 0, options.c_str()) == 0) {}
    Mounted(const Mounted&) = delete;
    Mounted& operator=(const Mounted&) = delete;
    ~Mounted() {
        if (mounted_) ::umount2(at_.c_str(), MNT_DETACH);
    }

    explicit operator bool() const { return mounted_; }
    bool remount_read_only() {
        return ::mount("none", at_.c_str(), nullptr, MS_REMOUNT | MS_RDONLY, "") == 0;
    }

    static bool namespace_entered() {
        static const bool entered =
            ::unshare(CLONE_NEWNS) == 0 && ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
        return entered;
    }

private:
    std::filesystem::path at_;
    bool mounted_ = false;
};

}  // namespace wcmp::tests
