// The start of a journal file: whatever stands there, each record that counts lies inside the bytes, its
// message is what its key says, and nothing is read beyond them.
#include "core/crc32c.h"
#include "core/limits.h"
#include "crypto/sha256.h"
#include "store/journal_file.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace wcmp;
    const ByteView file(data, size);
    const auto scan = store::scan_journal(file);
    if (!scan.turn && !scan.records.empty()) std::abort();
    if (scan.used_bytes > size || scan.dirty_bytes > size) std::abort();
    for (const auto& record : scan.records) {
        const auto message = file.subspan(record.offset, record.length);
        if (record.key.id.bytes != crypto::sha256(message)) std::abort();
    }
    return 0;
}
