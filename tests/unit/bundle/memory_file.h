// A file in memory whose bytes a test can alter, count and make unreadable while it is open.
#pragma once

#include "io/file.h"

#include <cerrno>
#include <memory>
#include <optional>

namespace wcmp::bundle::test {

struct FileContents {
    Bytes bytes;
    std::uint64_t claimed_size = 0;         // by status(); 0: as it is
    std::optional<std::uint64_t> bad_byte;  // readings that touch it fail
    int bad_error = EIO;
    std::size_t reads = 0;
    std::uint64_t bytes_read = 0;
    std::size_t largest_read = 0;
};

class MemoryMapping final : public io::Mapping {
public:
    explicit MemoryMapping(ByteView bytes) : bytes_(bytes) {}
    ByteView bytes() const override { return bytes_; }

private:
    ByteView bytes_;
};

class MemoryFile final : public io::ReadableFile {
public:
    explicit MemoryFile(std::shared_ptr<FileContents> contents) : contents_(std::move(contents)) {}
    explicit MemoryFile(Bytes bytes) : contents_(std::make_shared<FileContents>()) {
        contents_->bytes = std::move(bytes);
    }

    Result<std::size_t> read_at(std::uint64_t offset, MutableBytes into) const override {
        auto& file = *contents_;
        const auto size = file.bytes.size();
        const auto begin = std::min<std::uint64_t>(offset, size);
        const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), size - begin));
        if (file.bad_byte && *file.bad_byte >= begin && *file.bad_byte < begin + count)
            return fail(Errc::io, "read", file.bad_error);
        ++file.reads;
        file.bytes_read += count;
        file.largest_read = std::max(file.largest_read, count);
        std::copy_n(file.bytes.begin() + static_cast<std::ptrdiff_t>(begin), count, into.begin());
        return count;
    }

    Result<io::FileStatus> status() const override {
        io::FileStatus result;
        result.size = contents_->claimed_size != 0 ? contents_->claimed_size : contents_->bytes.size();
        return result;
    }

    Result<std::unique_ptr<io::Mapping>> map(std::uint64_t offset, std::size_t length) const override {
        if (offset + length > contents_->bytes.size()) return fail(Errc::invalid, "map beyond the file");
        return std::make_unique<MemoryMapping>(ByteView(contents_->bytes).subspan(offset, length));
    }

    Result<bool> no_writer() const override { return true; }

private:
    std::shared_ptr<FileContents> contents_;
};

}  // namespace wcmp::bundle::test
