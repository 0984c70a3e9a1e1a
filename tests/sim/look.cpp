#include "look.h"

#include "core/crc32c.h"
#include "core/hex.h"
#include "crypto/sha256.h"
#include "dice.h"

#include <algorithm>
#include <optional>
#include <regex>

namespace wcmp::sim {
namespace {

std::uint64_t number_at(ByteView bytes, std::size_t at, std::size_t size) {
    std::uint64_t value = 0;
    for (const auto byte : bytes.subspan(at, size)) value = value << 8 | byte;
    return value;
}

bool is_named_like_a_bundle(const std::string& name) {
    static const std::regex form(R"((0|[1-9][0-9]{0,9})-(0|[1-9][0-9]{0,9})-[0-9a-f]{32}\.wcmp)");
    return std::regex_match(name, form);
}

// The message itself says its day; its id is its hash. Of known suites there are none in this world.
std::optional<MessageKey> key_of(ByteView message) {
    constexpr std::size_t shortest = 256;
    if (message.size() < shortest) return std::nullopt;
    return MessageKey{.day = {static_cast<std::uint32_t>(number_at(message, 33, 4))},
                      .id = MessageId::from(crypto::sha256(message))};
}

struct Line {
    MessageKey key;
    std::uint64_t offset = 0, length = 0;
};

// The parts of a file whose header's numbers fit its size.
struct Parts {
    std::uint64_t days = 0, messages = 0, body = 0;
    std::vector<Line> lines{};
    bool in_order = true;  // table and index are as they must be
};

std::optional<Parts> read_counts(ByteView bytes) {
    Parts parts{.days = number_at(bytes, 16, 4), .messages = number_at(bytes, 20, 4)};
    parts.body = 64 + 8 * parts.days + 40 * parts.messages;
    const bool fits = number_at(bytes, 8, 8) == bytes.size() && parts.days >= 1 && parts.days <= 4096 &&
                      parts.days <= parts.messages && parts.messages <= std::uint64_t{1} << 24 &&
                      number_at(bytes, 24, 8) == parts.body && parts.body <= bytes.size();
    return fits ? std::optional(parts) : std::nullopt;
}

void read_index(Parts& parts, ByteView bytes) {
    std::uint64_t total = 0, next_offset = 0, in_day = 0, day = 0;
    for (std::uint64_t i = 0; i < parts.days; ++i) {
        total += number_at(bytes, 64 + 8 * i + 4, 4);
        parts.in_order &= number_at(bytes, 64 + 8 * i + 4, 4) > 0;
        parts.in_order &= i == 0 || number_at(bytes, 64 + 8 * i, 4) > number_at(bytes, 64 + 8 * (i - 1), 4);
    }
    parts.in_order &= total == parts.messages;
    for (std::uint64_t i = 0; i < parts.messages; ++i) {
        const auto at = 64 + 8 * parts.days + 40 * i;
        while (day + 1 < parts.days && in_day >= number_at(bytes, 64 + 8 * day + 4, 4)) ++day, in_day = 0;
        Line line{.key = {.day = {static_cast<std::uint32_t>(number_at(bytes, 64 + 8 * day, 4))},
                          .id = MessageId::from(bytes.subspan(at, 32))},
                  .offset = number_at(bytes, at + 32, 4),
                  .length = number_at(bytes, at + 36, 4)};
        parts.in_order &= line.offset == next_offset && (i == 0 || parts.lines.back().key < line.key);
        next_offset = line.offset + line.length;
        parts.lines.push_back(line);
        ++in_day;
    }
    parts.in_order &= parts.body + next_offset == bytes.size();
}

bool is_named(const std::string& name, const Parts& parts, const crypto::Hash256& hash) {
    const auto hex = to_hex(ByteView(hash).first(16));
    const auto days = std::to_string(parts.lines.front().key.day.number) + "-" +
                      std::to_string(parts.lines.back().key.day.number);
    return name == days + "-" + hex + ".wcmp";
}

void read_messages(SeenFile& seen, const Parts& parts, ByteView bytes) {
    const auto body = bytes.subspan(parts.body);
    for (const auto& line : parts.lines) {
        const bool inside = line.offset <= body.size() && line.length <= body.size() - line.offset;
        const auto key = inside ? key_of(body.subspan(line.offset, line.length)) : std::nullopt;
        const bool valid = seen.kind == FileKind::valid;
        if (key && key->id == line.key.id && (!valid || key->day == line.key.day))
            seen.good[*key] = static_cast<std::uint32_t>(line.length);
        else if (valid)
            seen.false_claims.insert(line.key);
    }
}

}  // namespace

SeenFile read_bundle(const std::string& name, ByteView bytes) {
    SeenFile seen{.bytes = bytes.size()};
    const auto is_zero = [](std::uint8_t byte) { return byte == 0; };
    if (bytes.size() < 64 || std::ranges::all_of(bytes.first(64), is_zero)) {
        seen.kind = FileKind::void_file;
        return seen;
    }
    if (!std::ranges::equal(bytes.first(8), as_bytes("WCMPBDL1"))) {
        seen.kind = FileKind::unknown_format;
        return seen;
    }
    auto parts = read_counts(bytes);
    if (!parts) return seen;
    read_index(*parts, bytes);
    const auto hash = crypto::sha256(bytes.subspan(64, parts->body - 64));
    const bool valid =
        parts->in_order && std::ranges::equal(bytes.subspan(32, 32), hash) && is_named(name, *parts, hash);
    if (valid) seen.kind = FileKind::valid;
    seen.body_at = parts->body;
    read_messages(seen, *parts, bytes);
    return seen;
}

// A file of 4 MiB that is mostly empty: only what is used of it is read.
Messages read_journal(const io::ReadableFile& file) {
    Messages messages;
    std::array<std::uint8_t, 24> start{};
    if (!io::read_exactly(file, 0, start)) return messages;
    if (!std::ranges::equal(ByteView(start).first(8), as_bytes("WCMPJNL1"))) return messages;
    const auto turn = ByteView(start).subspan(8, 16);
    std::array<std::uint8_t, 8> head{};
    for (std::uint64_t at = 24; io::read_exactly(file, at, head);) {
        const auto length = number_at(head, 0, 4);
        if (length < 39 || length > std::uint64_t{1} << 20) break;
        Bytes message(length);
        if (!io::read_exactly(file, at + 8, message)) break;
        if (crc32c(message, crc32c(ByteView(head).first(4), crc32c(turn))) != number_at(head, 4, 4)) break;
        if (const auto key = key_of(message)) messages[*key] = static_cast<std::uint32_t>(length);
        at += (8 + length + 7) / 8 * 8;
    }
    return messages;
}

Day first_day_of(const std::string& name) {
    return {static_cast<std::uint32_t>(std::stoul(name))};
}

Bytes contents(const io::Directory& directory, const std::string& name) {
    const auto file = directory.open(name);
    expect(file.has_value(), "the simulation cannot open a file");
    Bytes bytes((*file)->status()->size);
    expect(io::read_exactly(**file, 0, bytes).has_value(), "the simulation cannot read a file");
    return bytes;
}

namespace {

void add(Seen& seen, const std::string& name, const SeenFile& file) {
    seen.bundles[name] = file.kind;
    switch (file.kind) {
    case FileKind::void_file: ++seen.void_files; return;
    case FileKind::unknown_format: ++seen.unknown_format; return;
    case FileKind::damaged:
        ++seen.damaged;
        seen.savable.insert(file.good.begin(), file.good.end());
        return;
    case FileKind::valid: break;
    }
    ++seen.valid;
    seen.bundle_bytes += file.bytes;
    seen.has_lies |= !file.false_claims.empty();
    seen.bundled.insert(file.good.begin(), file.good.end());
    seen.false_claims.insert(file.false_claims.begin(), file.false_claims.end());
}

}  // namespace

Seen Onlooker::look(const io::Directory& directory) {
    Seen seen;
    std::vector<std::string> names;
    const auto listed = directory.list([&](std::string_view name) { names.emplace_back(name); });
    expect(listed.has_value(), "the simulation cannot list a directory");
    std::map<std::string, Known> now;
    for (const auto& name : names) {
        if (name.starts_with("journal-")) {
            const auto journal = directory.open(name);
            expect(journal.has_value(), "the simulation cannot open a journal");
            const auto messages = read_journal(**journal);
            seen.waiting.insert(messages.begin(), messages.end());
        }
        if (!is_named_like_a_bundle(name)) {
            seen.others.insert(name);
            continue;
        }
        const auto file = directory.open(name);
        expect(file.has_value(), "the simulation cannot open a bundle");
        const auto status = *(*file)->status();
        const auto found = known_.find(name);
        const bool same = found != known_.end() && found->second.status == status;
        const auto& kept = now[name] =
            same ? std::move(found->second) : Known{status, read_bundle(name, contents(directory, name))};
        add(seen, name, kept.file);
    }
    known_ = std::move(now);
    seen.held = seen.bundled;
    seen.held.insert(seen.waiting.begin(), seen.waiting.end());
    std::erase_if(seen.false_claims, [&](const auto& key) { return seen.bundled.contains(key); });
    return seen;
}

const SeenFile* Onlooker::file(const std::string& name) const {
    const auto found = known_.find(name);
    return found == known_.end() ? nullptr : &found->second.file;
}

}  // namespace wcmp::sim
