#include "bundle/verify.h"

#include "bundle/read_ahead.h"

#include <algorithm>

namespace wcmp::bundle {
namespace {

class WholeReading {
public:
    explicit WholeReading(const std::shared_ptr<const Reader>& reader)
        : index_(reader, limits::drive_read_bytes),
          ahead_(*reader, limits::drive_read_bytes),
          end_(reader->header().file_bytes - reader->header().messages_offset) {}

    // False after the last message.
    Result<bool> next() {
        WCMP_ASSIGN(const auto entry, index_.next());
        if (!entry) return false;
        WCMP_ASSIGN(const ByteView bytes, bytes_of(*entry));
        WCMP_TRY(verify_message(bytes, entry->key, identifier_));
        return true;
    }

private:
    Result<ByteView> bytes_of(const Entry& entry) {
        const Run wanted{.begin = entry.offset, .end = std::uint64_t{entry.offset} + entry.length};
        if (entry.length > ahead_.window_bytes()) {
            alone_.resize(entry.length);
            WCMP_TRY(read_run(index_.reader(), wanted.begin, alone_));
            return ByteView(alone_);
        }
        if (!ahead_.holds(wanted))
            WCMP_TRY(ahead_.load(
                {.begin = wanted.begin, .end = std::min(end_, wanted.begin + ahead_.window_bytes())}));
        return ahead_.view(wanted);
    }

    IndexStream index_;
    ReadAhead ahead_;
    std::uint64_t end_;
    Bytes alone_;
    message::Identifier identifier_;
};

}  // namespace

Result<void> verify_all(const std::shared_ptr<const Reader>& reader, const std::stop_token& stop) {
    WholeReading reading(reader);
    for (;;) {
        if (stop.stop_requested()) return fail(Errc::cancelled, "the work was abandoned");
        WCMP_ASSIGN(const bool more, reading.next());
        if (!more) return {};
    }
}

}  // namespace wcmp::bundle
