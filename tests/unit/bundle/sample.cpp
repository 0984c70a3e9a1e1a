#include "sample.h"

#include "core/writer.h"
#include "crypto/sha256.h"

#include <algorithm>
#include <map>
#include <stdexcept>

namespace wcmp::bundle::test {
namespace {

struct Line {
    MessageKey key;
    std::uint32_t length = 0;
};

Bytes bundle_start(const std::vector<Line>& lines) {
    std::map<std::uint32_t, std::uint32_t> days;
    std::uint64_t messages_bytes = 0;
    for (const auto& line : lines) {
        ++days[line.key.day.number];
        messages_bytes += line.length;
    }
    const std::uint64_t offset = 64 + 8 * days.size() + 40 * lines.size();
    Bytes result;
    Writer writer(result);
    const std::string magic = "WCMPBDL1";
    writer.bytes(Bytes(magic.begin(), magic.end()));
    writer.u64(offset + messages_bytes);
    writer.u32(static_cast<std::uint32_t>(days.size()));
    writer.u32(static_cast<std::uint32_t>(lines.size()));
    writer.u64(offset);
    writer.zeros(32);
    for (const auto& [day, count] : days) {
        writer.u32(day);
        writer.u32(count);
    }
    std::uint32_t at = 0;
    for (const auto& line : lines) {
        writer.bytes(line.key.id.bytes);
        writer.u32(at);
        writer.u32(line.length);
        at += line.length;
    }
    rehash(result);
    return result;
}

}  // namespace

MessageId random_id(SeededRandom& random) {
    MessageId id;
    if (!random.fill(id.bytes)) throw std::runtime_error("a seeded random failed");
    return id;
}

Sample sample_message(SeededRandom& random, std::uint32_t day, std::size_t length) {
    Sample result;
    result.bytes.resize(length);
    if (!random.fill(result.bytes)) throw std::runtime_error("a seeded random failed");
    result.bytes[0] = 2;
    put_number(MutableBytes(result.bytes).subspan(33), day);
    result.key = {.day = {day}, .id = MessageId::from(crypto::sha256(result.bytes))};
    return result;
}

std::vector<Sample> sample_messages(SeededRandom& random, std::size_t count, std::uint32_t first_day,
                                    std::uint32_t days, std::size_t length_max) {
    std::vector<Sample> result;
    while (result.size() < count) {
        const auto day = first_day + static_cast<std::uint32_t>(random.next() % days);
        result.push_back(sample_message(random, day, 256 + random.next() % (length_max - 255)));
    }
    std::ranges::sort(result);
    return result;
}

Bytes sample_bundle(std::vector<Sample> messages) {
    std::ranges::sort(messages);
    std::vector<Line> lines;
    for (const auto& message : messages)
        lines.push_back({message.key, static_cast<std::uint32_t>(message.bytes.size())});
    Bytes result = bundle_start(lines);
    for (const auto& message : messages)
        result.insert(result.end(), message.bytes.begin(), message.bytes.end());
    return result;
}

Bytes hollow_bundle(std::vector<MessageKey> keys, std::uint32_t length) {
    std::ranges::sort(keys);
    std::vector<Line> lines;
    for (const auto& key : keys) lines.push_back({key, length});
    Bytes result = bundle_start(lines);
    result.resize(result.size() + keys.size() * length);
    return result;
}

void rehash(Bytes& bundle) {
    const ByteView view(bundle);
    std::uint64_t end = 0;
    for (const auto byte : view.subspan(24, 8)) end = end << 8 | byte;
    const auto hash = crypto::sha256(view.subspan(64, static_cast<std::size_t>(end) - 64));
    std::ranges::copy(hash, bundle.begin() + 32);
}

std::shared_ptr<Reader> open_bytes(Bytes bytes) {
    auto reader = Reader::open(std::make_unique<MemoryFile>(std::move(bytes)), std::nullopt);
    if (!reader) throw std::runtime_error(describe(reader.error()));
    return *reader;
}

std::shared_ptr<Reader> open_shared(const std::shared_ptr<FileContents>& contents) {
    auto reader = Reader::open(std::make_unique<MemoryFile>(contents), std::nullopt);
    if (!reader) throw std::runtime_error(describe(reader.error()));
    return *reader;
}

void map_index(Reader& reader) {
    if (auto mapped = reader.map_index(); !mapped) throw std::runtime_error(describe(mapped.error()));
}

std::optional<Errc> stream_error(const std::shared_ptr<const Reader>& reader, std::size_t buffer_bytes) {
    IndexStream stream(reader, buffer_bytes);
    while (true) {
        const auto entry = stream.next();
        if (!entry) return entry.error().code;
        if (!*entry) return std::nullopt;
    }
}

}  // namespace wcmp::bundle::test
