// A disk with places that give nothing, and places that give something else from some reading on.
#pragma once

#include "io/file.h"

#include <cerrno>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace wcmp::store::test {

class WornDisk {
public:
    // Readings of these bytes of a file fail.
    void spoil(const std::string& name, std::uint64_t offset, std::uint64_t length, int os_error = EIO);
    // The byte is another one after so many readings of it.
    void change_after(const std::string& name, std::uint64_t offset, unsigned readings);
    void mend();
    // Happens when somebody has begun to read and has no bytes yet, once.
    void before_next_reading(std::function<void()> what);
    // How often bytes of this file were asked for.
    std::size_t readings(const std::string& name) const;

    // The directory as it looks on this disk, which must outlive it.
    std::unique_ptr<io::Directory> under(std::unique_ptr<io::Directory> directory);

    // For its files: before a reading, and what becomes of it.
    void begin_reading();
    Result<void> read(const std::string& name, std::uint64_t offset, MutableBytes bytes);

private:
    struct Spoiled {
        std::uint64_t offset = 0;
        std::uint64_t length = 0;
        int os_error = EIO;
    };
    struct Changing {
        std::uint64_t offset = 0;
        unsigned readings_left = 0;
    };
    mutable std::mutex mutex_;
    std::multimap<std::string, Spoiled> spoiled_;
    std::multimap<std::string, Changing> changing_;
    std::map<std::string, std::size_t> readings_;
    std::function<void()> before_reading_;
};

}  // namespace wcmp::store::test
