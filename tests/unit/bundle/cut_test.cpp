#include "bundle/cut.h"

#include "core/writer.h"
#include "sample.h"

#include <map>

#include <gtest/gtest.h>

namespace wcmp::bundle::test {
namespace {

struct Message {
    MessageKey key;
    std::uint32_t length = 0;
};
using Messages = std::vector<Message>;

std::uint64_t size_of(const Messages& run) {
    std::map<std::uint32_t, int> days;
    std::uint64_t bytes = 0;
    for (const auto& message : run) {
        days[message.key.day.number] = 1;
        bytes += message.length;
    }
    return 64 + 8 * days.size() + 40 * run.size() + bytes;
}

// The text of section 1, word by word, with everything in memory.
std::vector<Messages> oracle(const Messages& all, std::uint64_t cut) {
    std::map<std::uint32_t, Messages> days;
    for (const auto& message : all) days[message.key.day.number].push_back(message);
    std::vector<Messages> pieces;
    Messages piece;
    const auto end_piece = [&] {
        if (!piece.empty()) pieces.push_back(piece);
        piece.clear();
    };
    for (const auto& [day, messages] : days) {
        Messages longer = piece;
        longer.insert(longer.end(), messages.begin(), messages.end());
        if (size_of(longer) <= cut) {  // a piece takes whole days as long as the file stays small enough
            piece = longer;
            continue;
        }
        end_piece();
        if (size_of(messages) <= cut) {
            piece = messages;
            continue;
        }
        for (const auto& message : messages) {  // a day that fits no empty piece is cut by id
            Messages fuller = piece;
            fuller.push_back(message);
            if (size_of(fuller) > cut) end_piece();
            piece.push_back(message);
        }
        end_piece();  // its last piece holds nothing else
    }
    end_piece();
    return pieces;
}

std::vector<Piece> cut(const Messages& all, Cutter cutter) {
    std::vector<Piece> pieces;
    for (const auto& message : all) cutter.add(message.key, message.length, pieces);
    cutter.finish(pieces);
    return pieces;
}

void expect_same(const std::vector<Piece>& pieces, const std::vector<Messages>& wanted) {
    ASSERT_EQ(pieces.size(), wanted.size());
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        EXPECT_EQ(pieces[i].first, wanted[i].front().key);
        EXPECT_EQ(pieces[i].last, wanted[i].back().key);
        EXPECT_EQ(pieces[i].messages, wanted[i].size());
        EXPECT_EQ(pieces[i].file_bytes(), size_of(wanted[i]));
    }
}

Messages random_run(SeededRandom& random, std::size_t count, std::uint32_t days, std::uint32_t length_max) {
    Messages run;
    for (std::size_t i = 0; i < count; ++i) {
        const auto day = static_cast<std::uint32_t>(random.next() % days);
        auto length = static_cast<std::uint32_t>(39 + random.next() % length_max);
        if (random.next() % 50 == 0) length *= 20;  // now and then one that fits no empty piece
        run.push_back({{{day}, random_id(random)}, length});
    }
    std::ranges::sort(run, {}, &Message::key);
    return run;
}

TEST(Cutter, CutsAsTheTextSays) {
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        SeededRandom random(seed);
        const auto run =
            random_run(random, random.next() % 200, 1 + static_cast<std::uint32_t>(random.next() % 30), 300);
        const std::uint64_t cut_bytes = 300 + random.next() % 5000;
        SCOPED_TRACE(seed);
        expect_same(cut(run, Cutter(cut_bytes)), oracle(run, cut_bytes));
    }
}

TEST(Cutter, CutsAtTheLastByte) {
    SeededRandom random(9);
    const auto run = random_run(random, 10, 3, 100);
    const auto whole = size_of(run);
    EXPECT_EQ(cut(run, Cutter(whole)).size(), 1u);
    EXPECT_GT(cut(run, Cutter(whole - 1)).size(), 1u);
}

TEST(Cutter, OfNothingIsNothing) {
    EXPECT_TRUE(cut({}, Cutter()).empty());
}

TEST(Cutter, TheCutIs64MiB) {
    SeededRandom random(10);
    Messages run;
    for (int i = 0; i < 3; ++i) run.push_back({{{1}, random_id(random)}, std::uint32_t{1} << 25});
    std::ranges::sort(run, {}, &Message::key);
    const auto pieces = cut(run, Cutter());
    ASSERT_EQ(pieces.size(), 3u) << "two messages of 32 MiB and the header are too much";
    run[0].length = (std::uint32_t{1} << 25) - 64 - 8 - 80;
    EXPECT_EQ(cut(run, Cutter()).size(), 2u);
    EXPECT_EQ(cut(run, Cutter()).front().file_bytes(), std::uint64_t{67'108'864});
}

TEST(Cutter, NoPieceHasMoreDaysThanAFileMay) {
    SeededRandom random(11);
    Messages run;
    for (std::uint32_t day = 0; day < 2 * limits::bundle_days_max + 1; ++day)
        run.push_back({{{day}, random_id(random)}, 39});
    const auto pieces = cut(run, Cutter());
    ASSERT_EQ(pieces.size(), 3u);
    EXPECT_EQ(pieces[0].days, limits::bundle_days_max);
    EXPECT_EQ(pieces[2].days, 1u);
}

TEST(Cutter, NoPieceHasMoreCopiesThanTold) {
    constexpr std::uint64_t copies_max = 100;
    for (const std::uint32_t per_day : {1u, 7u, 1000u}) {
        Cutter cutter(limits::bundle_cut_bytes, copies_max);
        std::vector<Piece> pieces;
        std::uint64_t copies = 0;
        for (std::uint32_t i = 0; i < 1000; ++i) {
            MessageKey key{.day = {1 + i / per_day}, .id = {}};
            put_number(MutableBytes(key.id.bytes), i);
            cutter.add(key, 300, pieces, 1 + i % 5);
            copies += 1 + i % 5;
        }
        cutter.finish(pieces);
        std::uint64_t messages = 0;
        for (const auto& piece : pieces) {
            EXPECT_LE(piece.copies, copies_max) << per_day;
            messages += piece.messages;
            copies -= piece.copies;
        }
        EXPECT_EQ(messages, 1000u);
        EXPECT_EQ(copies, 0u);
        EXPECT_LE(pieces.size(), 40u) << "and they are not cut smaller than need be";
    }
}

TEST(Cutter, AnswersPiecesAsSoonAsTheyAreCertain) {
    SeededRandom random(12);
    const auto run = random_run(random, 2000, 1, 300);
    Cutter cutter(3000);
    std::vector<Piece> pieces;
    std::uint64_t given = 0;
    for (const auto& message : run) {
        cutter.add(message.key, message.length, pieces);
        given += 40 + message.length;
        std::uint64_t answered = 0;
        for (const auto& piece : pieces) answered += piece.file_bytes() - 72;
        EXPECT_LE(given - answered, 2u * 3000 + 40 + 20 * 400);
    }
}

}  // namespace
}  // namespace wcmp::bundle::test
