// A relay, and folders that stand for the drives it meets.
#pragma once

#include "test_relay.h"

namespace wcmp::node::test {

namespace fs = std::filesystem;

inline fs::path drive_for(const TestRelay& relay, const std::string& name, bool prepared = true) {
    const auto path = relay.folder.path / name;
    fs::create_directories(prepared ? path / "WCMP" : path);
    return path;
}

// A drive that another relay left messages on: another one for each seed.
inline fs::path foreign_drive_for(const TestRelay& relay, const std::string& name, std::size_t count,
                                  std::uint64_t seed = 99) {
    TestRelay other(seed);
    EXPECT_TRUE(other.start().has_value());
    auto path = drive_for(relay, name);
    for (const auto& message : other.messages(count)) EXPECT_TRUE(other.enqueue(message).has_value());
    other.wait_for(other.source.add(path), "done");
    return path;
}

struct RelayWithDrives : testing::Test {
    TestRelay relay;
    void SetUp() override {
        const auto started = relay.start();
        ASSERT_TRUE(started.has_value()) << describe(started.error());
    }

    fs::path folder(const std::string& name, bool prepared = true) const {
        return drive_for(relay, name, prepared);
    }
    fs::path foreign_drive(const std::string& name, std::size_t count, std::uint64_t seed = 99) const {
        return foreign_drive_for(relay, name, count, seed);
    }
    void hold(std::size_t count) {
        for (const auto& message : relay.messages(count)) ASSERT_TRUE(relay.enqueue(message).has_value());
    }
};

}  // namespace wcmp::node::test
