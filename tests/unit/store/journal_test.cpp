// Two files that take turns.
#include "store/journal.h"

#include "core/limits.h"
#include "io/memory.h"
#include "unit/bundle/sample.h"

#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wcmp::store::test {
namespace {

using bundle::test::Sample;
using testing::ElementsAre;

struct JournalTest : testing::Test {
    io::MemoryFileSystem files;
    SeededRandom random{1};
    std::unique_ptr<io::Directory> root = files.root();
    std::unique_ptr<Journal> journal;

    void SetUp() override { open(); }
    void open() {
        journal.reset();
        auto opened = Journal::open(*root, random);
        ASSERT_TRUE(opened.has_value()) << describe(opened.error());
        journal = std::move(*opened);
    }
    Sample make(std::size_t length = 300) { return bundle::test::sample_message(random, 20010, length); }
    Result<void> append(const Sample& message) {
        return journal->append(std::array{ByteView(message.bytes)}, std::array{message.key});
    }
    void expect_held(const Sample& message) const {
        const auto read = journal->read(message.key.id);
        ASSERT_TRUE(read.has_value());
        EXPECT_EQ(read->first, message.key);
        EXPECT_EQ(read->second, message.bytes);
        EXPECT_TRUE(journal->contains(message.key.id));
    }
};

TEST_F(JournalTest, WhatComesDuringAFoldGoesToTheOtherFile) {
    const auto first = make();
    const auto second = make();
    ASSERT_TRUE(append(first).has_value());
    ASSERT_THAT(journal->waiting(), ElementsAre(0U));
    const auto fold = journal->begin_fold(0);
    ASSERT_EQ(fold.records.size(), 1U);
    EXPECT_EQ(journal->used_bytes(), 0U) << "what is being folded does not wait";
    ASSERT_TRUE(append(second).has_value());
    expect_held(first);
    expect_held(second);
    EXPECT_EQ(journal->messages(), 2U);
    EXPECT_THAT(journal->waiting(), ElementsAre(1U));
    EXPECT_EQ(journal->read(fold, fold.records[0]).value(), first.bytes);

    ASSERT_TRUE(journal->end_fold(fold).has_value());
    EXPECT_FALSE(journal->contains(first.key.id));
    EXPECT_EQ(journal->read(first.key.id).error().code, Errc::not_found);
    expect_held(second);
    EXPECT_EQ(journal->messages(), 1U);
    open();
    EXPECT_FALSE(journal->contains(first.key.id));
    expect_held(second);
}

TEST_F(JournalTest, AnAbandonedFoldChangesNothing) {
    const auto message = make();
    ASSERT_TRUE(append(message).has_value());
    const auto used = journal->used_bytes();
    journal->abandon_fold(journal->begin_fold(0));
    EXPECT_EQ(journal->used_bytes(), used);
    EXPECT_THAT(journal->waiting(), ElementsAre(0U));
    expect_held(message);
    ASSERT_TRUE(append(make()).has_value()) << "the other file takes it";
    EXPECT_THAT(journal->waiting(), ElementsAre(0U, 1U)) << "the one that was filled first first";
}

TEST_F(JournalTest, FullIsSaidWhenNeitherFileTakesIt) {
    const std::size_t length = 1'000'000;
    std::vector<Sample> held;
    Result<void> done{};
    while (done) {
        held.push_back(make(length));
        done = append(held.back());
    }
    EXPECT_EQ(done.error().code, Errc::no_space);
    EXPECT_EQ(done.error().os_error, 0) << "not the disk's word";
    held.pop_back();
    EXPECT_EQ(held.size(), 8U);
    for (const auto& message : held) expect_held(message);
    const auto waiting = journal->waiting();
    ASSERT_EQ(waiting.size(), 2U);
    const auto fold = journal->begin_fold(waiting[0]);
    EXPECT_FALSE(append(make(length)).has_value()) << "one is being folded, the other is full";
    ASSERT_TRUE(journal->end_fold(fold).has_value());
    EXPECT_TRUE(append(make(length)).has_value());
}

// It waits for a fold with nothing in it: only that clears it.
TEST_F(JournalTest, ATornFileWaitsToBeCleared) {
    files.fail_at(files.steps());
    EXPECT_FALSE(append(make()).has_value());
    EXPECT_THAT(journal->waiting(), ElementsAre(0U));
    const auto message = make();
    ASSERT_TRUE(append(message).has_value()) << "into the other one";
    EXPECT_THAT(journal->waiting(), ElementsAre(0U, 1U));
    ASSERT_TRUE(journal->end_fold(journal->begin_fold(0)).has_value());
    EXPECT_THAT(journal->waiting(), ElementsAre(1U));
    expect_held(message);
}

TEST_F(JournalTest, ClientsReadAndAppendWhileItIsFolded) {
    std::vector<Sample> messages;
    for (int i = 0; i < 120; ++i) messages.push_back(make());
    std::jthread folding([this](const std::stop_token& stop) {
        while (!stop.stop_requested())
            for (const auto file : journal->waiting()) journal->abandon_fold(journal->begin_fold(file));
    });
    for (const auto& message : messages) {
        while (!append(message)) std::this_thread::yield();  // the fold has them both, for a moment
        expect_held(message);
    }
    folding.request_stop();
    folding.join();
    open();
    for (const auto& message : messages) expect_held(message);
}

}  // namespace
}  // namespace wcmp::store::test
