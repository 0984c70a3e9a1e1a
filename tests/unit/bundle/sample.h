// Messages and bundles for tests, made by a second, obvious implementation of BUNDLE.md, section 1.
#pragma once

#include "bundle/reader.h"
#include "core/random.h"
#include "memory_file.h"

#include <vector>

namespace wcmp::bundle::test {

struct Sample {
    MessageKey key;
    Bytes bytes;

    auto operator<=>(const Sample&) const = default;
};

// A message of a suite that is not known, which relays carry unread: random but for its day.
Sample sample_message(SeededRandom& random, std::uint32_t day, std::size_t length = 256);

// `count` messages of days first_day to first_day + days - 1, sorted by key.
std::vector<Sample> sample_messages(SeededRandom& random, std::size_t count, std::uint32_t first_day,
                                    std::uint32_t days, std::size_t length_max = 300);

// The bundle of these messages, which are sorted first.
Bytes sample_bundle(std::vector<Sample> messages);

// Entries only, over messages of which there are lengths but no bytes: all zero, and their ids false.
Bytes hollow_bundle(std::vector<MessageKey> keys, std::uint32_t length = 39);

// Computes the index hash anew over whatever table and index the bytes hold, so that a test can
// alter these and have only its own fault found.
void rehash(Bytes& bundle);

std::shared_ptr<Reader> open_bytes(Bytes bytes);
std::shared_ptr<Reader> open_shared(const std::shared_ptr<FileContents>& contents);

void map_index(Reader& reader);

MessageId random_id(SeededRandom& random);

// The error an index stream ends with, or nothing when the index is right.
std::optional<Errc> stream_error(const std::shared_ptr<const Reader>& reader,
                                 std::size_t buffer_bytes = 4096);

}  // namespace wcmp::bundle::test
