#include "core/crc32c.h"
#include "core/cursor.h"
#include "message/identify.h"
#include "message/layout.h"
#include "store/journal_file.h"
#include "store/journal_layout.h"

#include <algorithm>
#include <cstring>

namespace wcmp::store {
namespace {

constexpr std::size_t first_step_bytes = std::size_t{256} << 10;

// Where a record would end, by its length; nothing when there is none.
std::optional<std::uint64_t> record_end(ByteView start, std::uint64_t at) {
    Cursor cursor(start.subspan(at));
    const auto length = cursor.u32();
    if (!length) return start.size() + 1;
    if (*length < limits::message_header_bytes || *length > limits::journal_message_bytes_max)
        return std::nullopt;
    return at + record_bytes(*length);
}

// The records of a file whose start becomes known bit by bit.
class RecordScan {
public:
    explicit RecordScan(JournalScan& scan) : scan_(scan) {}

    // Goes on with a longer start than the last one. False: the next record ends behind it.
    bool go_on(ByteView start) {
        if (!scan_.turn && !take_header(start)) return true;
        while (const auto end = record_end(start, scan_.used_bytes)) {
            if (*end > start.size()) return false;
            if (!take_record(start, *end)) break;
        }
        return true;
    }

private:
    bool take_header(ByteView start) {
        Cursor cursor(start);
        const auto magic = cursor.take(journal_magic.size());
        const auto turn = cursor.take(std::tuple_size_v<JournalTurn>);
        if (!magic || !turn || !std::ranges::equal(*magic, journal_magic)) return false;
        std::ranges::copy(*turn, scan_.turn.emplace().begin());
        scan_.used_bytes = journal_header_bytes;
        return true;
    }

    bool take_record(ByteView start, std::uint64_t end) {
        Cursor cursor(start.subspan(scan_.used_bytes));
        const auto length = cursor.u32();
        const auto checksum = cursor.u32();
        if (!length || !checksum) return false;
        const auto message = cursor.take(*length);
        if (!message || record_checksum(*scan_.turn, *message) != *checksum) return false;
        const auto header = message::parse_header(*message);
        if (!header) return false;
        const MessageKey key{header->expires, identifier_.identify(*message).id};
        scan_.records.push_back({key, scan_.used_bytes + record_header_bytes, *length});
        scan_.used_bytes = end;
        return true;
    }

    JournalScan& scan_;
    message::Identifier identifier_;
};

// Up to the last byte that is not zero. Nearly all of a file is zeros: they are compared with themselves.
std::size_t dirty_start(ByteView bytes) {
    constexpr std::size_t piece_bytes = 4096;
    while (!bytes.empty()) {
        const auto piece = bytes.last((bytes.size() - 1) % piece_bytes + 1);
        const bool is_zero =
            piece.front() == 0 && std::memcmp(piece.data(), piece.data() + 1, piece.size() - 1) == 0;
        if (!is_zero) break;
        bytes = bytes.first(bytes.size() - piece.size());
    }
    while (!bytes.empty() && bytes.back() == 0) bytes = bytes.first(bytes.size() - 1);
    return bytes.size();
}

}  // namespace

JournalScan scan_journal(ByteView file) {
    JournalScan scan;
    scan.dirty_bytes = dirty_start(file);
    RecordScan(scan).go_on(file);
    return scan;
}

// In most files there is no record, or a few: the rest passes through one small buffer.
Result<JournalScan> scan_journal(const io::ReadableFile& file) {
    JournalScan scan;
    RecordScan records(scan);
    Bytes bytes(first_step_bytes);
    WCMP_TRY(io::read_exactly(file, 0, bytes));
    while (!records.go_on(bytes) && bytes.size() < limits::journal_file_bytes) {
        const auto known = bytes.size();
        bytes.resize(2 * known);
        WCMP_TRY(io::read_exactly(file, known, MutableBytes(bytes).subspan(known)));
    }
    scan.dirty_bytes = dirty_start(bytes);
    for (std::uint64_t at = bytes.size(); at < limits::journal_file_bytes; at += first_step_bytes) {
        const auto step = MutableBytes(bytes).first(first_step_bytes);
        WCMP_TRY(io::read_exactly(file, at, step));
        if (const auto dirty = dirty_start(step); dirty > 0) scan.dirty_bytes = at + dirty;
    }
    return scan;
}

}  // namespace wcmp::store
