#include "made_messages.h"

#include "bundle/commit.h"
#include "core/writer.h"
#include "crypto/sha256.h"
#include "row.h"

#include <utility>

namespace wcmp::bench {

Bytes made_message(SeededRandom& random, Day expires, unsigned body_exp) {
    Bytes bytes(message::message_bytes(body_exp, usual_slot_exp));
    must(random.fill(bytes));
    bytes[0] = message::suite_1;
    put_number(MutableBytes(bytes).subspan(33), expires.number);
    bytes[37] = static_cast<std::uint8_t>(body_exp);
    bytes[38] = usual_slot_exp;
    for (std::size_t slot = 0; slot < std::size_t{1} << usual_slot_exp; ++slot) {
        const auto at = message::prefix_bytes(body_exp) + slot * message::slot_bytes;
        bytes[at + 31] &= 0x3f;                                            // an enc below p
        bytes[at + message::to_tag_at] = static_cast<std::uint8_t>(slot);  // in ascending order
    }
    return bytes;
}

MadeMessages::MadeMessages(std::size_t count, std::uint64_t seed) {
    SeededRandom random(seed);
    for (std::size_t i = 0; i < count; ++i) {
        const auto day = usual_first_day + static_cast<std::uint32_t>(random.next() % usual_days);
        add(made_message(random, {day}));
    }
}

void MadeMessages::add(Bytes message) {
    const MessageKey key{.day = must(message::parse_header(message)).expires,
                         .id = MessageId::from(crypto::sha256(message))};
    all_.emplace(key, std::move(message));
}

Result<bundle::Reader::Message> MadeMessages::fetch(std::size_t /*index*/, const bundle::Item& item) {
    return bundle::Reader::Message{.bytes = all_.at(item.key), .digest = {}};
}

void MadeMessages::commit_into(io::Directory& directory, std::size_t per_bundle) {
    std::vector<bundle::Item> items;
    bundle::Cutter cutter;
    std::vector<bundle::Piece> pieces;
    for (const auto& [key, bytes] : all_) {
        items.push_back({.key = key, .length = static_cast<std::uint32_t>(bytes.size())});
        cutter.add(key, items.back().length, pieces);
        if (items.size() % per_bundle == 0) cutter.finish(pieces);
    }
    cutter.finish(pieces);
    std::size_t first = 0;
    for (const auto& piece : pieces) {
        const auto part = std::span(items).subspan(first, piece.messages);
        must(bundle::commit(directory, part, *this, {}));
        first += piece.messages;
    }
}

void fill(io::Directory& directory, const Filling& filling) {
    const auto one = bundle::file_bytes_with(message::message_bytes(filling.body_exp, usual_slot_exp));
    const std::size_t per_bundle = (limits::bundle_cut_bytes - limits::bundle_header_bytes) / one;
    SeededRandom random(filling.seed);
    MadeMessages open;
    const auto close = [&] {
        if (!open.all().empty()) std::exchange(open, {}).commit_into(directory, filling.bundle_messages);
    };
    for (std::size_t day = 0; day < filling.days; ++day) {
        const std::size_t count =
            filling.messages * (day + 1) / filling.days - filling.messages * day / filling.days;
        if (open.all().size() + count > per_bundle) close();
        const Day expires{filling.first_day + filling.day_step * static_cast<std::uint32_t>(day)};
        for (std::size_t i = 0; i < count; ++i) open.add(made_message(random, expires, filling.body_exp));
    }
    close();
}

}  // namespace wcmp::bench
