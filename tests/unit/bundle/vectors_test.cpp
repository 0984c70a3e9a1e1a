// The published vectors of bundles: what a reader must take, and what it must refuse.
#include "bundle/cut.h"
#include "bundle/join.h"
#include "core/hex.h"
#include "message/layout.h"
#include "sample.h"
#include "vectors/vector_file.h"

#include <set>

#include <gtest/gtest.h>

namespace wcmp::bundle::test {
namespace {

MessageKey key_of(const Bytes& message) {
    return {.day = message::parse_header(message).value().expires, .id = message::message_id(message)};
}

// As a relay takes a file under a name: the name must have the form, and the index must be right.
Result<std::shared_ptr<const Reader>> take(const Bytes& data, const std::optional<std::string>& file_name) {
    std::optional<Name> name;
    if (file_name) {
        name = parse_name(*file_name);
        if (!name) return fail(Errc::bundle, "not a name of a bundle");
    }
    WCMP_ASSIGN(std::shared_ptr<const Reader> reader, Reader::open(std::make_unique<MemoryFile>(data), name));
    if (const auto error = stream_error(reader)) return fail(*error, "the index is wrong");
    return reader;
}

TEST(BundleVectors, AreReadWhole) {
    for (const auto& file : vectors::all())
        for (const auto& vector : file.bundles) {
            SCOPED_TRACE(vector.name);
            const auto reader = take(vector.data, vector.file_name);
            ASSERT_TRUE(reader);
            EXPECT_EQ(to_string((*reader)->name()), vector.file_name);
            std::set<MessageKey> wanted;
            message::Identifier identifier;
            Bytes buffer;
            for (const auto& message : vector.messages) {
                wanted.insert(key_of(message));
                const auto entry = (*reader)->find(key_of(message));
                ASSERT_TRUE(entry);
                const auto found = (*reader)->read_message(*entry, identifier, buffer);
                ASSERT_TRUE(found) << describe(found.error());
                EXPECT_TRUE(std::ranges::equal(found->bytes, message));
            }
            EXPECT_EQ((*reader)->header().messages, wanted.size());
        }
}

TEST(BundleVectors, AreTheBytesThatTheirMessagesGive) {
    for (const auto& file : vectors::all())
        for (const auto& vector : file.bundles) {
            std::set<Sample> samples;
            for (const auto& message : vector.messages) samples.insert({key_of(message), message});
            EXPECT_EQ(sample_bundle({samples.begin(), samples.end()}), vector.data) << vector.name;
            const auto header = parse_header(vector.data, vector.data.size()).value();
            EXPECT_TRUE(std::ranges::equal(encode_header(header), ByteView(vector.data).first(64)));
        }
}

TEST(BundleVectors, OnePieceOfTheCutEach) {
    for (const auto& file : vectors::all())
        for (const auto& vector : file.bundles) {
            Cutter cutter;
            std::vector<Piece> pieces;
            IndexStream stream(open_bytes(vector.data), 4096);
            while (const auto entry = stream.next().value()) cutter.add(entry->key, entry->length, pieces);
            cutter.finish(pieces);
            ASSERT_EQ(pieces.size(), 1u);
            EXPECT_EQ(pieces.front().file_bytes(), vector.data.size());
        }
}

TEST(BundleVectors, WrongOnesAreRefused) {
    std::size_t count = 0;
    for (const auto& file : vectors::all())
        for (const auto& vector : file.negative) {
            if (vector.op != "bundle") continue;
            ++count;
            const auto reader = take(vector.data, vector.file_name);
            ASSERT_FALSE(reader) << vector.name;
            EXPECT_EQ(to_string(reader.error().code), vector.expect) << vector.name;
        }
    EXPECT_GT(count, 0u);
}

TEST(BundleVectors, OfDamagedOnesTheGoodMessagesAreRead) {
    for (const auto& file : vectors::all())
        for (const auto& vector : file.damaged_bundles) {
            SCOPED_TRACE(vector.name);
            const auto reader = take(vector.data, vector.file_name);
            ASSERT_TRUE(reader);
            std::set<Bytes> good;
            message::Identifier identifier;
            Bytes buffer;
            IndexStream stream(*reader, 4096);
            while (const auto entry = stream.next().value())
                if ((*reader)->read_message(*entry, identifier, buffer))
                    good.insert({entry->key.id.bytes.begin(), entry->key.id.bytes.end()});
            EXPECT_EQ(good, std::set(vector.good_ids.begin(), vector.good_ids.end()));
        }
}

}  // namespace
}  // namespace wcmp::bundle::test
