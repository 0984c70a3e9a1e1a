// What goes wrong at the relay's side of a folder's visit. That it works is shown with a real relay
// (tests/functional/test_wcmp.py).
#include "client/folder_sync.h"

#include "io/memory.h"
#include "scripted_relay.h"

#include <gtest/gtest.h>

namespace wcmp::client {
namespace {

using test::json_answer;
using test::problem;
using test::ScriptedRelay;

std::string status() {
    return json_answer(200, R"({"clock":{"today":"2024-10-04","trust":"none"}})");
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
    sync::VisitResult result;
    std::size_t requests = 0;

    Result<void> sync(std::deque<ScriptedRelay::Reply> replies) {
        ScriptedRelay scripted(std::move(replies));
        Relay relay(scripted.socket());
        const auto drive = files.root();
        auto done = sync_folder(relay, *drive, {.scratch = scratch.path()}, random, result);
        requests = scripted.requests().size();
        EXPECT_TRUE(std::filesystem::is_empty(scratch.path()));
        return done;
    }
};

TEST_F(FolderSyncTest, NothingOnEitherSide) {
    EXPECT_TRUE(sync({{status()}, {json_answer(200, "{}")}, {json_answer(200, "[]")}}));
    EXPECT_EQ(result.imported + result.exported, 0U);
}

TEST_F(FolderSyncTest, BeginsAgainThreeTimesWhenBundlesVanish) {
    std::deque<ScriptedRelay::Reply> replies;
    for (int i = 0; i < 10; ++i) {
        replies.push_back({status()});
        replies.push_back({json_answer(200, "{}")});
        replies.push_back({one_bundle()});
        replies.push_back({problem(404, "not_found")});
    }
    const auto done = sync(std::move(replies));
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, Errc::not_found);
    EXPECT_EQ(requests, 16U);
}

TEST_F(FolderSyncTest, ComesThroughOnceTheyStay) {
    EXPECT_TRUE(sync({{status()},
                      {json_answer(200, "{}")},
                      {one_bundle()},
                      {problem(404, "not_found")},
                      {status()},
                      {json_answer(200, "{}")},
                      {json_answer(200, "[]")}}));
    EXPECT_EQ(requests, 7U);
}

TEST_F(FolderSyncTest, ABundleThatIsNoneGivesNothing) {
    EXPECT_TRUE(sync(
        {{status()}, {json_answer(200, "{}")}, {one_bundle()}, {test::answer(206, std::string(1655, 'x'))}}));
    EXPECT_EQ(result.exported, 0U);
}

TEST_F(FolderSyncTest, AListThatIsNotOfItsFormIsRefused) {
    for (const std::string list :
         {"{}", "[7]", "[{}]", R"([{"name":"../x","bytes":1}])", R"([{"name":7,"bytes":1}])",
          R"([{"name":"20100-20100-00112233445566778899aabbccddeeff.wcmp","bytes":"many"}])",
          R"([{"name":"20100-20100-00112233445566778899aabbccddeeff.wcmp"}])"}) {
        const auto done = sync({{status()}, {json_answer(200, "{}")}, {json_answer(200, list)}});
        ASSERT_FALSE(done) << list;
        EXPECT_EQ(done.error().code, Errc::remote) << list;
        EXPECT_EQ(requests, 3U);
    }
}

TEST_F(FolderSyncTest, NoRoomForPiecesIsSaid) {
    Relay relay("/nowhere");
    const auto drive = files.root();
    EXPECT_EQ(
        sync_folder(relay, *drive, {.scratch = scratch.path() / "missing"}, random, result).error().code,
        Errc::not_found);
}

}  // namespace
}  // namespace wcmp::client
