#include "bundle/file_writer.h"

#include <algorithm>
#include <system_error>

namespace wcmp::bundle {
namespace {

constexpr std::size_t write_bytes = std::size_t{1} << 20;

// For less a thread costs more than it gains.
constexpr std::uint64_t write_behind_bytes_min = std::uint64_t{4} << 20;

Result<std::optional<std::size_t>> copy_messages(std::span<const Item> items, Positions positions,
                                                 MessageSource& source, const CommitOptions& options,
                                                 LargeWrites& output) {
    for (std::size_t i = 0; i < positions.size(); ++i) {
        if (options.stop.stop_requested()) return fail(Errc::cancelled, "the work was abandoned");
        const Item& item = items[positions[i]];
        const auto message = source.fetch(positions[i], item);
        if (!message && is_bad_message(message.error())) return i;
        WCMP_TRY(message);
        if (message->bytes.size() != item.length)
            return fail(Errc::internal, "a source answered a message of another length");
        WCMP_TRY(output.append(message->bytes));
        if (options.on_message) options.on_message(item, *message);
    }
    return std::nullopt;
}

Result<void> finish(io::WritableFile& file, const Header& header) {
    WCMP_TRY(file.sync());
    WCMP_TRY(file.write_at(0, encode_header(header)));
    WCMP_TRY(file.set_constant_times());
    return file.sync();
}

}  // namespace

bool is_bad_message(const Error& error) {
    return is_format_class(error.code) || error.code == Errc::wrong_hash;
}

// A process that may have no more threads writes here.
LargeWrites::LargeWrites(io::WritableFile& file, std::uint64_t total_bytes) : here_(file) {
    buffer_.reserve(write_bytes);
    if (total_bytes < write_behind_bytes_min) return;
    try {
        behind_ = std::make_unique<WriteBehind>(file);
    } catch (const std::system_error&) {
        behind_ = nullptr;
    }
}

Result<void> LargeWrites::append(ByteView bytes) {
    while (!bytes.empty()) {
        const auto part = bytes.first(std::min(bytes.size(), write_bytes - buffer_.size()));
        buffer_.insert(buffer_.end(), part.begin(), part.end());
        bytes = bytes.subspan(part.size());
        if (buffer_.size() == write_bytes) WCMP_TRY(put());
    }
    return {};
}

Result<void> LargeWrites::flush() {
    if (!buffer_.empty()) WCMP_TRY(put());
    return behind_ ? behind_->finish() : Result<void>{};
}

Result<void> LargeWrites::put() {
    written_ += buffer_.size();
    if (behind_) {
        WCMP_TRY(behind_->write(buffer_));
    } else {
        WCMP_TRY(here_.write(buffer_));
    }
    buffer_.clear();
    buffer_.reserve(write_bytes);
    return {};
}

Result<Written> write_bundle(std::unique_ptr<io::WritableFile> file, const Header& header,
                             std::span<const Item> items, Positions positions, MessageSource& source,
                             const CommitOptions& options) {
    constexpr std::array<std::uint8_t, limits::bundle_header_bytes> no_header{};
    LargeWrites output(*file, header.file_bytes);
    WCMP_TRY(output.append(no_header));
    WCMP_TRY(encode_index(items, positions, [&](ByteView part) { return output.append(part); }));
    WCMP_ASSIGN(const auto bad, copy_messages(items, positions, source, options, output));
    if (bad) return Written{.bytes = output.written(), .first_bad = bad};
    WCMP_TRY(output.flush());
    WCMP_TRY(finish(*file, header));
    return Written{.bytes = output.written() + no_header.size()};
}

}  // namespace wcmp::bundle
