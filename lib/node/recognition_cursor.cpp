#include "node/recognition_cursor.h"

#include "core/cursor.h"
#include "core/hex.h"
#include "core/writer.h"

namespace wcmp::node {

std::string encode_cursor(const RunNonce& nonce, const RecognitionCursor& cursor) {
    Bytes bytes;
    Writer writer(bytes);
    writer.bytes(nonce.view());
    writer.u64(cursor.ring);
    writer.u8(static_cast<std::uint8_t>(cursor.scan));
    if (cursor.scan == RecognitionCursor::Scan::after) {
        writer.u32(cursor.after.day.number);
        writer.bytes(cursor.after.id.view());
    }
    return to_hex(bytes);
}

Result<RecognitionCursor> decode_cursor(const RunNonce& nonce, std::string_view text) {
    const auto bytes = from_hex(text);
    if (!bytes) return fail(Errc::invalid, "the cursor is not one that this relay gave");
    Cursor input(*bytes);
    WCMP_ASSIGN(const auto run, input.fixed<RunNonce>());
    RecognitionCursor cursor;
    WCMP_ASSIGN(cursor.ring, input.u64());
    WCMP_ASSIGN(const auto scan, input.u8());
    if (scan > static_cast<std::uint8_t>(RecognitionCursor::Scan::end))
        return fail(Errc::invalid, "the cursor is not one that this relay gave");
    cursor.scan = static_cast<RecognitionCursor::Scan>(scan);
    if (cursor.scan == RecognitionCursor::Scan::after) {
        WCMP_ASSIGN(cursor.after.day.number, input.u32());
        WCMP_ASSIGN(cursor.after.id, input.fixed<MessageId>());
    }
    WCMP_TRY(input.finish());
    if (run != nonce) return fail(Errc::expired, "the cursor is of another run");
    return cursor;
}

}  // namespace wcmp::node
