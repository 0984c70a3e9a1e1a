// Two sides of a visit in a file system that forgets what was not synced, and what they hold.
#pragma once

#include "bundle/directory.h"
#include "io/memory.h"
#include "sync/visit.h"
#include "unit/bundle/sample.h"

#include <set>

#include <gtest/gtest.h>

namespace wcmp::sync::test {

inline constexpr message::Today today{.floor = {20000}};
inline constexpr std::uint32_t first_day = 20010;

// A store that is nothing but a directory of bundles.
class PlainStore final : public Local {
public:
    explicit PlainStore(io::Directory& directory) : directory_(directory) {}

    std::vector<std::shared_ptr<const bundle::Reader>> bundles() override;
    io::Directory* directory() override { return failing != nullptr && *failing ? nullptr : &directory_; }
    StoreRoom room() override { return free; }
    Retention retention() override { return kept; }
    Result<void> publish(std::span<const bundle::Name> added, std::span<const bundle::Name> covered,
                         std::span<const MessageKey> arrived) override;

    StoreRoom free;
    Retention kept;
    const bool* failing = nullptr;  // whether it takes no more, from one moment to the next
    std::set<MessageKey> arrived;

private:
    io::Directory& directory_;
    std::vector<std::shared_ptr<const bundle::Reader>> bundles_;
    bool stale_ = true;
};

// Writes a bundle as if it had always been there.
void put_bundle(io::Directory& directory, const std::vector<bundle::test::Sample>& messages);
void put_file(io::Directory& directory, const std::string& name, ByteView bytes);

// Every message that can be read, verified, from the bundles of a directory.
std::set<MessageKey> held(io::Directory& directory);

std::set<MessageKey> keys(const std::vector<bundle::test::Sample>& messages);

}  // namespace wcmp::sync::test
