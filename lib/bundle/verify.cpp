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

    // Nothing after the last message; what is wrong with the message itself is no error of the reading.
    struct Judged {
        std::uint64_t end = 0;  // of the message, in the file
        std::optional<Error> bad{};
    };
    Result<std::optional<Judged>> next() {
        WCMP_ASSIGN(const auto entry, index_.next());
        if (!entry) return std::nullopt;
        WCMP_ASSIGN(const ByteView bytes, bytes_of(*entry));
        Judged judged{.end = index_.reader().header().messages_offset + entry->offset + entry->length};
        if (const auto digest = verify_message(bytes, entry->key, identifier_); !digest)
            judged.bad = digest.error();
        return judged;
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

std::unexpected<Error> abandoned() {
    return fail(Errc::cancelled, "the work was abandoned");
}

}  // namespace

Result<void> verify_all(const std::shared_ptr<const Reader>& reader, const std::stop_token& stop) {
    WholeReading reading(reader);
    for (;;) {
        if (stop.stop_requested()) return abandoned();
        WCMP_ASSIGN(const auto judged, reading.next());
        if (!judged) return {};
        if (judged->bad) return std::unexpected(*judged->bad);
    }
}

Result<std::uint64_t> count_bad_messages(const std::shared_ptr<const Reader>& reader,
                                         const std::function<void(std::uint64_t bytes)>& told,
                                         const std::stop_token& stop) {
    WholeReading reading(reader);
    std::uint64_t bad = 0;
    for (;;) {
        if (stop.stop_requested()) return abandoned();
        WCMP_ASSIGN(const auto judged, reading.next());
        if (!judged) return bad;
        if (judged->bad) ++bad;
        if (told) told(judged->end);
    }
}

}  // namespace wcmp::bundle
