// How a plan is carried out: which pieces, in what order, and what they cover.
#include "sync/transfer.h"

#include "core/limits.h"
#include "side.h"

#include <algorithm>
#include <cerrno>

namespace wcmp::sync::test {
namespace {

using bundle::test::Sample;

// One bundle that gives, verified, everything of it selected.
struct Giving {
    explicit Giving(const std::shared_ptr<bundle::Reader>& reader) {
        bundle::IndexStream stream(reader, 1 << 16);
        while (const auto entry = stream.next().value()) {
            keys.push_back(entry->key);
            lengths.push_back(entry->length);
        }
        bundle::SelectedEntries selected(reader);
        for (std::uint32_t i = 0; i < reader->header().messages; ++i) selected.select(i);
        selected.digests = stream.digests();
        transfer.selection.push_back(std::move(selected));
    }

    void cut(std::uint64_t cut_bytes) {
        bundle::Cutter cutter(cut_bytes);
        for (std::size_t i = 0; i < keys.size(); ++i) cutter.add(keys[i], lengths[i], transfer.pieces);
        cutter.finish(transfer.pieces);
    }

    TransferOrder order() {
        return {.transfer = transfer,
                .giving_bundles = 1,
                .buffer_bytes = 1 << 20,
                .options = {},
                .commit_piece = [this](auto items, auto&, const auto&) { return commit(items); },
                .committed = [this](const CommittedPiece& piece) -> Result<void> {
                    covers.push_back(piece.covers_inputs);
                    return {};
                },
                .bad_message = [](Errc) {}};
    }

    Result<bundle::CommitResult> commit(std::span<const bundle::Item> items) {
        for (const auto& item : items) carried.push_back(item.key);
        bundle::CommitResult result;
        result.skipped = skipped.contains(commits++);
        return result;
    }

    Transfer transfer;
    std::vector<MessageKey> keys;
    std::vector<std::uint32_t> lengths;
    std::vector<MessageKey> carried;
    std::vector<bool> covers;
    std::set<std::size_t> skipped;
    std::size_t commits = 0;
};

Giving many_pieces() {
    SeededRandom random(1);
    const auto messages = bundle::test::sample_messages(random, 20, first_day, 20);
    Giving giving(bundle::test::open_bytes(bundle::test::sample_bundle(messages)));
    giving.cut(400);
    return giving;
}

// A drive that is pulled out early each time gets other pieces each time.
TEST(Transfer, PiecesGoInRandomOrderEachOnce) {
    std::set<MessageKey> first;
    for (std::uint64_t seed = 1; seed <= 12; ++seed) {
        auto giving = many_pieces();
        ASSERT_GT(giving.transfer.pieces.size(), 5U);
        SeededRandom random(seed);
        auto order = giving.order();
        ASSERT_TRUE(carry_out(order, random).has_value());
        first.insert(giving.carried.front());
        std::ranges::sort(giving.carried);
        EXPECT_EQ(giving.carried, giving.keys) << seed;
    }
    EXPECT_GT(first.size(), 3U);
}

// One piece whose messages fill more than one file, as when copies claimed false lengths. What is absorbed
// stands in any of these.
TEST(Transfer, InputsAreCoveredOnlyWhenEveryPartIsThere) {
    SeededRandom random(2);
    std::vector<MessageKey> claimed;
    for (int i = 0; i < 5; ++i) claimed.push_back({{first_day}, bundle::test::random_id(random)});
    auto contents = std::make_shared<bundle::test::FileContents>();
    contents->bytes = bundle::test::hollow_bundle(claimed, limits::message_bytes_max);
    contents->claimed_size = contents->bytes.size();
    contents->bytes.resize(64 + 8 + 5 * 40);  // nothing behind the index is read
    contents->bytes.shrink_to_fit();
    const auto reader = bundle::test::open_shared(contents);
    for (const bool skip : {false, true}) {
        Giving giving(reader);
        giving.cut(~std::uint64_t{0});
        ASSERT_EQ(giving.transfer.pieces.size(), 1U);
        if (skip) giving.skipped = {0};
        auto order = giving.order();
        ASSERT_TRUE(carry_out(order, random).has_value());
        ASSERT_GT(giving.covers.size(), 1U);
        EXPECT_EQ(std::ranges::count(giving.covers, true), skip ? 0 : 1);
        EXPECT_EQ(giving.covers.back(), !skip);
    }
}

TEST(Transfer, TellsAnErrorOfReadingFromOneOfWriting) {
    SeededRandom random(3);
    auto contents = std::make_shared<bundle::test::FileContents>();
    contents->bytes = bundle::test::sample_bundle(bundle::test::sample_messages(random, 5, first_day, 1));
    const auto reader = bundle::test::open_shared(contents);
    {
        Giving giving(reader);
        giving.cut(1 << 20);
        auto order = giving.order();
        order.commit_piece = [](auto, auto&, const auto&) -> Result<bundle::CommitResult> {
            return fail(Errc::io, "a disk that fails", ESTALE);
        };
        EXPECT_EQ(carry_out(order, random).error().os_error, ESTALE);
        EXPECT_FALSE(order.input_failed);
    }
    for (const int os_error : {EIO, ESTALE}) {
        Giving giving(reader);
        giving.cut(1 << 20);
        contents->bad_error = os_error;
        contents->bad_byte = 64 + 8 + 3;  // of the index
        auto order = giving.order();
        const auto done = carry_out(order, random);
        contents->bad_byte.reset();
        ASSERT_FALSE(done.has_value());
        EXPECT_EQ(done.error().code, os_error == EIO ? Errc::bundle : Errc::io);
        EXPECT_TRUE(order.input_failed);
    }
}

}  // namespace
}  // namespace wcmp::sync::test
