#include "bundle/read_ahead.h"

namespace wcmp::bundle {

Result<void> read_run(const Reader& reader, std::uint64_t begin, MutableBytes into) {
    const auto& header = reader.header();
    if (begin + into.size() > header.file_bytes - header.messages_offset)
        return fail(Errc::bundle, "a message is not inside its bundle");
    auto read = io::read_exactly(reader.file(), header.messages_offset + begin, into);
    if (!read && read.error().code == Errc::truncated)
        return fail(Errc::bundle, "a bundle is shorter than it says");
    return read;
}

Result<void> ReadAhead::load(const Run& run) {
    if (!window_) window_ = std::make_unique_for_overwrite<std::uint8_t[]>(window_bytes_);
    loaded_ = {};
    const auto length = static_cast<std::size_t>(run.end - run.begin);
    WCMP_TRY(read_run(*reader_, run.begin, MutableBytes(window_.get(), length)));
    loaded_ = run;
    return {};
}

ByteView ReadAhead::view(const Run& run) const {
    return {window_.get() + (run.begin - loaded_.begin), static_cast<std::size_t>(run.end - run.begin)};
}

}  // namespace wcmp::bundle
