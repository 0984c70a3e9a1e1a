#include "bundle/index_encoder.h"

#include "core/writer.h"
#include "crypto/sha256.h"

namespace wcmp::bundle {
namespace {

constexpr std::size_t part_bytes = std::size_t{64} << 10;

// Hands a buffer on whenever it has grown to a part.
class Parts {
public:
    explicit Parts(const Sink& sink) : sink_(sink) { buffer_.reserve(part_bytes); }

    Writer writer() { return Writer(buffer_); }

    Result<void> make_room() {
        if (buffer_.size() + limits::bundle_entry_bytes <= part_bytes) return {};
        return flush();
    }

    Result<void> flush() {
        WCMP_TRY(sink_(buffer_));
        buffer_.clear();
        return {};
    }

private:
    const Sink& sink_;
    Bytes buffer_;
};

Result<void> encode_days(std::span<const Item> items, Positions positions, Parts& parts) {
    for (std::size_t i = 0; i < positions.size();) {
        const Day day = items[positions[i]].key.day;
        std::uint32_t count = 0;
        for (; i < positions.size() && items[positions[i]].key.day == day; ++i) ++count;
        WCMP_TRY(parts.make_room());
        parts.writer().u32(day.number);
        parts.writer().u32(count);
    }
    return {};
}

}  // namespace

Result<void> encode_index(std::span<const Item> items, Positions positions, const Sink& sink) {
    Parts parts(sink);
    WCMP_TRY(encode_days(items, positions, parts));
    std::uint32_t offset = 0;
    for (const auto position : positions) {
        WCMP_TRY(parts.make_room());
        auto writer = parts.writer();
        writer.bytes(items[position].key.id.bytes);
        writer.u32(offset);
        writer.u32(items[position].length);
        offset += items[position].length;
    }
    return parts.flush();
}

Result<Outline> outline(std::span<const Item> items, Positions positions) {
    std::uint64_t days = 0;
    std::uint64_t message_bytes = 0;
    const Item* before = nullptr;
    for (const auto position : positions) {
        const Item& item = items[position];
        if (before != nullptr && item.key <= before->key)
            return fail(Errc::invalid, "the messages of a bundle are not ascending");
        if (before == nullptr || item.key.day != before->key.day) ++days;
        message_bytes += item.length;
        before = &item;
    }
    const auto size = file_bytes(days, positions.size(), message_bytes);
    if (before == nullptr || days > limits::bundle_days_max ||
        positions.size() > limits::bundle_messages_max || size >= limits::bundle_bytes_limit)
        return fail(Errc::too_large, "the messages do not fit one bundle");

    Outline result{.header = {}, .first = items[positions.front()].key.day, .last = before->key.day};
    result.header = {.file_bytes = size,
                     .days = static_cast<std::uint32_t>(days),
                     .messages = static_cast<std::uint32_t>(positions.size()),
                     .messages_offset = size - message_bytes,
                     .index_hash = {}};
    crypto::Sha256 hash;
    WCMP_TRY(encode_index(items, positions, [&](ByteView part) -> Result<void> {
        hash.update(part);
        return {};
    }));
    result.header.index_hash.bytes = hash.finish();
    return result;
}

}  // namespace wcmp::bundle
