// Large files, which a thread writes while what comes next is read.
#include "bundle/write_behind.h"

#include "bundle/commit.h"
#include "bundle/verify.h"
#include "io/memory.h"
#include "sample.h"
#include "watched_directory.h"

#include <condition_variable>
#include <mutex>

#include <gtest/gtest.h>

namespace wcmp::bundle::test {
namespace {

constexpr std::size_t message_bytes = 200'000;
constexpr std::size_t message_count = 40;  // 8 MB: several blocks of 1 MiB

// A commit of a large bundle, whose reading and writing are watched.
struct LargeJob {
    LargeJob() {
        for (std::size_t i = 0; i < message_count; ++i)
            messages.push_back(sample_message(random, 200, message_bytes));
        std::ranges::sort(messages);
        for (const auto& message : messages)
            items.push_back({message.key, static_cast<std::uint32_t>(message.bytes.size())});
    }

    Result<CommitResult> run(MessageSource& source) {
        const auto directory = watched(files.root(), watch);
        return commit(*directory, items, source, {});
    }
    std::size_t files_left() {
        std::size_t count = 0;
        EXPECT_TRUE(files.root()->list([&](std::string_view) { ++count; }).has_value());
        return count;
    }

    SeededRandom random{1};
    io::MemoryFileSystem files{1};
    Watch watch;
    std::vector<Sample> messages;
    std::vector<Item> items;
};

class CountedMessages final : public MessageSource {
public:
    explicit CountedMessages(const std::vector<Sample>& messages) : messages_(messages) {}

    Result<Reader::Message> fetch(std::size_t index, const Item& /*item*/) override {
        const std::scoped_lock lock(mutex_);
        ++fetched_;
        changed_.notify_all();
        if (index == bad) return fail(Errc::wrong_hash, "a bad message");
        return Reader::Message{.bytes = messages_[index].bytes, .digest = {}};
    }

    bool wait_until_fetched(std::size_t count) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, std::chrono::seconds(60), [&] { return fetched_ >= count; });
    }

    std::size_t bad = message_count;

private:
    const std::vector<Sample>& messages_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::size_t fetched_ = 0;
};

TEST(WriteBehind, ALargeBundleIsWholeAndSyncedAfterItsLastByte) {
    LargeJob job;
    CountedMessages source(job.messages);
    std::uint64_t end = 0;
    std::uint64_t end_at_sync = 0;
    job.watch.before = [&](const Watch::Place& place) -> Result<void> {
        if (place.call == Call::write) end = std::max(end, place.offset + place.length);
        if (place.call == Call::sync_file && end_at_sync == 0) end_at_sync = end;
        return {};
    };
    const auto done = job.run(source);
    ASSERT_TRUE(done.has_value());
    ASSERT_EQ(done->files.size(), 1U);
    auto file = job.files.root()->open(to_string(done->files[0]));
    EXPECT_EQ(end_at_sync, (*file)->status()->size);
    const auto reader = Reader::open(std::move(*file), done->files[0]);
    ASSERT_TRUE(reader.has_value());
    EXPECT_TRUE(verify_all(*reader).has_value());
}

// Where one waited for the other, this would wait for ever.
TEST(WriteBehind, WhatComesNextIsReadMeanwhile) {
    LargeJob job;
    CountedMessages source(job.messages);
    bool read_meanwhile = false;
    job.watch.before = [&](const Watch::Place& place) -> Result<void> {
        constexpr std::size_t in_one_block = (std::size_t{1} << 20) / message_bytes;
        if (place.call == Call::write && place.offset == 0 && place.length > limits::bundle_header_bytes)
            read_meanwhile = source.wait_until_fetched(in_one_block + 3);
        return {};
    };
    EXPECT_TRUE(job.run(source).has_value());
    EXPECT_TRUE(read_meanwhile);
}

TEST(WriteBehind, AnErrorInAnyBlockEndsTheCommitAndLeavesNoFile) {
    for (std::uint64_t failing = 0; failing < 8; ++failing) {
        LargeJob job;
        CountedMessages source(job.messages);
        std::uint64_t writes = 0;
        job.watch.before = [&](const Watch::Place& place) -> Result<void> {
            if (place.call == Call::write && writes++ == failing) return fail(Errc::io, "a worn disk", EIO);
            return {};
        };
        const auto done = job.run(source);
        ASSERT_FALSE(done.has_value()) << failing;
        EXPECT_EQ(done.error().os_error, EIO);
        EXPECT_EQ(job.files_left(), 0U) << failing;
    }
}

TEST(WriteBehind, AMessageThatIsBadIsLeftOut) {
    LargeJob job;
    CountedMessages source(job.messages);
    source.bad = message_count / 2;
    const auto done = job.run(source);
    ASSERT_TRUE(done.has_value());
    EXPECT_EQ(done->bad, std::vector<std::size_t>{message_count / 2});
    EXPECT_EQ(job.files_left(), 1U);
}

}  // namespace
}  // namespace wcmp::bundle::test
