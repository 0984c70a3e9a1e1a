#include "counting_directory.h"

namespace wcmp::bench {
namespace {

class CountedFile final : public io::WritableFile {
public:
    CountedFile(std::unique_ptr<io::WritableFile> inner, std::shared_ptr<Written> written)
        : inner_(std::move(inner)), written_(std::move(written)) {}

    Result<void> write_at(std::uint64_t offset, ByteView bytes) override {
        bytes_ += bytes.size();
        written_->bytes += bytes.size();
        written_->longest_file_bytes = std::max(written_->longest_file_bytes, bytes_);
        return inner_->write_at(offset, bytes);
    }
    Result<std::size_t> read_at(std::uint64_t offset, MutableBytes into) const override {
        return inner_->read_at(offset, into);
    }
    Result<io::FileStatus> status() const override { return inner_->status(); }
    Result<std::unique_ptr<io::Mapping>> map(std::uint64_t offset, std::size_t length) const override {
        return inner_->map(offset, length);
    }
    Result<bool> no_writer() const override { return inner_->no_writer(); }
    Result<void> start_writeback(std::uint64_t offset, std::uint64_t length) override {
        return inner_->start_writeback(offset, length);
    }
    Result<void> sync() override { return inner_->sync(); }
    Result<void> sync_data() override { return inner_->sync_data(); }
    Result<void> set_constant_times() override { return inner_->set_constant_times(); }

private:
    std::unique_ptr<io::WritableFile> inner_;
    std::shared_ptr<Written> written_;
    std::uint64_t bytes_ = 0;
};

}  // namespace

Result<std::unique_ptr<io::WritableFile>> CountingDirectory::create(std::string_view name) {
    WCMP_ASSIGN(auto file, ForwardingDirectory::create(name));
    ++written_->files;
    return std::make_unique<CountedFile>(std::move(file), written_);
}

}  // namespace wcmp::bench
