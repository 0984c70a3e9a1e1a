#include "bundle/reader.h"
#include "core/writer.h"
#include "sample.h"

#include <gtest/gtest.h>

namespace wcmp::bundle::test {
namespace {

std::vector<MessageKey> random_keys(SeededRandom& random, std::size_t count, std::uint32_t days) {
    std::vector<MessageKey> keys;
    for (std::size_t i = 0; i < count; ++i)
        keys.push_back({{static_cast<std::uint32_t>(random.next() % days)}, random_id(random)});
    std::ranges::sort(keys);
    return keys;
}

struct IndexStreamTest : testing::Test {
    SeededRandom random{2};
    std::vector<Sample> messages = sample_messages(random, 30, 50, 3);
    Bytes bytes = sample_bundle(messages);
    std::size_t index = 64 + 8 * 3;  // where the index starts

    // A right hash over whatever `change` made of the table and the index.
    template <class Change>
    std::optional<Errc> error_after(Change change) {
        Bytes altered = bytes;
        change(MutableBytes(altered));
        rehash(altered);
        return stream_error(open_bytes(altered));
    }
};

TEST_F(IndexStreamTest, EveryEntryOnceInOrder) {
    for (const std::size_t count : {1u, 102u, 103u, 1023u, 1024u, 1025u, 7000u}) {
        const auto keys = random_keys(random, count, 5);
        for (const bool mapped : {false, true}) {
            const auto reader = open_bytes(hollow_bundle(keys));
            if (mapped) map_index(*reader);
            IndexStream stream(reader, 4096);
            for (std::uint32_t i = 0; i < count; ++i) {
                const auto entry = stream.next();
                ASSERT_TRUE(entry && *entry);
                EXPECT_EQ((*entry)->key, keys[i]);
                EXPECT_EQ(stream.position(), i);
                EXPECT_EQ(stream.digests(), nullptr) << "not before the end";
            }
            EXPECT_EQ(stream.next().value(), std::nullopt);
            EXPECT_EQ(stream.next().value(), std::nullopt) << "and it stays at the end";
            EXPECT_EQ(stream.digests()->before.size(), (count + 1023) / 1024);
        }
    }
}

TEST_F(IndexStreamTest, ReadsInStepsOfTheBufferThatItIsGiven) {
    auto contents = std::make_shared<FileContents>();
    contents->bytes = hollow_bundle(random_keys(random, 20000, 2));
    const auto reader = open_shared(contents);
    for (const std::size_t buffer :
         {std::size_t{0}, std::size_t{4096}, std::size_t{100000}, std::size_t{1} << 24}) {
        contents->largest_read = contents->bytes_read = 0;
        EXPECT_EQ(stream_error(reader, buffer), std::nullopt);
        EXPECT_LE(contents->largest_read, std::clamp<std::size_t>(buffer, 4096, limits::drive_read_bytes));
        EXPECT_EQ(contents->bytes_read, 20000u * 40) << "each entry is read once";
    }
}

TEST_F(IndexStreamTest, AMappedIndexIsNotRead) {
    auto contents = std::make_shared<FileContents>();
    contents->bytes = hollow_bundle(random_keys(random, 3000, 2));
    const auto reader = open_shared(contents);
    map_index(*reader);
    contents->reads = 0;
    EXPECT_EQ(stream_error(reader), std::nullopt);
    EXPECT_EQ(contents->reads, 0u);
}

TEST_F(IndexStreamTest, AnyAlteredByteOfTableOrIndexIsFound) {
    for (std::size_t at = 32; at < index + 40 * 30; at += 3) {
        Bytes altered = bytes;
        altered[at] ^= 0x40;
        const auto reader = Reader::open(std::make_unique<MemoryFile>(altered), std::nullopt);
        const auto error = reader ? stream_error(*reader) : reader.error().code;
        EXPECT_EQ(error, Errc::bundle) << "byte " << at;
    }
}

TEST_F(IndexStreamTest, IdsMustAscendWithinADay) {
    const auto second = index + 40;
    EXPECT_EQ(error_after([](MutableBytes) {}), std::nullopt);
    EXPECT_EQ(error_after([&](MutableBytes b) { std::ranges::fill(b.subspan(second, 32), 0); }),
              Errc::bundle);
    EXPECT_EQ(error_after([&](MutableBytes b) {
                  std::ranges::copy(b.subspan(index, 32), b.begin() + static_cast<std::ptrdiff_t>(second));
              }),
              Errc::bundle)
        << "twice the same";
    EXPECT_EQ(error_after([&](MutableBytes b) { std::ranges::fill(b.subspan(index, 32), 0); }), std::nullopt)
        << "the first of a day may be anything smaller";
}

TEST_F(IndexStreamTest, OffsetsMustBeContiguousFromZero) {
    EXPECT_EQ(error_after([&](MutableBytes b) { put_number(b.subspan(index + 32), std::uint32_t{1}); }),
              Errc::bundle);
    EXPECT_EQ(error_after([&](MutableBytes b) { b[index + 40 + 35] ^= 1; }), Errc::bundle);
    EXPECT_EQ(error_after([&](MutableBytes b) { put_number(b.subspan(index + 72), ~std::uint32_t{0}); }),
              Errc::bundle);
}

TEST_F(IndexStreamTest, LengthsMustBeInRangeAndFillTheFile) {
    const auto last = index + 40 * 29 + 36;
    const auto with_last = [&](std::uint32_t length) {
        return error_after([&](MutableBytes b) { put_number(b.subspan(last), length); });
    };
    const auto sound = static_cast<std::uint32_t>(messages.back().bytes.size());
    EXPECT_EQ(with_last(sound), std::nullopt);
    EXPECT_EQ(with_last(sound + 1), Errc::bundle);
    EXPECT_EQ(with_last(sound - 1), Errc::bundle);
    EXPECT_EQ(with_last(0), Errc::bundle);
    EXPECT_EQ(with_last(~std::uint32_t{0}), Errc::bundle);
    EXPECT_EQ(stream_error(open_bytes(hollow_bundle(random_keys(random, 2, 1), 38))), Errc::bundle);
    EXPECT_EQ(stream_error(open_bytes(hollow_bundle(random_keys(random, 2, 1), 39))), std::nullopt);
    EXPECT_EQ(stream_error(open_bytes(hollow_bundle(random_keys(random, 1, 1), 1u << 25))), std::nullopt);
    EXPECT_EQ(stream_error(open_bytes(hollow_bundle(random_keys(random, 1, 1), (1u << 25) + 1))),
              Errc::bundle);
}

// Offsets are 32 bits, their sum may not wrap: 2^32 and more bytes of messages claimed in a short file.
TEST_F(IndexStreamTest, SumsDoNotWrap) {
    const auto keys = random_keys(random, 129, 1);
    Bytes altered = hollow_bundle(keys);
    for (std::uint32_t i = 0; i < 129; ++i) {
        put_number(MutableBytes(altered).subspan(72 + 40 * i + 32), i << 25);
        put_number(MutableBytes(altered).subspan(72 + 40 * i + 36), std::uint32_t{1} << 25);
    }
    rehash(altered);
    EXPECT_EQ(stream_error(open_bytes(altered)), Errc::bundle);
}

TEST_F(IndexStreamTest, AnErrorStays) {
    auto contents = std::make_shared<FileContents>();
    contents->bytes = bytes;
    const auto reader = open_shared(contents);
    contents->bad_byte = index + 100;
    IndexStream stream(reader, 4096);
    EXPECT_EQ(stream.next().error().code, Errc::io);
    contents->bad_byte.reset();
    EXPECT_EQ(stream.next().error().code, Errc::io);
    EXPECT_EQ(stream.digests(), nullptr);
}

struct VerifiedIndexTest : IndexStreamTest {
    std::vector<MessageKey> keys = random_keys(random, 5000, 4);
    std::shared_ptr<FileContents> contents = std::make_shared<FileContents>();
    std::shared_ptr<const Reader> reader;
    std::shared_ptr<const IndexDigests> digests;

    void SetUp() override {
        for (auto& key : keys) key.day.number *= 2;
        contents->bytes = hollow_bundle(keys);
        reader = open_shared(contents);
        IndexStream stream(reader, 8192);
        while (stream.next().value()) {
        }
        digests = stream.digests();
    }
};

TEST_F(VerifiedIndexTest, AnswersWhatTheStreamAnswered) {
    VerifiedIndex verified(reader, digests);
    for (std::uint32_t i = 0; i < 5000; i += 17) EXPECT_EQ(verified.at(i).value().key, keys[i]);
    EXPECT_EQ(verified.at(4999).value().key, keys[4999]);
    EXPECT_EQ(verified.at(5000).error().code, Errc::invalid);
}

TEST_F(VerifiedIndexTest, FindsTheFirstKeyThatIsNotBelow) {
    VerifiedIndex verified(reader, digests);
    for (int i = 0; i < 300; ++i) {
        MessageKey wanted{{static_cast<std::uint32_t>(random.next() % 9)}, random_id(random)};
        if (i % 3 == 0) wanted = keys[random.next() % keys.size()];
        const auto expected = std::ranges::lower_bound(keys, wanted) - keys.begin();
        EXPECT_EQ(verified.lower_bound(wanted).value(), expected);
    }
}

TEST_F(VerifiedIndexTest, OtherBytesThanTheFirstTimeAreNotTaken) {
    contents->bytes[reader->header().index_offset() + 40 * 2000] ^= 1;
    VerifiedIndex verified(reader, digests);
    EXPECT_EQ(verified.at(2000).error().code, Errc::bundle);
    EXPECT_EQ(verified.at(1024).error().code, Errc::bundle) << "the same block";
    EXPECT_TRUE(verified.at(1023));
    EXPECT_TRUE(verified.at(2048));
    contents->bad_byte = reader->header().index_offset();
    EXPECT_EQ(verified.at(0).error().code, Errc::io);
    EXPECT_EQ(verified.lower_bound({{0}, {}}).error().code, Errc::io);
}

}  // namespace
}  // namespace wcmp::bundle::test
