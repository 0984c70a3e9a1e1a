#include "sync/upkeep_verify.h"

#include "core/limits.h"

#include <algorithm>

namespace wcmp::sync {
namespace {

// One run of messages after another.
class RunReading {
public:
    explicit RunReading(const std::stop_token& stop) : stop_(stop) {}

    // From a position on, until so many bytes are read or the bundle ends. Errors: of the first message that
    // is not what the index says, or cannot be read.
    Result<void> read(const bundle::Reader& reader, std::uint32_t first, std::uint64_t bytes_max) {
        const auto before = bytes_;
        for (auto at = first; at < reader.header().messages; ++at) {
            if (stop_.stop_requested()) return fail(Errc::cancelled, "the upkeep was abandoned");
            bundle::Entry entry;
            WCMP_TRY(reader.read_entries(at, std::span(&entry, 1)));
            WCMP_TRY(reader.read_message(entry, identifier_, buffer_));
            bytes_ += entry.length;
            if (bytes_ - before >= bytes_max) break;
        }
        return {};
    }
    std::uint64_t bytes() const { return bytes_; }

private:
    const std::stop_token& stop_;
    message::Identifier identifier_;
    Bytes buffer_;
    std::uint64_t bytes_ = 0;
};

bool says_invalid(const Error& error) {
    return is_format_class(error.code) || error.code == Errc::wrong_hash;
}

std::uint64_t message_bytes(const bundle::Reader& reader) {
    return reader.header().file_bytes - reader.header().messages_offset;
}

}  // namespace

Result<SomeVerified> verify_some(const Readers& bundles, Random& random, const std::stop_token& stop) {
    double total = 1;
    for (const auto& reader : bundles) total += static_cast<double>(message_bytes(*reader));
    const auto share = std::min(1.0 / static_cast<double>(limits::upkeep_verified_share),
                                static_cast<double>(limits::upkeep_verified_bytes_max) / total);
    SomeVerified result;
    RunReading reading(stop);
    for (std::size_t i = 0; i < bundles.size(); ++i) {
        const auto& reader = *bundles[i];
        WCMP_ASSIGN(const auto first, uniform(random, reader.header().messages));
        const auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(message_bytes(reader)));
        const auto read = reading.read(reader, static_cast<std::uint32_t>(first), wanted);
        if (!read && read.error().code == Errc::cancelled) return std::unexpected(read.error());
        if (!read && says_invalid(read.error())) result.invalid.push_back(i);
    }
    result.bytes = reading.bytes();
    return result;
}

}  // namespace wcmp::sync
