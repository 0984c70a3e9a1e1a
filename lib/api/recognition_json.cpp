#include "api/recognition_json.h"

#include "api/date.h"
#include "core/cursor.h"
#include "core/hex.h"
#include "core/ids.h"
#include "core/limits.h"

namespace wcmp::api {
namespace {

constexpr unsigned unknown_suite = 255;

void add_text(std::string& line, std::string_view name, std::string_view value) {
    line.append(",\"").append(name).append("\":\"").append(value).append("\"");
}

// The four fields that only a message of a known suite has.
Result<void> add_tags(std::string& line, Cursor& record, unsigned slot_exp) {
    WCMP_ASSIGN(const auto digest, record.fixed<Digest>());
    WCMP_ASSIGN(const auto nonce1, record.fixed<Nonce1>());
    WCMP_ASSIGN(const auto from_tag, record.fixed<HintTag>());
    add_text(line, "digest", to_hex(digest.view()));
    add_text(line, "nonce1", to_hex(nonce1.view()));
    add_text(line, "from_tag", to_hex(from_tag.view()));
    line += ",\"to_tags\":[";
    for (unsigned slot = 0; slot < 1u << slot_exp; ++slot) {
        WCMP_ASSIGN(const auto tag, record.fixed<HintTag>());
        line.append(slot == 0 ? "\"" : ",\"").append(to_hex(tag.view())).append("\"");
    }
    line += ']';
    return record.finish();
}

Result<void> add_line(std::string& line, Cursor record) {
    WCMP_ASSIGN(const auto suite, record.u8());
    WCMP_ASSIGN(const auto slot_exp, record.u8());
    WCMP_ASSIGN(const auto expires, record.u32());
    WCMP_ASSIGN(const auto length, record.u32());
    WCMP_ASSIGN(const auto id, record.fixed<MessageId>());
    if (slot_exp != unknown_suite && slot_exp > limits::slot_exp_max)
        return fail(Errc::invalid, "a record has too many slots");
    line += "{\"suite\":" + std::to_string(suite);
    if (slot_exp != unknown_suite) line += ",\"slot_exp\":" + std::to_string(slot_exp);
    add_text(line, "expires", to_date(Day{expires}));
    line += ",\"length\":" + std::to_string(length);
    add_text(line, "id", to_hex(id.view()));
    if (slot_exp != unknown_suite)
        WCMP_TRY(add_tags(line, record, slot_exp));
    else
        WCMP_TRY(record.finish());
    line += "}\n";
    return {};
}

}  // namespace

Result<std::string> recognition_lines(ByteView records) {
    std::string lines;
    lines.reserve(records.size() * 3);
    Cursor cursor(records);
    while (cursor.remaining() > 0) {
        WCMP_ASSIGN(const auto length, cursor.u16());
        WCMP_ASSIGN(const auto record, cursor.take(length));
        WCMP_TRY(add_line(lines, Cursor(record)));
    }
    return lines;
}

}  // namespace wcmp::api
