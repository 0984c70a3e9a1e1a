#include "bundle/reader.h"

#include "core/writer.h"
#include "sample.h"

#include <gtest/gtest.h>

namespace wcmp::bundle::test {
namespace {

Errc open_error(Bytes bytes, std::optional<Name> name = {}) {
    const auto reader = Reader::open(std::make_unique<MemoryFile>(std::move(bytes)), name);
    return reader ? Errc{} : reader.error().code;
}

// A bundle of 40 messages in 5 days.
struct ReaderTest : testing::Test {
    SeededRandom random{1};
    std::vector<Sample> messages = sample_messages(random, 40, 100, 5);
    Bytes bytes = sample_bundle(messages);
    message::Identifier identifier;
    Bytes buffer;
};

TEST_F(ReaderTest, KnowsItsDaysAndItsName) {
    const auto reader = open_bytes(bytes);
    EXPECT_EQ(reader->header().messages, 40u);
    EXPECT_EQ(reader->name().first, messages.front().key.day);
    EXPECT_EQ(reader->name().last, messages.back().key.day);
    EXPECT_EQ(open_error(bytes, reader->name()), Errc{});
    ASSERT_EQ(reader->days().size(), 5u);
    EXPECT_EQ(reader->first_of_day(0), 0u);
    EXPECT_EQ(reader->first_of_day(5), 40u);
    for (std::uint32_t i = 0; i < 40; ++i)
        EXPECT_EQ(reader->days()[reader->day_at(i)].day, messages[i].key.day);
}

TEST_F(ReaderTest, AnotherNameIsNotItsOwn) {
    const auto own = open_bytes(bytes)->name();
    auto other = own;
    ++other.first.number;
    EXPECT_EQ(open_error(bytes, other), Errc::bundle);
    other = own;
    --other.last.number;
    EXPECT_EQ(open_error(bytes, other), Errc::bundle);
    other = own;
    other.hash[15] ^= 1;
    EXPECT_EQ(open_error(bytes, other), Errc::bundle);
}

TEST_F(ReaderTest, DayTablesThatDoNotFit) {
    const auto with_day = [&](std::size_t index, std::uint32_t day, std::uint32_t count) {
        Bytes altered = bytes;
        put_number(MutableBytes(altered).subspan(64 + 8 * index), day);
        put_number(MutableBytes(altered).subspan(68 + 8 * index), count);
        rehash(altered);
        return open_error(altered);
    };
    const auto reader = open_bytes(bytes);
    const auto days = reader->days();
    ASSERT_EQ(with_day(1, 101, days[1].count), Errc{});
    EXPECT_EQ(with_day(1, 100, days[1].count), Errc::bundle) << "twice";
    EXPECT_EQ(with_day(1, 99, days[1].count), Errc::bundle) << "descending";
    EXPECT_EQ(with_day(1, 101, days[1].count + 1), Errc::bundle) << "one more";
    EXPECT_EQ(with_day(1, 101, 0), Errc::bundle) << "none";
    EXPECT_EQ(with_day(1, 101, ~std::uint32_t{0}), Errc::bundle) << "as if to overflow";
}

TEST_F(ReaderTest, EveryCutFileIsRefused) {
    for (std::size_t length = 0; length < bytes.size(); length += 7)
        EXPECT_EQ(open_error(Bytes(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(length))),
                  Errc::bundle);
}

TEST_F(ReaderTest, ManyDaysNeedASecondReading) {
    std::vector<MessageKey> keys;
    for (std::uint32_t day = 0; day < limits::bundle_days_max; ++day)
        keys.push_back({{day * 3}, random_id(random)});
    const auto reader = open_bytes(hollow_bundle(keys));
    EXPECT_EQ(reader->days().size(), limits::bundle_days_max);
    EXPECT_EQ(stream_error(reader), std::nullopt);
    for (const auto& key : keys) EXPECT_EQ(reader->find(key).value().key, key);
}

TEST_F(ReaderTest, AFileThatShrinksIsTheBundlesFault) {
    std::vector<MessageKey> keys;
    for (std::uint32_t day = 0; day < 1000; ++day) keys.push_back({{day}, random_id(random)});
    auto contents = std::make_shared<FileContents>();
    contents->bytes = hollow_bundle(keys);
    contents->claimed_size = contents->bytes.size();
    contents->bytes.resize(5000);
    const auto reader = Reader::open(std::make_unique<MemoryFile>(contents), std::nullopt);
    ASSERT_FALSE(reader);
    EXPECT_EQ(reader.error().code, Errc::bundle);
}

TEST_F(ReaderTest, TheMediumsErrorsStayTheMediums) {
    auto contents = std::make_shared<FileContents>();
    contents->bytes = bytes;
    contents->bad_byte = 10;
    EXPECT_EQ(Reader::open(std::make_unique<MemoryFile>(contents), std::nullopt).error().code, Errc::io);
    contents->bad_byte.reset();
    const auto reader = open_shared(contents);
    contents->bad_byte = reader->header().index_offset() + 50;
    Entry entry;
    EXPECT_EQ(reader->read_entries(1, std::span(&entry, 1)).error().code, Errc::io);
    contents->bad_byte = reader->header().messages_offset;
    ASSERT_TRUE(reader->read_entries(0, std::span(&entry, 1)));
    EXPECT_EQ(reader->read_message(entry, identifier, buffer).error().code, Errc::io);
}

TEST_F(ReaderTest, EntriesAreTheSameMappedAndRead) {
    const auto plain = open_bytes(bytes);
    const auto mapped = open_bytes(bytes);
    ASSERT_TRUE(mapped->map_index());
    EXPECT_TRUE(mapped->is_mapped());
    for (std::uint32_t first = 0; first <= 40; first += 3) {
        std::vector<Entry> a(40 - first);
        std::vector<Entry> b(40 - first);
        ASSERT_TRUE(plain->read_entries(first, a));
        ASSERT_TRUE(mapped->read_entries(first, b));
        EXPECT_EQ(a, b);
        for (std::size_t i = 0; i < a.size(); ++i) {
            EXPECT_EQ(a[i].key, messages[first + i].key);
            EXPECT_EQ(a[i].length, messages[first + i].bytes.size());
        }
    }
    std::vector<Entry> too_many(2);
    EXPECT_EQ(plain->read_entries(39, too_many).error().code, Errc::invalid);
    EXPECT_EQ(plain->read_entries(41, {}).error().code, Errc::invalid);
}

TEST_F(ReaderTest, ManyEntriesAreReadInSteps) {
    std::vector<MessageKey> keys;
    for (int i = 0; i < 3000; ++i)
        keys.push_back({{static_cast<std::uint32_t>(random.next() % 9)}, random_id(random)});
    std::ranges::sort(keys);
    const auto reader = open_bytes(hollow_bundle(keys));
    std::vector<Entry> entries(2990);
    ASSERT_TRUE(reader->read_entries(10, entries));
    for (std::size_t i = 0; i < entries.size(); ++i) EXPECT_EQ(entries[i].key, keys[i + 10]);
}

TEST_F(ReaderTest, EveryMessageIsReadAndVerified) {
    const auto reader = open_bytes(bytes);
    for (const auto& sample : messages) {
        const auto entry = reader->find(sample.key);
        ASSERT_TRUE(entry);
        EXPECT_EQ(reader->find(sample.key.id).value(), *entry);
        const auto message = reader->read_message(*entry, identifier, buffer);
        ASSERT_TRUE(message) << describe(message.error());
        EXPECT_TRUE(std::ranges::equal(message->bytes, sample.bytes));
    }
}

TEST_F(ReaderTest, AlteredBytesHaveAnotherHash) {
    auto contents = std::make_shared<FileContents>();
    contents->bytes = bytes;
    const auto reader = open_shared(contents);
    contents->bytes.back() ^= 1;
    const auto last = reader->find(messages.back().key).value();
    const auto first = reader->find(messages.front().key).value();
    EXPECT_EQ(reader->read_message(last, identifier, buffer).error().code, Errc::wrong_hash);
    EXPECT_TRUE(reader->read_message(first, identifier, buffer)) << "a bad message hides no other";
}

TEST_F(ReaderTest, EntriesOutOfRangeReadNothing) {
    const auto reader = open_bytes(bytes);
    const auto sound = reader->find(messages.back().key).value();
    const auto error = [&](std::uint32_t offset, std::uint32_t length) {
        Entry entry = sound;
        entry.offset = offset;
        entry.length = length;
        return reader->read_message(entry, identifier, buffer).error().code;
    };
    EXPECT_EQ(error(sound.offset, sound.length + 1), Errc::bundle);
    EXPECT_EQ(error(sound.offset + 1, sound.length), Errc::bundle);
    EXPECT_EQ(error(~std::uint32_t{0}, sound.length), Errc::bundle);
    EXPECT_EQ(error(0, ~std::uint32_t{0}), Errc::bundle);
    EXPECT_EQ(error(0, 38), Errc::bundle);
    EXPECT_EQ(error(0, 0), Errc::bundle);
    EXPECT_EQ(error(sound.offset - 1, sound.length), Errc::wrong_hash);
}

TEST_F(ReaderTest, AMessageUnderAnotherDayIsTheBundlesFault) {
    auto sample = messages[3];
    ++sample.key.day.number;
    const auto reader = open_bytes(sample_bundle({sample}));
    const auto entry = reader->find(sample.key).value();
    EXPECT_EQ(reader->read_message(entry, identifier, buffer).error().code, Errc::bundle);
}

TEST_F(ReaderTest, AMessageOfNoFormIsRefusedThoughItsHashIsRight) {
    const auto tiny = sample_message(random, 7, 100);  // an unknown suite has at least 256 bytes
    EXPECT_EQ(verify_message(tiny.bytes, tiny.key, identifier).error().code, Errc::size);
    const auto sound = sample_message(random, 7, 256);
    EXPECT_TRUE(verify_message(sound.bytes, sound.key, identifier));
}

// Lookup against a plain list: hits, misses between, before and behind, and days that are not there.
TEST_F(ReaderTest, FindsWhatIsThereAndNothingElse) {
    for (const std::size_t count : {1u, 2u, 3u, 100u, 5000u}) {
        std::vector<MessageKey> keys;
        for (std::size_t i = 0; i < count; ++i)
            keys.push_back({{static_cast<std::uint32_t>(random.next() % 4 * 2)}, random_id(random)});
        const auto reader = open_bytes(hollow_bundle(keys));
        if (count > 3) map_index(*reader);
        for (const auto& key : keys) EXPECT_EQ(reader->find(key).value().key, key);
        for (int i = 0; i < 200; ++i) {
            const auto id = random_id(random);
            EXPECT_EQ(reader->find({{2}, id}).error().code, Errc::not_found);
            EXPECT_EQ(reader->find({{3}, id}).error().code, Errc::not_found);
            EXPECT_EQ(reader->find({{9}, id}).error().code, Errc::not_found);
            EXPECT_EQ(reader->find(id).error().code, Errc::not_found);
        }
    }
}

// Ids chosen so that guessing from their first bits is always wrong.
TEST_F(ReaderTest, FindsAmongIdsThatSpoilTheGuesses) {
    std::vector<MessageKey> keys;
    for (std::uint32_t i = 0; i < 4000; ++i) {
        MessageKey key{{5}, {}};
        if (i >= 2000) key.id.bytes.fill(0xff);
        put_number(MutableBytes(key.id.bytes).subspan(28), i * 2);
        keys.push_back(key);
    }
    auto contents = std::make_shared<FileContents>();
    contents->bytes = hollow_bundle(keys);
    const auto reader = open_shared(contents);
    for (auto key : keys) {
        contents->reads = 0;
        EXPECT_EQ(reader->find(key).value().key, key);
        EXPECT_LE(contents->reads, 4u + 12 + 13) << "guesses, strides, halvings";
        key.id.bytes[31] ^= 1;
        EXPECT_EQ(reader->find(key).error().code, Errc::not_found);
    }
}

// An index out of order may hide what it holds, but never more than that.
TEST_F(ReaderTest, SearchEndsInAnyOrder) {
    Bytes shuffled = bytes;
    for (std::size_t i = 0; i < 40; ++i)
        for (std::size_t j = 0; j < 32; ++j)
            shuffled[64 + 40 + 40 * i + j] = static_cast<std::uint8_t>(random.next());
    const auto reader = open_bytes(shuffled);
    for (const auto& sample : messages) EXPECT_EQ(reader->find(sample.key.id).error().code, Errc::not_found);
}

TEST_F(ReaderTest, SearchReportsTheMediumsErrors) {
    auto contents = std::make_shared<FileContents>();
    contents->bytes = sample_bundle({messages[0]});
    const auto reader = open_shared(contents);
    contents->bad_byte = reader->header().index_offset();
    EXPECT_EQ(reader->find(messages[0].key).error().code, Errc::io);
    EXPECT_EQ(reader->find(messages[0].key.id).error().code, Errc::io);
}

}  // namespace
}  // namespace wcmp::bundle::test
