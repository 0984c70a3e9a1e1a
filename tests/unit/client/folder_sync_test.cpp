// What goes wrong at the relay's side of a folder's visit. That it works is shown with a real relay
// (tests/functional/test_wcmp.py).
#include "client/folder_sync.h"

#include "bundle/name.h"
#include "io/memory.h"
#include "scripted_relay.h"
#include "unit/bundle/sample.h"

#include <gtest/gtest.h>

namespace wcmp::client {
namespace {

using test::json_answer;
using test::problem;
using test::ScriptedRelay;

std::string relay_status() {
    return json_answer(200, R"({"clock":{"today":"2024-10-04","trust":"none"}})");
}

std::string limits(std::string_view message_bytes_max = "1114112") {
    return json_answer(200, R"({"limits":{"lifetime_days_max":182,"message_bytes_max":)" +
                                std::string(message_bytes_max) + "}}");
}

std::string one_bundle() {
    return json_answer(200, R"([{"name":"20100-20100-00112233445566778899aabbccddeeff.wcmp",)"
                            R"("expires":"2025-01-12","messages":1,"bytes":1655}])");
}

class FolderSyncTest : public testing::Test {
protected:
    io::MemoryFileSystem files{1};
    SeededRandom random{1};
    tests::TemporaryDirectory scratch;
    FolderResult result;
    OwnClock clock{};
    std::stop_source stop;
    std::size_t requests = 0;
    std::vector<std::string> said;

    // Three messages, well-formed for all a relay knows.
    void put_bundle() {
        const auto bytes = bundle::test::sample_bundle(bundle::test::sample_messages(random, 3, 20'005, 1));
        const auto reader = bundle::test::open_bytes(bytes);
        const auto drive = files.root();
        const auto file = drive->create(bundle::to_string(reader->name()));
        ASSERT_TRUE(file);
        ASSERT_TRUE((*file)->write_at(0, bytes));
        ASSERT_TRUE((*file)->sync());
    }

    // A visit's first answers, of a relay that holds nothing.
    static std::deque<ScriptedRelay::Reply> empty_relay(std::string_view day = "2024-10-04",
                                                        std::string_view trust = "none") {
        return {{json_answer(200, R"({"clock":{"today":")" + std::string(day) + R"(","trust":")" +
                                      std::string(trust) + "\"}}")},
                {limits()},
                {json_answer(200, "{}")},
                {json_answer(200, "[]")}};
    }

    Result<void> sync(std::deque<ScriptedRelay::Reply> replies) {
        ScriptedRelay scripted(std::move(replies));
        Relay relay(scripted.socket());
        const auto drive = files.root();
        auto done =
            sync_folder(relay, *drive, {.scratch = scratch.path(), .clock = clock, .stop = stop.get_token()},
                        random, result);
        said = scripted.requests();
        requests = said.size();
        EXPECT_TRUE(std::filesystem::is_empty(scratch.path()));
        return done;
    }
};

TEST_F(FolderSyncTest, NothingOnEitherSide) {
    EXPECT_TRUE(sync({{relay_status()}, {limits()}, {json_answer(200, "{}")}, {json_answer(200, "[]")}}));
    EXPECT_EQ(result.imported + result.exported, 0U);
}

TEST_F(FolderSyncTest, BeginsAgainThreeTimesWhenBundlesVanish) {
    std::deque<ScriptedRelay::Reply> replies;
    for (int i = 0; i < 10; ++i) {
        replies.push_back({relay_status()});
        replies.push_back({limits()});
        replies.push_back({json_answer(200, "{}")});
        replies.push_back({one_bundle()});
        replies.push_back({problem(404, "not_found")});
    }
    const auto done = sync(std::move(replies));
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, Errc::not_found);
    EXPECT_EQ(requests, 20U);
}

TEST_F(FolderSyncTest, ComesThroughOnceTheyStay) {
    EXPECT_TRUE(sync({{relay_status()},
                      {limits()},
                      {json_answer(200, "{}")},
                      {one_bundle()},
                      {problem(404, "not_found")},
                      {relay_status()},
                      {limits()},
                      {json_answer(200, "{}")},
                      {json_answer(200, "[]")}}));
    EXPECT_EQ(requests, 9U);
}

TEST_F(FolderSyncTest, ABundleThatIsNoneGivesNothing) {
    EXPECT_TRUE(sync({{relay_status()},
                      {limits()},
                      {json_answer(200, "{}")},
                      {one_bundle()},
                      {test::answer(206, std::string(1655, 'x'))}}));
    EXPECT_EQ(result.exported, 0U);
}

TEST_F(FolderSyncTest, AListThatIsNotOfItsFormIsRefused) {
    for (const std::string list :
         {"{}", "[7]", "[{}]", R"([{"name":"../x","bytes":1}])", R"([{"name":7,"bytes":1}])",
          R"([{"name":"20100-20100-00112233445566778899aabbccddeeff.wcmp","bytes":"many"}])",
          R"([{"name":"20100-20100-00112233445566778899aabbccddeeff.wcmp"}])"}) {
        const auto done =
            sync({{relay_status()}, {limits()}, {json_answer(200, "{}")}, {json_answer(200, list)}});
        ASSERT_FALSE(done) << list;
        EXPECT_EQ(done.error().code, Errc::remote) << list;
        EXPECT_EQ(requests, 4U);
    }
}

TEST_F(FolderSyncTest, WhatTheRelayTookIsWhatItSays) {
    put_bundle();
    auto replies = empty_relay();
    replies.push_back(
        {json_answer(200, R"({"imported":1,"known":0,"refused":{"store_full":1},"invalid":{"E_SIZE":1}})")});
    EXPECT_TRUE(sync(std::move(replies)));
    EXPECT_EQ(result.imported, 1U);
    EXPECT_EQ(result.refused, (std::map<std::string, std::uint64_t>{{"store_full", 1}}));
    EXPECT_EQ(result.invalid, (std::map<std::string, std::uint64_t>{{"E_SIZE", 1}}));
    EXPECT_TRUE(result.relay_full);
}

TEST_F(FolderSyncTest, ARelayWithoutRoomForTheUploadIsFull) {
    put_bundle();
    auto replies = empty_relay();
    replies.push_back({problem(507, "store_full")});
    EXPECT_TRUE(sync(std::move(replies)));
    EXPECT_EQ(result.imported, 0U);
    EXPECT_EQ(result.refused.at("store_full"), 3U);
    EXPECT_TRUE(result.relay_full);
}

TEST_F(FolderSyncTest, TheRelaysLimitsAreGoneBy) {
    put_bundle();
    EXPECT_TRUE(
        sync({{relay_status()}, {limits("100")}, {json_answer(200, "{}")}, {json_answer(200, "[]")}}));
    EXPECT_EQ(requests, 4U);  // nothing is sent
    EXPECT_EQ(result.refused, (std::map<std::string, std::uint64_t>{{"too_large", 3}}));
}

// A relay in 2099 calls all of them dead; this machine's clock knows better, and what is on the folder stays.
TEST_F(FolderSyncTest, AWrongDayOfTheRelayKillsNothing) {
    put_bundle();
    clock = {.day = Day{20'000}};
    for (const std::string_view trust : {"none", "synced"}) {
        auto replies = empty_relay("2099-01-01", trust);
        replies.push_back(
            {json_answer(200, R"({"imported":0,"known":0,"refused":{"expired":3},"invalid":{}})")});
        EXPECT_TRUE(sync(std::move(replies)));
        EXPECT_TRUE(said.back().starts_with("POST /v1/bundles "));
        EXPECT_EQ(result.doubt, DayDoubt::relay_ahead);
    }
}

TEST_F(FolderSyncTest, EndsWhenItIsAskedTo) {
    put_bundle();
    stop.request_stop();
    EXPECT_EQ(sync(empty_relay()).error().code, Errc::cancelled);
    EXPECT_EQ(result.imported, 0U);
}

TEST_F(FolderSyncTest, NoRoomForPiecesIsSaid) {
    Relay relay("/nowhere");
    const auto drive = files.root();
    EXPECT_EQ(
        sync_folder(relay, *drive, {.scratch = scratch.path() / "missing"}, random, result).error().code,
        Errc::not_found);
    EXPECT_EQ(result.scratch_error->code, Errc::not_found);
}

}  // namespace
}  // namespace wcmp::client
