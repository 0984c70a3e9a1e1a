#include "client/recognition_record.h"

#include "core/cursor.h"
#include "core/limits.h"

namespace wcmp::client {
namespace {

constexpr std::uint8_t unknown_suite_slot_exp = 255;

Result<void> take_tags(Cursor& in, unsigned slot_exp, RecognitionRecord& record) {
    if (slot_exp < limits::slot_exp_min || slot_exp > limits::slot_exp_max)
        return fail(Errc::invalid, "a recognition record has a shape that no message has");
    WCMP_ASSIGN(record.digest, in.fixed<Digest>());
    WCMP_ASSIGN(record.nonce1, in.fixed<Nonce1>());
    WCMP_ASSIGN(record.from_tag, in.fixed<HintTag>());
    record.to_tags.resize(std::size_t{1} << slot_exp);
    for (auto& tag : record.to_tags) {
        WCMP_ASSIGN(tag, in.fixed<HintTag>());
    }
    return {};
}

Result<void> take_record(Cursor in, RecognitionRecord& record) {
    WCMP_ASSIGN(record.suite, in.u8());
    WCMP_ASSIGN(const auto slot_exp, in.u8());
    WCMP_ASSIGN(record.expires.number, in.u32());
    WCMP_ASSIGN(record.message_bytes, in.u32());
    WCMP_ASSIGN(record.id, in.fixed<MessageId>());
    if (record.message_bytes > limits::message_bytes_max)
        return fail(Errc::invalid, "a recognition record is of a message longer than any");
    record.known_suite = slot_exp != unknown_suite_slot_exp;
    record.to_tags.clear();
    if (record.known_suite) WCMP_TRY(take_tags(in, slot_exp, record));
    return in.finish();
}

}  // namespace

Result<void> read_recognition(ByteView bytes, const std::function<void(const RecognitionRecord&)>& visit) {
    Cursor in(bytes);
    RecognitionRecord record;
    while (in.remaining() > 0) {
        WCMP_ASSIGN(const auto length, in.u16());
        WCMP_ASSIGN(const auto one, in.take(length));
        WCMP_TRY(take_record(Cursor(one), record));
        visit(record);
    }
    return {};
}

}  // namespace wcmp::client
