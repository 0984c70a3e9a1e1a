// The commit protocol step by step, on a file system that forgets what was not synced.
#include "bundle/commit.h"

#include "bundle/directory.h"
#include "bundle/verify.h"
#include "io/memory.h"
#include "sample.h"
#include "watched_directory.h"

#include <set>

#include <gtest/gtest.h>

namespace wcmp::bundle::test {
namespace {

const message::Today today{.floor = {100}};

// Messages from memory, some of which are bad; one may become bad at a later reading.
class ListSource final : public MessageSource {
public:
    explicit ListSource(const std::vector<Sample>& messages) : messages_(messages) {}

    Result<Reader::Message> fetch(std::size_t index, const Item& item) override {
        ++fetches;
        if (bad.contains(index) || fetches > bad_after) return fail(Errc::wrong_hash, "a bad message");
        EXPECT_EQ(item.key, messages_[index].key);
        return Reader::Message{.bytes = messages_[index].bytes, .digest = {}};
    }

    std::set<std::size_t> bad;
    std::size_t fetches = 0;
    std::size_t bad_after = ~std::size_t{0};

private:
    const std::vector<Sample>& messages_;
};

struct Job {
    explicit Job(std::size_t count, std::uint64_t seed = 1) : random(seed), files(seed), source(messages) {
        messages = sample_messages(random, count, 200, 3);
        for (const auto& message : messages)
            items.push_back({message.key, static_cast<std::uint32_t>(message.bytes.size())});
    }

    Result<CommitResult> run(const CommitOptions& options = {}) {
        auto root = files.root();
        return commit(*root, items, source, options);
    }

    Bytes bundle_bytes() const { return sample_bundle(messages); }
    std::string name() const { return to_string(open_bytes(bundle_bytes())->name()); }

    void put(const std::string& file_name, ByteView bytes) {
        auto file = files.root()->create(file_name);
        ASSERT_TRUE(file.has_value());
        ASSERT_TRUE((*file)->write_at(0, bytes).has_value());
        ASSERT_TRUE((*file)->sync_data().has_value());
        ASSERT_TRUE(files.root()->sync().has_value());
    }

    DirectoryScan scan() {
        auto found = bundle::scan(*files.root(), today, 0, random);
        EXPECT_TRUE(found.has_value());
        return found ? std::move(*found) : DirectoryScan{};
    }

    // Void, or everything behind the header is what it should be. (A write of the header that got only
    // somewhere leaves a damaged file: its inputs still exist.)
    void expect_void_or_whole_contents() {
        const auto file = files.root()->open(name());
        if (!file) return;
        Bytes bytes((*file)->status()->size);
        ASSERT_TRUE(io::read_exactly(**file, 0, bytes).has_value());
        if (classify_header(bytes, bytes.size()) == HeaderKind::void_file) return;
        const auto expected = bundle_bytes();
        ASSERT_EQ(bytes.size(), expected.size());
        EXPECT_TRUE(std::equal(bytes.begin() + 64, bytes.end(), expected.begin() + 64));
    }

    // The keys of every bundle there that is sound from end to end.
    std::set<MessageKey> held() {
        std::set<MessageKey> result;
        for (const auto& reader : scan().bundles) {
            if (!verify_all(reader)) continue;
            std::vector<Entry> entries(reader->header().messages);
            EXPECT_TRUE(reader->read_entries(0, entries).has_value());
            for (const auto& entry : entries) result.insert(entry.key);
        }
        return result;
    }

    std::set<MessageKey> wanted() const {
        std::set<MessageKey> result;
        for (std::size_t i = 0; i < items.size(); ++i)
            if (!source.bad.contains(i)) result.insert(items[i].key);
        return result;
    }

    SeededRandom random;
    io::MemoryFileSystem files;
    std::vector<Sample> messages;
    std::vector<Item> items;
    ListSource source;
};

TEST(Commit, WritesTheOneBundleThatTheSetHas) {
    Job job(20);
    const auto done = job.run();
    ASSERT_TRUE(done.has_value()) << describe(done.error());
    ASSERT_EQ(done->files.size(), 1U);
    EXPECT_EQ(to_string(done->files[0]), job.name());
    const auto file = job.files.root()->open(job.name());
    ASSERT_TRUE(file.has_value());
    const auto expected = job.bundle_bytes();
    Bytes bytes(expected.size());
    EXPECT_TRUE(io::read_exactly(**file, 0, bytes).has_value());
    EXPECT_EQ(bytes, expected);
    EXPECT_EQ((*file)->status()->size, expected.size());
    EXPECT_EQ((*file)->status()->modified_ns, std::int64_t{946684800} * 1'000'000'000);
    EXPECT_EQ(done->bytes_written, expected.size() + limits::bundle_header_bytes);
}

// A header that is valid stands over contents that were synced before, whenever the power goes.
TEST(Commit, APowerCutAtAnyStepLeavesAWholeBundleOrAVoidOne) {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        for (std::uint64_t step = 0;; ++step) {
            Job job(12, seed);
            job.files.fail_at(step, {.os_error = EIO, .lasts = io::Fault::Lasts::all});
            const auto done = job.run();
            job.files.power_cut();
            job.expect_void_or_whole_contents();
            const auto held = job.held();
            EXPECT_TRUE(held.empty() || held == job.wanted()) << seed << ' ' << step;
            if (done) {
                EXPECT_EQ(held, job.wanted()) << seed << ' ' << step;
                break;
            }
            const auto again = job.run();
            ASSERT_TRUE(again.has_value()) << seed << ' ' << step;
            job.files.power_cut();
            EXPECT_EQ(job.held(), job.wanted()) << seed << ' ' << step;
        }
    }
}

TEST(Commit, AnErrorAtAnyStepIsToldAndLeavesNothingValid) {
    for (const int os_error : {EIO, ENOSPC}) {
        for (std::uint64_t step = 0;; ++step) {
            Job job(12);
            job.files.fail_at(step, {.os_error = os_error, .lasts = io::Fault::Lasts::once});
            const auto done = job.run();
            const bool reached = job.files.steps() > step;
            job.files.power_cut();
            job.expect_void_or_whole_contents();
            if (done) {
                EXPECT_EQ(job.held(), job.wanted()) << step;
            } else {
                EXPECT_EQ(done.error().os_error, os_error) << step;
                const auto again = job.run();
                ASSERT_TRUE(again.has_value()) << step;
                EXPECT_EQ(job.held(), job.wanted()) << step;
            }
            if (!reached) break;
        }
    }
}

TEST(Commit, NothingIsWrittenWithoutSpace) {
    Job job(12);
    job.files.set_capacity(limits::commit_reserve_bytes);
    const auto done = job.run();
    ASSERT_FALSE(done.has_value());
    EXPECT_EQ(done.error().code, Errc::no_space);
    EXPECT_EQ(job.files.steps(), 0U);
}

TEST(Commit, AGoodFileOfTheNameIsSyncedAndNotMadeAnew) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {  // what a power cut leaves differs
        Job job(12, seed);
        auto file = job.files.root()->create(job.name());
        ASSERT_TRUE((*file)->write_at(0, job.bundle_bytes()).has_value());  // not synced by whoever wrote it
        file->reset();
        const auto done = job.run();
        ASSERT_TRUE(done.has_value());
        EXPECT_EQ(done->bytes_written, 0U);
        EXPECT_EQ(done->files.size(), 1U);
        job.files.power_cut();
        EXPECT_EQ(job.held(), job.wanted()) << seed;
    }
}

// The process before this one was told that the sync of the header failed, and ended. Nobody is told again.
TEST(Commit, AHeaderThatAnotherProcessCouldNotSyncIsWrittenOnceMore) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        Job job(12, seed);
        Watch watch;
        int syncs = 0;
        watch.before = [&](const Watch::Place& place) -> Result<void> {
            if (place.call == Call::sync_file && ++syncs == 2) job.files.fail_at(job.files.steps());
            if (place.call == Call::unlink) return fail(Errc::store_failing, "nothing more is written");
            return {};
        };
        const auto failing = watched(job.files.root(), watch);
        EXPECT_FALSE(commit(*failing, job.items, job.source, {}).has_value());
        ASSERT_EQ(job.held(), job.wanted()) << "it looks whole, until the power goes";

        const auto done = job.run();
        ASSERT_TRUE(done.has_value()) << describe(done.error());
        job.files.power_cut();
        EXPECT_EQ(job.held(), job.wanted()) << seed;
    }
}

// So that little is left for the last sync to write: a drive that is pulled out has most of it.
TEST(Commit, WritesBackEvery8MiB) {
    Job job(3);
    job.messages.clear();
    job.items.clear();
    for (int i = 0; i < 7; ++i) job.messages.push_back(sample_message(job.random, 200, std::size_t{3} << 20));
    std::ranges::sort(job.messages);
    for (const auto& message : job.messages)
        job.items.push_back({message.key, static_cast<std::uint32_t>(message.bytes.size())});
    std::vector<std::uint64_t> ends;
    std::uint64_t written = 0;
    Watch watch;
    watch.before = [&](const Watch::Place& place) -> Result<void> {
        if (place.call == Call::write) written = std::max(written, place.offset + place.length);
        if (place.call != Call::writeback) return {};
        EXPECT_EQ(place.offset, ends.empty() ? 0 : ends.back()) << "no byte is passed over";
        EXPECT_EQ(place.offset + place.length, written);
        EXPECT_LE(place.length, limits::flush_every_bytes + (std::size_t{4} << 20));
        ends.push_back(place.offset + place.length);
        return {};
    };
    const auto directory = watched(job.files.root(), watch);
    ASSERT_TRUE(commit(*directory, job.items, job.source, {}).has_value());
    EXPECT_EQ(ends.size(), 2U);
    ASSERT_FALSE(ends.empty());
    EXPECT_LT(written - ends.back(), limits::flush_every_bytes);
}

TEST(Commit, AVoidFileOfTheNameIsReplaced) {
    for (const std::size_t size : {0U, 63U, 64U, 5000U}) {
        Job job(12);
        job.put(job.name(), Bytes(size));
        ASSERT_TRUE(job.run().has_value()) << size;
        EXPECT_EQ(job.held(), job.wanted()) << size;
    }
}

TEST(Commit, AVoidFileThatOthersMayBeWritingIsLeftAlone) {
    Job job(12);
    job.put(job.name(), Bytes(5000));
    const auto shared = job.run({.shared = true});
    ASSERT_TRUE(shared.has_value());
    EXPECT_TRUE(shared->skipped);
    EXPECT_TRUE(shared->files.empty());

    const auto writer = job.files.root()->open_for_writing(job.name());
    ASSERT_TRUE(writer.has_value());
    const auto locked = job.run();
    ASSERT_TRUE(locked.has_value());
    EXPECT_TRUE(locked->skipped);
    EXPECT_EQ(job.scan().void_files.size(), 1U);
}

TEST(Commit, ADamagedFileOfTheNameIsGoneAround) {
    for (const std::size_t count : {1U, 2U, 3U, 12U}) {
        Job job(count);
        auto bytes = job.bundle_bytes();
        bytes.back() ^= 1;
        job.put(job.name(), bytes);
        const auto done = job.run();
        ASSERT_TRUE(done.has_value()) << count << describe(done.error());
        EXPECT_EQ(done->files.size(), count == 1 ? 1U : 2U);
        job.files.power_cut();
        EXPECT_EQ(job.held(), job.wanted()) << count;
        EXPECT_EQ(job.scan().bundles.size(), done->files.size()) << count;
    }
}

// The room is for one half: that one counts, and whoever asked hears of it.
TEST(Commit, WhatWasCommittedBeforeAnErrorIsTold) {
    Job job(12);
    auto bytes = job.bundle_bytes();
    bytes[32] ^= 1;  // the hash of the index
    job.put(job.name(), bytes);
    job.files.set_capacity(bytes.size() + limits::commit_reserve_bytes + bytes.size() * 3 / 4);
    std::vector<Name> told;
    std::vector<std::uint32_t> positions;
    const auto done = job.run({.on_file = [&](const Name& name, std::span<const std::uint32_t> held) {
        told.push_back(name);
        positions.assign(held.begin(), held.end());
    }});
    ASSERT_FALSE(done.has_value());
    EXPECT_EQ(done.error().code, Errc::no_space);
    EXPECT_EQ(positions, (std::vector<std::uint32_t>{0, 1, 2, 3, 4, 5}));
    job.files.power_cut();
    const auto found = job.scan();
    ASSERT_EQ(found.bundles.size(), 1U);
    EXPECT_EQ(told, std::vector{found.bundles.front()->name()});
}

// What is bad where it should come from may be good in the damaged file.
TEST(Commit, ADamagedFileStaysWhenItsOneMessageIsBadInTheSource) {
    Job job(1);
    auto bytes = job.bundle_bytes();
    bytes.back() ^= 1;
    job.put(job.name(), bytes);
    job.source.bad = {0};
    const auto done = job.run();
    ASSERT_TRUE(done.has_value());
    EXPECT_EQ(done->bad, (std::vector<std::size_t>{0}));
    EXPECT_TRUE(done->files.empty());
    EXPECT_TRUE(job.files.root()->open(job.name()).has_value());
}

// Its index says other messages than the name: they may stand nowhere else.
TEST(Commit, ADamagedFileWithOtherMessagesStays) {
    Job job(4);
    Job other(6, 2);
    const auto bytes = other.bundle_bytes();
    job.put(job.name(), bytes);
    const auto done = job.run();
    ASSERT_TRUE(done.has_value());
    EXPECT_EQ(job.held(), job.wanted());
    ASSERT_EQ(job.scan().damaged.size(), 1U);
    EXPECT_EQ(to_string(job.scan().damaged[0]), job.name());
}

TEST(Commit, BadMessagesAreLeftOut) {
    Job job(12);
    job.source.bad = {0, 5, 11};
    const auto done = job.run();
    ASSERT_TRUE(done.has_value());
    EXPECT_EQ(done->bad, (std::vector<std::size_t>{0, 5, 11}));
    EXPECT_EQ(job.held(), job.wanted());
    EXPECT_TRUE(job.scan().void_files.empty());
}

TEST(Commit, OfBadMessagesAloneNothingIsWritten) {
    Job job(2);
    job.source.bad = {0, 1};
    const auto done = job.run();
    ASSERT_TRUE(done.has_value());
    EXPECT_EQ(done->bad.size(), 2U);
    EXPECT_TRUE(done->files.empty());
    EXPECT_TRUE(job.scan().void_files.empty());
}

TEST(Commit, AMessageThatBecomesBadIsAnUnreliableMedium) {
    Job job(12);
    job.source.bad = {3};
    job.source.bad_after = 14;  // 12 of the first turn, then some of the second
    const auto done = job.run();
    ASSERT_FALSE(done.has_value());
    EXPECT_EQ(done.error().code, Errc::unreliable_medium);
    EXPECT_TRUE(job.held().empty());
}

TEST(Commit, AStopLeavesNothing) {
    Job job(12);
    std::stop_source stop;
    const auto done = job.run(
        {.stop = stop.get_token(), .on_message = [&](const auto&, const auto&) { stop.request_stop(); }});
    ASSERT_FALSE(done.has_value());
    EXPECT_EQ(done.error().code, Errc::cancelled);
    EXPECT_TRUE(job.scan().void_files.empty());
    EXPECT_TRUE(job.held().empty());
}

}  // namespace
}  // namespace wcmp::bundle::test
