// Records where sidecars cannot be had: each is asked for once, and another copy serves.
#include "node/recognition_scan.h"

#include "io/memory.h"
#include "unit/bundle/sample.h"

#include <cerrno>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wcmp::node {
namespace {

using bundle::test::Sample;

struct RecognitionScan : testing::Test {
    io::MemoryFileSystem files;
    std::unique_ptr<io::Directory> root = files.root();
    SeededRandom random{1};
    std::vector<Sample> messages = bundle::test::sample_messages(random, 50, 20'010, 3);
    std::shared_ptr<store::Snapshot> snapshot = std::make_shared<store::Snapshot>();
    std::set<bundle::Name> worn;
    Error error{Errc::io, "cannot read the file", EIO};
    std::size_t asked = 0;

    bundle::Name hold(const std::vector<Sample>& some) {
        snapshot->bundles.push_back(bundle::test::open_bytes(bundle::test::sample_bundle(some)));
        return snapshot->bundles.back()->name();
    }
    RecognitionRequest request() {
        return {snapshot, {.floor = {20'000}}, {}, 1000, [this](const auto& bundle) {
                    ++asked;
                    if (worn.contains(bundle->name()))
                        return Result<std::shared_ptr<const store::Sidecar>>(std::unexpected(error));
                    return store::Sidecar::open(*root, bundle);
                }};
    }
    std::vector<MessageKey> keys() const {
        std::vector<MessageKey> all;
        for (const auto& message : messages) all.push_back(message.key);
        return all;
    }
};

TEST_F(RecognitionScan, ABundleThatGivesNothingIsTriedOnceAndNamed) {
    const auto name = hold(messages);
    worn.insert(name);
    for (const Error& given : {Error{Errc::io, "cannot read the file", EIO},
                               Error{Errc::bundle, "an index is not what its hash says"}}) {
        error = given;
        asked = 0;
        const auto found = scan_records(request(), std::nullopt);
        EXPECT_EQ(found.count, 0u);
        EXPECT_EQ(asked, 1u);
        EXPECT_THAT(found.damaged, testing::ElementsAre(name));
        asked = 0;
        const auto arrived = arrival_records(request(), keys());
        EXPECT_EQ(arrived.looked_at, messages.size());
        EXPECT_EQ(asked, 1u);
        EXPECT_THAT(arrived.damaged, testing::ElementsAre(name));
    }
}

TEST_F(RecognitionScan, AnotherCopyServes) {
    worn.insert(hold(messages));
    const std::vector<Sample> some(messages.begin() + 10, messages.begin() + 30);
    hold(some);
    const auto found = scan_records(request(), std::nullopt);
    EXPECT_EQ(found.count, some.size());
    EXPECT_EQ(found.last, some.back().key);
    EXPECT_EQ(arrival_records(request(), keys()).count, some.size());
}

// A disk that gives nothing takes its time to say so.
TEST_F(RecognitionScan, AnIndexThatGivesNothingIsTriedOnceAndNamed) {
    auto contents = std::make_shared<bundle::test::FileContents>();
    contents->bytes = bundle::test::sample_bundle(messages);
    snapshot->bundles.push_back(bundle::test::open_shared(contents));
    contents->bad_byte = snapshot->bundles[0]->header().index_offset() + 1;
    EXPECT_THAT(scan_records(request(), std::nullopt).damaged,
                testing::ElementsAre(snapshot->bundles[0]->name()));
    const auto found = arrival_records(request(), keys());
    EXPECT_EQ(found.looked_at, messages.size());
    EXPECT_THAT(found.damaged, testing::ElementsAre(snapshot->bundles[0]->name()));
}

// What this machine lacks, memory or descriptors, is no damage.
TEST_F(RecognitionScan, OtherErrorsNameNoDamage) {
    worn.insert(hold(messages));
    error = {Errc::io, "cannot open", EMFILE};
    const auto found = scan_records(request(), std::nullopt);
    EXPECT_TRUE(found.damaged.empty());
}

}  // namespace
}  // namespace wcmp::node
