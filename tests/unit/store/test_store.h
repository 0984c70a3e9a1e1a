// A store in a file system that forgets what was not synced, on a disk that may be worn.
#pragma once

#include "io/memory.h"
#include "store/store.h"
#include "unit/bundle/sample.h"
#include "worn_disk.h"

#include <set>

#include <gtest/gtest.h>

namespace wcmp::store::test {

using bundle::test::Sample;

inline constexpr message::Today today{.floor = {20000}};
inline constexpr std::uint32_t first_day = 20010;

class TestStore {
public:
    explicit TestStore(std::uint64_t seed = 1);

    Result<void> open();
    void expect_open();
    void close() { store_.reset(); }
    void reopen();
    // What a machine finds when it comes up again.
    void power_cut();

    Store& operator*() { return *store_; }
    Store* operator->() { return store_.get(); }

    // Messages of a suite that nobody knows, of three days.
    std::vector<Sample> make(std::size_t count, std::size_t length = 300);
    Sample make_one(std::uint32_t day = first_day, std::size_t length = 300);

    // Each acknowledged.
    void enqueue(const std::vector<Sample>& messages);
    std::vector<Result<Enqueued>> try_enqueue(const std::vector<Sample>& messages);
    // In one bundle of their own, as if by import.
    bundle::Name hold(const std::vector<Sample>& messages);
    void expect_fold();

    std::size_t count_readable(const std::vector<Sample>& messages);
    void expect_readable(const std::vector<Sample>& messages, const std::string& when = "");

    // On the medium, not what the store believes.
    std::set<std::string> file_names(std::string_view suffix = "");
    Bytes contents(const std::string& name);
    void put(const std::string& name, ByteView bytes);
    // Not synced: as another process, or this one before a crash, would leave it.
    void put_unsynced(const std::string& name, ByteView bytes);

    io::MemoryFileSystem files;
    WornDisk disk;
    SeededRandom random;
    ManualClock clock;
    StoreSettings settings;
    OpenReport report;

private:
    std::unique_ptr<Store> store_;
};

std::string name_of(const std::vector<Sample>& messages);
std::set<MessageKey> keys_of(const std::vector<Sample>& messages);

// Where the message lies in the file of a bundle of these messages.
std::uint64_t place_in_bundle(const std::vector<Sample>& messages, const Sample& message);

}  // namespace wcmp::store::test
